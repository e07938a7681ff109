import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { QueryAnswer, QueryParams, QueryRead, QueryTable } from '../../ports/query-engine.js';
import type { ContentTable } from '../../queries/content-table.js';
import type { ReadTransaction } from '../../steward/transactions.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { outgoingContent } from './outgoing-content.js';
import { readingFrom } from './print-content.js';
import { type RowFormat, rowWriter } from './render-rows.js';

/** A query, and where its tables come from. */
export interface AskedQuery {
  readonly sql: string;
  readonly format: RowFormat;
  readonly memoryLimit: string;
  readonly withWorkspace: ReadTransaction['withWorkspace'];
  readonly tables: (names: readonly string[]) => TE.TaskEither<CliError, readonly ContentTable[]>;
  /** Files that the query's own readers read; absent: it may call none. */
  readonly reads?: (call: QueryRead) => TE.TaskEither<CliError, ContentTable>;
  readonly params?: QueryParams;
}

/** Evaluates a query and writes the rows. */
export const answerQuery = (
  invocation: Invocation,
  { sql, format, memoryLimit, tables, reads, params, withWorkspace }: AskedQuery,
): TE.TaskEither<CliError, ExitCode> => {
  const { program, terminal } = invocation;
  const output = textOutput(invocation);
  const signal = terminal.interrupt;
  let failure: CliError | null = null;
  const onFailure = (error: CliError) => {
    failure = error;
  };
  return pipe(
    withWorkspace((workspace) =>
      program.queryEngine.query<CliError, ExitCode>(
        {
          sql,
          signal,
          workspace,
          memoryLimit,
          ...(params === undefined || Object.keys(params).length === 0 ? {} : { params }),
          ...(reads === undefined
            ? {}
            : {
                reads: (call: QueryRead) =>
                  pipe(
                    reads(call),
                    TE.map((table) => readableTable(invocation, table, onFailure)),
                  ),
              }),
          tables: (names) =>
            pipe(
              tables(names),
              TE.map((found) => found.map((table) => readableTable(invocation, table, onFailure))),
            ),
        },
        (answer) => writeRows(output.write, answer, format),
      ),
    ),
    // The engine only knows that it could not read a table.
    TE.mapLeft((error) => failure ?? error),
    TE.tapTask(() => output.flush),
  );
};

/** A table as the engine reads it; `onFailure` is told of an error of the pond, which the engine does not pass on. */
export const readableTable = (
  { terminal }: Pick<Invocation, 'terminal'>,
  table: ContentTable,
  onFailure: (error: CliError) => void = () => undefined,
): QueryTable => ({
  ...table,
  contents: table.contents.map((content) =>
    content.file === undefined
      ? outgoingContent(content, { signal: terminal.interrupt, onFailure })
      : { file: content.file },
  ),
});

const writeRows = (
  writeText: WriteText,
  { columns, batches }: QueryAnswer,
  format: RowFormat,
): TE.TaskEither<CliError, ExitCode> =>
  readingFrom(async () => {
    const writer = rowWriter(format, columns);
    let isRead = await writeText(writer.begin);
    for await (const rows of batches) {
      isRead = isRead && (await writeText(writer.batch(rows)));
      if (!isRead) break;
    }
    if (isRead) await writeText(writer.end());
    return EXIT.done;
  });

type WriteText = (text: string) => Promise<boolean>;

/** JSON is written when the result is whole, so that an error cannot come after half a document. */
const textOutput = ({
  terminal,
  options,
}: Invocation): { write: WriteText; flush: () => Promise<boolean> } => {
  if (!options.json) return { write: terminal.writeOut, flush: async () => true };
  const held: string[] = [];
  return {
    write: async (text) => {
      held.push(text);
      return true;
    },
    flush: () => terminal.writeOut(held.join('')),
  };
};
