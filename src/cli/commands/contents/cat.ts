import { Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../../domain/paths/pond-path.js';
import { steps } from '../../../effects/steps.js';
import type { ReadTransaction } from '../../../steward/shapes/transactions.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, type UsageError, usage } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { pondPath } from '../../line/pond-paths.js';
import { wholeNumber } from '../../option-values.js';
import { declareAt } from '../../pond/read-at.js';
import { readPond } from '../../pond/read-pond.js';
import { answerQuery } from '../../query/answer-query.js';
import { declareMemoryLimit, memoryLimitAsked } from '../../query/memory-limit.js';
import { printContent } from '../../query/print-content.js';
import { ROW_FORMATS, type RowFormat, rowFormatAsked } from '../../query/row-format.js';
import { tableAt } from '../../query/table-at.js';
import { inOrder, type RowsOut, untyped, writtenContent } from '../../query/written-content.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('<path>', 'a file, table, series or dynamic file; of an executable node, its configuration')
      .addOption(new Option('--version <number>', 'this version of it').argParser(wholeNumber))
      .option('--sql <query>', 'a query over the content, which is the table "source"')
      .addOption(
        new Option(
          '--format <format>',
          'raw: as it is; the others read CSV, JSON and Parquet as rows',
        ).choices(['raw', ...ROW_FORMATS]),
      );
    declareAt(declareMemoryLimit(command));
  },
  examples: [
    ['cat /in/data.csv', 'the content as it is'],
    ['cat /in/data.csv --at 42', 'as it was after transaction 42'],
    ["cat /sensors/north --sql 'SELECT avg(value) FROM source'", 'a query over all versions of a series'],
    ['cat /sensors/north --format csv', 'Parquet as CSV'],
    ['cat /sensors/north --format arrow > north.arrow', 'all rows as a file of Arrow IPC (Feather)'],
  ],
  run: (invocation) =>
    steps(async ({ run, take }) => {
      const path = await run(pondPath(invocation.given.operands[0]));
      const rows = take(rowsAsked(invocation));
      return run(readPond(invocation, 'cat', (transaction) => printed(invocation, transaction, path, rows)));
    }),
};

/** Rows that are printed, or written to a file by the engine first. `sql` null: all of them. */
type RowsAsked =
  | { readonly _tag: 'Printed'; readonly sql: string | null; readonly format: RowFormat }
  | {
      readonly _tag: 'Written';
      readonly sql: string | null;
      readonly format: Exclude<RowsOut, 'csv' | 'json'>;
    };

/** Request for rows; null for the content as it is. */
const rowsAsked = (invocation: Invocation): E.Either<UsageError, RowsAsked | null> => {
  const { given, options } = invocation;
  const sql = given.text('sql');
  const format = given.text('format') ?? (sql === undefined ? 'raw' : options.json ? 'json' : 'table');
  if (format === 'raw') {
    return sql === undefined
      ? E.right(null)
      : E.left(usage('the result of a query has no raw form', '--format table, json or csv'));
  }
  const written = WRITTEN.find((each) => each === format);
  if (written !== undefined) return E.right({ _tag: 'Written', sql: sql ?? null, format: written });
  return pipe(
    rowFormatAsked(invocation),
    E.map((asked) => ({ _tag: 'Printed', sql: sql ?? null, format: asked })),
  );
};

const WRITTEN = ['jsonl', 'parquet', 'arrow', 'arrow-stream'] as const;

const printed = (
  invocation: Invocation,
  { fs, txnSeq, withWorkspace }: ReadTransaction,
  path: PondPath,
  rows: RowsAsked | null,
): TE.TaskEither<CliError, ExitCode> => {
  const version = invocation.given.number('version');
  if (rows?._tag === 'Written') {
    const { format, sql } = rows;
    return withWorkspace((workspace) =>
      pipe(
        tableAt(fs, { name: 'source', path, version }),
        TE.flatMap((table) =>
          writtenContent(invocation, {
            table,
            format,
            workspace,
            number: 0,
            memoryLimit: memoryLimitAsked(invocation),
            sql: sql ?? inOrder(table),
          }),
        ),
        TE.flatMap((content) => printContent(invocation, content, { path, txn_seq: txnSeq })),
      ),
    );
  }
  if (rows?._tag === 'Printed') {
    // The table is there whether the query names it or not: what is not one is said.
    const { sql, format } = rows;
    const tables = () =>
      pipe(
        tableAt(fs, { name: 'source', path, version }),
        TE.map((table) => [sql === null ? untyped(table, format) : table]),
      );
    const memoryLimit = memoryLimitAsked(invocation);
    return pipe(
      sql === null ? pipe(tableAt(fs, { name: 'source', path, version }), TE.map(inOrder)) : TE.right(sql),
      TE.flatMap((query) =>
        answerQuery(invocation, {
          sql: query,
          isOwn: sql === null,
          format,
          memoryLimit,
          tables,
          withWorkspace,
        }),
      ),
    );
  }
  return pipe(
    fs.read(path, version === undefined ? {} : { version }),
    TE.flatMap((content) => printContent(invocation, content, { path, txn_seq: txnSeq })),
  );
};
