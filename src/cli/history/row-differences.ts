import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../../domain/documents/json.js';
import type { Difference } from '../../domain/tree/difference.js';
import { steps } from '../../effects/steps.js';
import type { QueryAnswer } from '../../ports/query-engine.js';
import { columnsCompared, endsWithRows, lackOfKey, rowComparison } from '../../queries/row-comparison.js';
import type { Comparison } from '../../steward/comparisons.js';
import type { Steward } from '../../steward/steward.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { memoryLimitAsked } from '../query/memory-limit.js';
import { readingFrom } from '../query/print-content.js';
import { readableTable } from '../query/readable-table.js';
import { tableAt } from '../query/table-at.js';

/** The rows in which two contents differ, where they were asked for as a document. */
export interface RowDifferences {
  readonly rows: readonly Json[];
}

/** The rows that differ between the two ends of a difference, however many there are. Null for what has no rows. */
export const rowDifferences = (
  invocation: Invocation,
  steward: Steward,
  { from, to }: Comparison,
  difference: Difference,
  write: (answer: QueryAnswer) => Promise<RowDifferences>,
): TE.TaskEither<CliError, RowDifferences | null> => {
  const ends = endsWithRows(difference);
  if (ends === null) return TE.right(null);
  return steward.read(
    ({ fs: older }) =>
      steward.read(
        ({ fs: newer, withWorkspace }) =>
          steps<CliError, RowDifferences>(async ({ run }) => {
            const { before, after } = ends;
            const tables = [
              before === null ? null : await run(tableAt(older, { name: 'before', path: before })),
              after === null ? null : await run(tableAt(newer, { name: 'after', path: after })),
            ];
            const found = tables.filter((table) => table !== null);
            const key = invocation.given.list('key');
            const ask = <A>(sql: string, use: (answer: QueryAnswer) => Promise<A>) =>
              withWorkspace((workspace) =>
                invocation.program.queryEngine.query<CliError, A>(
                  {
                    sql,
                    isOwn: true,
                    signal: invocation.terminal.interrupt,
                    workspace,
                    memoryLimit: memoryLimitAsked(invocation),
                    tables: () => TE.right(found.map((table) => readableTable(invocation, table))),
                  },
                  (answer) => readingFrom(() => use(answer)),
                ),
              );
            return run(
              pipe(
                ask(rowComparison(ends, key), write),
                TE.orElse((error) =>
                  key.length === 0 || error._tag !== 'QueryFailed'
                    ? TE.left(error)
                    : pipe(
                        ask(columnsCompared(ends), namesIn),
                        TE.flatMap((columns) =>
                          TE.left<CliError>(lackOfKey(difference.path, key, columns) ?? error),
                        ),
                      ),
                ),
              ),
            );
          }),
        { operation: 'diff', at: to, signal: invocation.terminal.interrupt },
      ),
    { operation: 'diff', at: from, signal: invocation.terminal.interrupt },
  );
};

const namesIn = async ({ batches }: QueryAnswer): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const rows of batches) names.push(...rows.map(([name]) => String(name)));
  return names;
};
