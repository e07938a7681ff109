import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import type { QueryTable } from '../../../ports/query-engine.js';
import type { Work } from '../derived/derived-content.js';
import type { DerivedProblem } from '../derived/derived-problem.js';
import { type Input, PART_NUMBER, tableOf } from '../derived/inputs.js';
import { columnsIn, findColumn, isComputed } from '../derived/table-columns.js';
import { partTable, runsOfParts, typesOfParts } from './part-facts.js';
import type { Reduced } from './reduce-state.js';
import { aggregated, bucketedRows, columnsOf, inOrder, isInstant, type Reduction } from './reduction.js';

const SOURCE = 'source';
const ALL = 'all rows';

/** Computes all buckets, and what there is to remember of each content. */
export const reduceAll = (
  work: Work,
  input: Input,
  reduction: Reduction,
): TaskEither<DerivedProblem, Reduced> =>
  steps(async (s) => {
    const { parts } = input;
    const numbered = input.format === 'parquet' ? PART_NUMBER : null;
    const tables: QueryTable[] = [
      await s.run(tableOf(input, parts, { name: SOURCE, rows: 'as-series' })),
      await s.run(tableOf(input, parts, { name: ALL, rows: 'all' })),
    ];
    for (const [index, part] of parts.entries())
      tables.push(await s.run(tableOf(input, [part], { name: partTable(index), rows: 'as-series' })));
    return s.run(
      work.engine.session<DerivedProblem, Reduced>(tables, work.bounds, (session) =>
        steps(async (inner) => {
          const found = await inner.run(columnsIn(session, SOURCE));
          const types: string[] = [];
          for (const [index, name] of columnsOf(reduction).entries()) {
            const is = index > 0 ? useOf(reduction, name) : hasUnit(input, name) ? 'time-or-integer' : 'time';
            types.push((await inner.run(findColumn(found, { name, path: input.path, is }))).type);
          }
          const has = () => true;
          if (reduction.timezone !== null && !isInstant(types[0]))
            return inner.fail({
              _tag: 'NotDerivable',
              message: `${input.path}: its times are in no zone, so that their days are those of the clock that wrote them; leave timezone away, or say with pond series --timezone where that clock stands`,
            });
          const partTypes = await inner.run(typesOfParts(session, reduction, parts.length));
          // Also of rows that do not count: without another content they would.
          const about = { table: ALL, types, has, numbered, count: parts.length };
          const runs = await inner.run(runsOfParts(session, reduction, about));
          // Contents that are not told apart have the buckets of all.
          const runsOf = (index: number) => runs[numbered === null ? 0 : index] ?? [];
          const rows = bucketedRows(reduction, SOURCE, types, has, null);
          const sql = `${aggregated(reduction, types, rows)} ${inOrder(reduction)}`;
          const { file } = await inner.run(session.write(sql, { format: 'parquet' }));
          return {
            file,
            state: {
              types,
              parts: parts.map(({ digest }, index) => ({
                digest,
                types: partTypes[index] ?? [],
                runs: runsOf(index),
              })),
            },
          };
        }),
      ),
    );
  });

/** Tells whether it is known of which unit a column of plain integers is. */
const hasUnit = ({ series, timeUnit }: Input, column: string): boolean =>
  timeUnit !== null && series?.timeColumn?.toLowerCase() === column.toLowerCase();

/** Use that is made of a column's values. */
const useOf = ({ aggregates }: Reduction, name: string): 'computed' | 'value' =>
  aggregates.some(({ column, aggregate }) => column === name && isComputed(aggregate)) ? 'computed' : 'value';
