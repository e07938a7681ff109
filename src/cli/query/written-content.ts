import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { FileSystem } from '../../ports/file-system.js';
import type { QueryEngine, WrittenFile, WrittenRows } from '../../ports/query-engine.js';
import type { ContentTable } from '../../queries/content-table.js';
import type { ByteStream } from '../../tinyfs/persistence.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { readableTable } from './readable-table.js';

/** Form in which rows are written into a file. */
export type RowsOut = 'parquet' | 'csv' | 'json' | 'jsonl' | 'arrow' | 'arrow-stream';

export const ROWS_OUT: readonly RowsOut[] = ['parquet', 'csv', 'json', 'jsonl', 'arrow', 'arrow-stream'];

const WRITTEN = {
  parquet: 'parquet',
  csv: 'csv',
  json: 'json-array',
  jsonl: 'json',
  arrow: 'arrow',
  'arrow-stream': 'arrow-stream',
} as const;

/** The engine's name of a form, and what else it is told. */
export const writtenAs = (format: RowsOut): WrittenRows => ({
  format: WRITTEN[format],
  compression: 'snappy',
});

/** Rows that are written, and their form. */
export interface RowsToWrite {
  readonly table: ContentTable;
  readonly sql: string;
  readonly format: RowsOut;
  readonly memoryLimit: string;
  readonly workspace: string;
  /** Number of the content among those that are written to one workspace. */
  readonly number: number;
}

/** All rows of a content; those of a series in the order of their times. */
export const inOrder = ({ name, series }: ContentTable): string => {
  const time = series?.timeColumn ?? null;
  const order = time === null ? '' : ` ORDER BY "${time.replaceAll('"', '""')}" NULLS LAST`;
  return `SELECT * FROM ${name}${order}`;
};

/** The table, whose values stay as they are where CSV becomes CSV without a query: nothing has to be found out about them. */
export const untyped = (table: ContentTable, format: string): ContentTable =>
  table.format === 'csv' && format === 'csv' ? { ...table, values: 'exact' } : table;

/** Writes the rows of a query over one content to a file in the workspace, and returns it as a content. */
export const writtenContent =
  (
    invocation: Invocation & {
      readonly program: { readonly queryEngine: QueryEngine; readonly files: FileSystem };
    },
    { table, sql, format, memoryLimit, workspace, number }: RowsToWrite,
  ): TE.TaskEither<CliError, ByteStream> =>
  async () => {
    const { program, terminal } = invocation;
    let failure: CliError | null = null;
    const readable = readableTable(invocation, table, (error) => {
      failure = error;
    });
    const written = await program.queryEngine.session<CliError, WrittenFile>(
      [readable],
      { signal: terminal.interrupt, workspace, memoryLimit, outputs: number },
      (session) => session.write(sql, writtenAs(format)),
    )();
    if (isLeft(written)) return left(failure ?? written.left);
    return right(program.files.streamFile(written.right.file));
  };
