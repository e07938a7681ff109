import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../../domain/documents/json.js';
import type { Difference } from '../../domain/tree/difference.js';
import { steps } from '../../effects/steps.js';
import type { QueryAnswer } from '../../ports/query-engine.js';
import { endsWithRows, rowComparison } from '../../queries/row-comparison.js';
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
            return run(
              withWorkspace((workspace) =>
                invocation.program.queryEngine.query<CliError, RowDifferences>(
                  {
                    sql: rowComparison(ends, invocation.given.list('key')),
                    isOwn: true,
                    signal: invocation.terminal.interrupt,
                    workspace,
                    memoryLimit: memoryLimitAsked(invocation),
                    tables: () => TE.right(found.map((table) => readableTable(invocation, table))),
                  },
                  (answer) => readingFrom(() => write(answer)),
                ),
              ),
            );
          }),
        { operation: 'diff', at: to, signal: invocation.terminal.interrupt },
      ),
    { operation: 'diff', at: from, signal: invocation.terminal.interrupt },
  );
};
