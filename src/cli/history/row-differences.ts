import { isRight } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../../domain/documents/json.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import type { Difference } from '../../domain/tree/difference.js';
import { steps } from '../../effects/steps.js';
import type { QueryAnswer } from '../../ports/query-engine.js';
import { contentFormat } from '../../queries/content-format.js';
import type { Comparison, Steward } from '../../steward/steward.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { readableTable } from '../query/answer-query.js';
import { memoryLimitAsked } from '../query/memory-limit.js';
import { readingFrom } from '../query/print-content.js';
import { tableAt } from '../query/table-at.js';

/** The rows in which two contents differ, where they were asked for as a document. */
export interface RowDifferences {
  readonly rows: readonly Json[];
}

/**
 * The rows that differ between the two ends of a difference, as multisets: a column `change` says `added` or `removed`,
 * with a key `before` and `after` where both ends have a row of that key, and `times` how often. Null for what has no
 * rows: directories, symlinks, dynamic nodes, files of other formats, what was only renamed.
 */
export const rowDifferences = (
  invocation: Invocation,
  steward: Steward,
  { from, to }: Comparison,
  difference: Difference,
  write: (answer: QueryAnswer) => Promise<RowDifferences>,
): TE.TaskEither<CliError, RowDifferences | null> => {
  const before = hasRows(difference.before, oldPath(difference));
  const after = hasRows(difference.after, difference.path);
  if (!(before || after) || isOnlyRenamed(difference)) return TE.right(null);
  return steward.read(
    ({ fs: older }) =>
      steward.read(
        ({ fs: newer, withWorkspace }) =>
          steps<CliError, RowDifferences>(async ({ run }) => {
            const ends = [
              before ? await run(tableAt(older, { name: 'before', path: oldPath(difference) })) : null,
              after ? await run(tableAt(newer, { name: 'after', path: difference.path })) : null,
            ];
            const found = ends.filter((table) => table !== null);
            return run(
              withWorkspace((workspace) =>
                invocation.program.queryEngine.query<CliError, RowDifferences>(
                  {
                    sql: comparisonQuery(before, after, invocation.given.list('key')),
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

const oldPath = (difference: Difference): PondPath =>
  difference.kind === 'renamed' ? difference.from : difference.path;

const isOnlyRenamed = (difference: Difference): boolean =>
  difference.kind === 'renamed' && !difference.hasNewContent;

const CONTENT = new Set(['file', 'table', 'series']);

const hasRows = (state: Difference['before'], path: PondPath): boolean =>
  state !== null &&
  CONTENT.has(state.entryType) &&
  isRight(contentFormat({ entryType: state.entryType, path }));

/** One aggregation over both ends: rows that are equally often in both cancel out, also where columns were added. */
const comparisonQuery = (before: boolean, after: boolean, key: readonly string[]): string => {
  const ends = [
    ...(before ? ['SELECT -1 AS pond_end, * FROM before'] : []),
    ...(after ? ['SELECT 1 AS pond_end, * FROM after'] : []),
  ];
  const rows = `SELECT sum(pond_end) AS pond_count, * EXCLUDE (pond_end) FROM (${ends.join(' UNION ALL BY NAME ')}) GROUP BY ALL HAVING sum(pond_end) <> 0`;
  if (key.length === 0)
    return `SELECT CASE WHEN pond_count < 0 THEN 'removed' ELSE 'added' END AS change, abs(pond_count)::BIGINT AS times, * EXCLUDE (pond_count) FROM (${rows}) ORDER BY ALL`;
  const columns = key.map((column) => `"${column.replaceAll('"', '""')}"`).join(', ');
  const isPaired = `min(pond_count) OVER (PARTITION BY ${columns}) < 0 AND max(pond_count) OVER (PARTITION BY ${columns}) > 0`;
  return `SELECT CASE WHEN ${isPaired} THEN CASE WHEN pond_count < 0 THEN 'before' ELSE 'after' END WHEN pond_count < 0 THEN 'removed' ELSE 'added' END AS change, abs(pond_count)::BIGINT AS times, * EXCLUDE (pond_count) FROM (${rows}) ORDER BY ${columns}, change DESC`;
};
