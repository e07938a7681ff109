import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Query, QueryAnswer, QueryParams, QueryRead } from '../../ports/query-engine.js';
import type { ContentTable } from '../../queries/content-table.js';
import type { ReadTransaction } from '../../steward/shapes/transactions.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { readingFrom } from './print-content.js';
import { queryProgress } from './query-progress.js';
import { readableTable } from './readable-table.js';
import { type PrintedFormat, rowWriter } from './render-rows.js';
import { isPrinted, type RowFormat } from './row-format.js';
import { writtenAs } from './written-content.js';

/** A query, and where its tables come from. */
export interface AskedQuery {
  readonly sql: string;
  /** Tells whether the SQL is this program's own. Default: it is the user's. */
  readonly isOwn?: boolean;
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
  { sql, isOwn = false, format, memoryLimit, tables, reads, params, withWorkspace }: AskedQuery,
): TE.TaskEither<CliError, ExitCode> => {
  const { program, terminal } = invocation;
  let failure: CliError | null = null;
  const readable = TE.map((table: ContentTable) =>
    readableTable(invocation, table, (error) => {
      failure = error;
    }),
  );
  const progress = queryProgress(invocation);
  const query = (workspace: string): Query<CliError> => ({
    sql,
    isOwn,
    workspace,
    memoryLimit,
    signal: terminal.interrupt,
    ...progress.asked,
    ...(params === undefined || Object.keys(params).length === 0 ? {} : { params }),
    ...(reads === undefined ? {} : { reads: (call: QueryRead) => readable(reads(call)) }),
    tables: (names) =>
      pipe(
        tables(names),
        TE.flatMap(TE.traverseSeqArray((table) => readable(TE.right<CliError, ContentTable>(table)))),
      ),
  });
  const output = textOutput(invocation);
  const asked = (workspace: string): TE.TaskEither<CliError, ExitCode> =>
    isPrinted(format)
      ? program.queryEngine.query<CliError, ExitCode>(query(workspace), (answer) => {
          return writeRows(progress.before(output.write), answer, format);
        })
      : program.queryEngine.written<CliError, ExitCode>(query(workspace), writtenAs(format), (bytes) =>
          writeBytes(progress.before(terminal.writeOut), bytes),
        );
  return pipe(
    withWorkspace(asked),
    // The engine only knows that it could not read a table.
    TE.mapLeft((error) => failure ?? error),
    TE.tapIO(() => progress.end),
    TE.tapError(() => TE.fromIO(progress.end)),
    TE.tapTask(() => output.flush),
  );
};

const writeRows = (
  writeText: WriteText,
  { columns, batches }: QueryAnswer,
  format: PrintedFormat,
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

const writeBytes = (
  write: (bytes: Uint8Array) => Promise<boolean>,
  bytes: AsyncIterable<Uint8Array>,
): TE.TaskEither<CliError, ExitCode> =>
  readingFrom(async () => {
    for await (const piece of bytes) if (!(await write(piece))) break;
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
