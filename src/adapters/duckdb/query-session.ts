import type { DuckDBConnection } from '@duckdb/node-api';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { Json } from '../../domain/documents/json.js';
import type { MisfitValue, QueryFailed, QuerySession, TextByWords } from '../../ports/query-engine.js';
import { isMisfitOf, isUsualNullIn } from './csv/csv-kinds.js';
import { lineOf } from './csv/csv-misfit.js';
import type { TableFiles } from './files/table-files.js';
import type { EngineWords } from './messages/engine-messages.js';
import type { ExactRows } from './rows/exact-rows.js';
import { jsonRows } from './rows/json-rows.js';
import { writeRows } from './rows/write-rows.js';
import { identifier } from './statements/sql-text.js';
import type { MadeTable } from './tables/make-table.js';

/** Connections, names and outputs of a session. */
export interface OpenSession {
  /** Throws where a query may not be asked. */
  readonly check: (sql: string) => Promise<void>;
  /** A connection that can open the files of its tables and write the outputs, and nothing else. */
  readonly connection: DuckDBConnection;
  readonly words: EngineWords;
  readonly outputs: readonly string[];
  /** The first file of each table, by the table's name. */
  readonly files: ReadonlyMap<string, string>;
  /** Facts about each table, by its name. */
  readonly made: ReadonlyMap<TableFiles, MadeTable>;
  /** The query that writes the rows of another one as they are. */
  readonly exact: ExactRows;
}

/** Queries over tables that are there already. Each is one statement that asks; only this writes, and only outputs. */
export const sessionOver = ({
  check,
  connection,
  words,
  outputs,
  files,
  made,
  exact,
}: OpenSession): QuerySession => {
  const unused = [...outputs];
  return {
    rows: (sql) =>
      answering(words, async () => {
        await check(sql);
        const answer = await connection.stream(sql);
        const rows: (readonly Json[])[] = [];
        for await (const batch of jsonRows(answer)) rows.push(...batch);
        return { columns: answer.deduplicatedColumnNames(), rows };
      }),
    write: (sql, as) =>
      answering(words, async () => {
        await check(sql);
        const file = unused.shift();
        if (file === undefined) throw new Error('a session writes few files');
        return { file, rows: await writeRows(connection, { sql, as, file, files, exact }) };
      }),
    textByWords: answering(words, async () => {
      const found: TextByWords[] = [];
      for (const [{ table }, { textByWords }] of made)
        for (const { column, type } of textByWords) {
          const text = identifier(column);
          const answer = await connection.runAndReadAll(
            `SELECT DISTINCT trim(${text}) AS word FROM ${identifier(table.name)} WHERE ${isUsualNullIn(text)} ORDER BY word LIMIT ${MOST_WORDS}`,
          );
          found.push({ column, type, words: answer.getRows().map(([word]) => String(word)) });
        }
      return found;
    }),
    misfits: answering(words, async () => {
      const found: MisfitValue[] = [];
      for (const [{ table, files: ofTable }, { misfits }] of made)
        for (const { column, type } of misfits) {
          const isMisfit = isMisfitOf(type, identifier(column));
          if (isMisfit === null) continue;
          const answer = await connection.runAndReadAll(
            `SELECT ${identifier(column)} FROM ${identifier(table.name)} WHERE ${isMisfit} LIMIT 1`,
          );
          const [row] = answer.getRows();
          if (row === undefined) continue;
          const text = String(row[0]);
          const line = await lineOf({ file: ofTable[0] ?? '', column, value: text }, table);
          found.push({ column, text, line });
        }
      return found;
    }),
  };
};

/** Words of a column that are named. */
const MOST_WORDS = 5;

const answering =
  <A>(words: EngineWords, work: () => Promise<A>) =>
  async (): Promise<Either<QueryFailed, A>> => {
    try {
      return right(await work());
    } catch (thrown) {
      return left(await words(thrown));
    }
  };
