import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../../domain/documents/json.js';
import type { Difference } from '../../domain/tree/difference.js';
import { steps } from '../../effects/steps.js';
import type { QueryAnswer } from '../../ports/query-engine.js';
import { differingRows, endsWithRows, type RowsCompared } from '../../queries/row-comparison.js';
import type { Comparison } from '../../steward/shapes/comparisons.js';
import type { ReadTransaction } from '../../steward/shapes/transactions.js';
import type { Steward } from '../../steward/steward.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';
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
  const compared = { path: difference.path, ends, key: invocation.given.list('key') };
  const options = { operation: 'diff', signal: invocation.terminal.interrupt };
  return steward.read(
    ({ fs: older }) =>
      steward.read((newer) => differencesIn(invocation, compared, { older, newer }, write), {
        ...options,
        at: to,
      }),
    { ...options, at: from },
  );
};

const differencesIn = (
  invocation: Invocation,
  compared: RowsCompared,
  { older, newer }: { readonly older: PondReader; readonly newer: ReadTransaction },
  write: (answer: QueryAnswer) => Promise<RowDifferences>,
): TE.TaskEither<CliError, RowDifferences> =>
  steps(async ({ run }) => {
    const { before, after } = compared.ends;
    const tables = [
      ...(before === null ? [] : [await run(tableAt(older, { name: 'before', path: before }))]),
      ...(after === null ? [] : [await run(tableAt(newer.fs, { name: 'after', path: after }))]),
    ];
    const ask = <A>(sql: string, use: (answer: QueryAnswer) => Promise<A>) =>
      newer.withWorkspace((workspace) =>
        invocation.program.queryEngine.query<CliError, A>(
          {
            sql,
            isOwn: true,
            signal: invocation.terminal.interrupt,
            workspace,
            memoryLimit: memoryLimitAsked(invocation),
            tables: () => TE.right(tables.map((table) => readableTable(invocation, table))),
          },
          (answer) => readingFrom(() => use(answer)),
        ),
      );
    return run(
      differingRows<CliError, RowDifferences>(
        compared,
        (sql) => ask(sql, write),
        (sql) => ask(sql, namesIn),
      ),
    );
  });

const namesIn = async ({ batches }: QueryAnswer): Promise<readonly string[]> => {
  const names: string[] = [];
  for await (const rows of batches) names.push(...rows.map(([name]) => String(name)));
  return names;
};
