import { createWriteStream, promises } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as after } from 'node:timers/promises';
import type { DuckDBConnection, DuckDBResult } from '@duckdb/node-api';
import type { QueryFailed, QueryParams, WrittenRows } from '../../../ports/query-engine.js';
import { arrowBytes } from '../arrow/arrow-bytes.js';
import { csvHead } from '../csv/csv-head.js';
import { isPlan } from '../messages/engine-messages.js';
import { quoted } from '../statements/sql-text.js';
import { type ExactRows, exactRows } from './exact-rows.js';

/** A query that was checked as one, and where its rows go. */
export interface RowsToFile {
  readonly sql: string;
  readonly as: WrittenRows;
  /** A file that the connection may write. */
  readonly file: string;
  /** The first file of each table, by the table's name. */
  readonly files: ReadonlyMap<string, string>;
  readonly params?: QueryParams | undefined;
  /** Default: {@link exactRows}. */
  readonly exact?: ExactRows;
}

/** Writes the rows of a query to a file, and returns how many they are. */
export const writeRows = async (connection: DuckDBConnection, rows: RowsToFile): Promise<number> => {
  const { as, file, files, exact = exactRows } = rows;
  const params = rows.params === undefined ? undefined : { ...rows.params };
  if (as.format === 'arrow' || as.format === 'arrow-stream') {
    const answer = notAPlan(await connection.stream(rows.sql, params));
    const form = as.format === 'arrow' ? 'file' : 'stream';
    let count = 0;
    const bytes = arrowBytes(answer, form, (more) => {
      count += more;
    });
    await pipeline(Readable.from(bytes), createWriteStream(file, { mode: 0o600 }));
    return count;
  }
  const options = [...(await optionsOf(as, as.format, files)), 'USE_TMP_FILE false'];
  const sql =
    as.format === 'csv'
      ? rows.sql
      : await exact(connection, { sql: rows.sql, params }, as.format === 'parquet' ? 'parquet' : 'json');
  // A comment at the end of the query ends with its line.
  const written = await connection.runAndReadAll(
    `COPY (\n${sql}\n) TO ${quoted(file)} (${options.join(', ')})`,
    params,
  );
  return Number(written.getRows()[0]?.[0] ?? 0);
};

/** A plan names files; the other formats refuse `EXPLAIN` by their syntax. */
const notAPlan = (answer: DuckDBResult): DuckDBResult => {
  if (!isPlan(answer.columnNames())) return answer;
  throw {
    _tag: 'QueryFailed',
    message: 'a plan is shown as a table or as JSON, and not written',
  } satisfies QueryFailed;
};

/**
 * The rows of a query as bytes, while they are computed: what is not Arrow is read from its file while that grows. A piece may be
 * overwritten by the next one.
 */
export async function* rowBytes(connection: DuckDBConnection, rows: RowsToFile): AsyncGenerator<Uint8Array> {
  const { as, sql, params } = rows;
  if (as.format === 'arrow' || as.format === 'arrow-stream') {
    const answer = notAPlan(await connection.stream(sql, params === undefined ? undefined : { ...params }));
    yield* arrowBytes(answer, as.format === 'arrow' ? 'file' : 'stream');
    return;
  }
  // The file is there before anything is written, so that it can be opened.
  const reading = await promises.open(rows.file, 'w+', 0o600);
  const piece = Buffer.allocUnsafeSlow(PIECE);
  let hasEnded = false;
  const writing = writeRows(connection, rows).finally(() => {
    hasEnded = true;
  });
  // Whoever stops reading does not hear of it.
  writing.catch(() => undefined);
  try {
    for (let at = 0; ; ) {
      const wasWritten = hasEnded;
      const { bytesRead } = await reading.read(piece, 0, PIECE, at);
      if (bytesRead > 0) yield piece.subarray(0, bytesRead);
      else if (wasWritten) break;
      else await Promise.race([writing, after(LOOK_EVERY)]);
      at += bytesRead;
    }
    await writing;
  } finally {
    while (!hasEnded) {
      connection.interrupt();
      await after(LOOK_EVERY);
    }
    await reading.close();
  }
}

/** Bytes that are read at once. */
const PIECE = 256 * 1024;

/** Milliseconds between two looks at a file that grows. */
const LOOK_EVERY = 10;

const optionsOf = async (
  { like, compression = 'zstd' }: WrittenRows,
  format: Exclude<WrittenRows['format'], 'arrow' | 'arrow-stream'>,
  files: RowsToFile['files'],
): Promise<readonly string[]> => {
  switch (format) {
    case 'parquet':
      return ['FORMAT parquet', `COMPRESSION ${compression}`];
    case 'json':
      return ['FORMAT json'];
    case 'json-array':
      return ['FORMAT json', 'ARRAY true'];
    case 'csv': {
      const file = like === undefined ? undefined : (files.get(like) ?? '');
      const delimiter =
        file === undefined ? ',' : ((await csvHead(file, file, {}, 'query'))?.delimiter ?? ',');
      return ['FORMAT csv', 'HEADER', `DELIMITER ${quoted(delimiter)}`];
    }
  }
};
