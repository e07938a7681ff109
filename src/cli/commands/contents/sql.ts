import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import type { Steward } from '../../../steward/steward.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, type UsageError, usage } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { declareAt, readAt } from '../../pond/read-at.js';
import { withPond } from '../../pond/with-pond.js';
import { answerQuery } from '../../query/answer-query.js';
import { declareMemoryLimit, memoryLimitAsked } from '../../query/memory-limit.js';
import { pondTables } from '../../query/pond-tables.js';
import type { RowFormat } from '../../query/render-rows.js';
import { declareRowFormat, rowFormatAsked } from '../../query/row-format.js';
import { describeFailure } from '../../words/describe-cli-error.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command.argument(
      '<query>',
      'SQL over tables, series, CSV and JSON by their path (in quotes), and over nodes and control_table',
    );
    declareAt(declareMemoryLimit(declareRowFormat(command)));
  },
  examples: [
    [`sql "SELECT * FROM '/weather/today.csv' LIMIT 3"`, 'a file by its path'],
    [`sql "SELECT * FROM '/in/a.parquet' JOIN '/in/b.csv' USING (id)"`, 'two of them'],
    ["sql 'SELECT file_type, count(*), sum(size) FROM nodes GROUP BY file_type'", 'what is in the pond'],
    [`sql "SELECT * FROM control_table WHERE record_type = 'post_commit_failed'"`, 'what fails'],
  ],
  run: (invocation) =>
    steps(async ({ run, take }) => {
      const format = take(rowFormatAsked(invocation));
      const sql = take(queryGiven(invocation));
      return run(pipe(invocation, withPond(answering(invocation, { format, sql }))));
    }),
};

const answering =
  (invocation: Invocation, query: { readonly format: RowFormat; readonly sql: string }) =>
  (steward: Steward): TE.TaskEither<CliError, ExitCode> =>
    pipe(
      readAt(invocation, steward),
      TE.flatMap((at) =>
        steward.read(
          ({ fs, withWorkspace }) =>
            answerQuery(invocation, {
              ...query,
              memoryLimit: memoryLimitAsked(invocation),
              tables: pondTables({ steward, fs }, query.sql),
              withWorkspace,
            }),
          { operation: 'sql', describe: describeFailure, at, signal: invocation.terminal.interrupt },
        ),
      ),
    );

const queryGiven = ({ given }: Invocation): E.Either<UsageError, string> => {
  const [sql = ''] = given.operands;
  return sql.trim() === '' ? E.left(usage('the query is empty')) : E.right(sql);
};
