import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type UsageError, usage } from '../../errors.js';
import { declareAt, readAt } from '../../pond/read-at.js';
import { withPond } from '../../pond/with-pond.js';
import { answerQuery } from '../../query/answer-query.js';
import { declareMemoryLimit, memoryLimitAsked } from '../../query/memory-limit.js';
import { pondTables } from '../../query/pond-tables.js';
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
    pipe(
      TE.Do,
      TE.bind('format', () => TE.fromEither(rowFormatAsked(invocation))),
      TE.bind('sql', () => TE.fromEither(queryGiven(invocation))),
      TE.flatMap((query) =>
        pipe(
          invocation,
          withPond((steward) =>
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
            ),
          ),
        ),
      ),
    ),
};

const queryGiven = ({ given }: Invocation): E.Either<UsageError, string> => {
  const [sql = ''] = given.operands;
  return sql.trim() === '' ? E.left(usage('the query is empty')) : E.right(sql);
};
