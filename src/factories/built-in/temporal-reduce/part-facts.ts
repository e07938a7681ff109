import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import type { QuerySession } from '../../../ports/query-engine.js';
import { identifier, quoted } from '../../../validation/query/sql.js';
import type { DerivedProblem } from '../derived/derived-problem.js';
import {
  bucketedRows,
  type ColumnTypes,
  columnsOf,
  type Reduction,
  type Runs,
  runsQuery,
} from './reduction.js';
import { fewRuns } from './runs.js';

/** The name of the table of one part. */
export const partTable = (part: number): string => `part ${part}`;

/** Tables that one question is about, at most. */
const AT_ONCE = 100;

/** The types of the reduced columns in each of so many tables of parts. */
export const typesOfParts = (
  session: QuerySession,
  reduction: Reduction,
  count: number,
): TaskEither<DerivedProblem, readonly ColumnTypes[]> =>
  steps(async (s) => {
    const columns = columnsOf(reduction);
    const wanted = columns.map((name) => quoted(name.toLowerCase())).join(', ');
    const found = Array.from({ length: count }, () => new Map<string, string>());
    for (let start = 0; start < count; start += AT_ONCE) {
      const described = found.slice(start, start + AT_ONCE).map((_, index) => {
        const table = identifier(partTable(start + index));
        return `SELECT ${start + index}, lower(column_name), column_type FROM (DESCRIBE SELECT * FROM ${table}) WHERE lower(column_name) IN (${wanted})`;
      });
      const { rows } = await s.run(session.rows(described.join(' UNION ALL ')));
      for (const [part, name, type] of rows) found[Number(part)]?.set(String(name), String(type));
    }
    return found.map((types) => columns.map((name) => types.get(name.toLowerCase()) ?? null));
  });

/** The buckets of each part's rows, in a table of all of them. */
export const runsOfParts = (
  session: QuerySession,
  reduction: Reduction,
  {
    table,
    types,
    has,
    numbered,
    count,
  }: {
    readonly table: string;
    readonly types: ColumnTypes;
    readonly has: (column: number) => boolean;
    readonly numbered: string | null;
    readonly count: number;
  },
): TaskEither<DerivedProblem, readonly Runs[]> =>
  steps(async (s) => {
    const found = Array.from({ length: count }, (): [number, number][] => []);
    const { rows } = await s.run(
      session.rows(runsQuery(bucketedRows(reduction, table, types, has, numbered))),
    );
    for (const [part, from, to] of rows) found[Number(part)]?.push([Number(from), Number(to)]);
    return found.map((runs) => fewRuns(runs));
  });
