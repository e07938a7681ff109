import { Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../../domain/paths/pond-path.js';
import { steps } from '../../../effects/steps.js';
import type { ReadTransaction } from '../../../steward/transactions.js';
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
import type { RowFormat } from '../../query/render-rows.js';
import { rowFormatAsked } from '../../query/row-format.js';
import { tableAt } from '../../query/table-at.js';

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
        ).choices(['raw', 'table', 'json', 'csv']),
      );
    declareAt(declareMemoryLimit(command));
  },
  examples: [
    ['cat /in/data.csv', 'the content as it is'],
    ['cat /in/data.csv --at 42', 'as it was after transaction 42'],
    ["cat /sensors/north --sql 'SELECT avg(value) FROM source'", 'a query over all versions of a series'],
    ['cat /sensors/north --format csv', 'Parquet as CSV'],
  ],
  run: (invocation) =>
    steps(async ({ run, take }) => {
      const path = await run(pondPath(invocation.given.operands[0]));
      const rows = take(rowsAsked(invocation));
      return run(readPond(invocation, 'cat', (transaction) => printed(invocation, transaction, path, rows)));
    }),
};

interface RowsAsked {
  readonly sql: string;
  readonly format: RowFormat;
}

/** What is asked for as rows; null for the content as it is. */
const rowsAsked = (invocation: Invocation): E.Either<UsageError, RowsAsked | null> => {
  const { given, options } = invocation;
  const sql = given.text('sql');
  const format = given.text('format') ?? (sql === undefined ? 'raw' : options.json ? 'json' : 'table');
  if (format === 'raw') {
    return sql === undefined
      ? E.right(null)
      : E.left(usage('the result of a query has no raw form', '--format table, json or csv'));
  }
  return pipe(
    rowFormatAsked(invocation),
    E.map((asked) => ({ sql: sql ?? 'SELECT * FROM source', format: asked })),
  );
};

const printed = (
  invocation: Invocation,
  { fs, txnSeq, withWorkspace }: ReadTransaction,
  path: PondPath,
  rows: RowsAsked | null,
): TE.TaskEither<CliError, ExitCode> => {
  const version = invocation.given.number('version');
  if (rows !== null) {
    // The table is there whether the query names it or not: what is not one is said.
    const tables = () =>
      pipe(
        tableAt(fs, { name: 'source', path, version }),
        TE.map((table) => [table]),
      );
    const memoryLimit = memoryLimitAsked(invocation);
    return answerQuery(invocation, { ...rows, memoryLimit, tables, withWorkspace });
  }
  return pipe(
    fs.read(path, version === undefined ? {} : { version }),
    TE.flatMap((content) => printContent(invocation, content, { path, txn_seq: txnSeq })),
  );
};
