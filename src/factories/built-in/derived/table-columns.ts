import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import type { QuerySession } from '../../../ports/query-engine.js';
import { identifier } from '../../../validation/query/sql.js';
import type { DerivedProblem } from './derived-problem.js';

export interface Column {
  readonly name: string;
  /** The type in the engine's words. */
  readonly type: string;
}

/** The columns of a table of a session. */
export const columnsIn = (
  session: QuerySession,
  table: string,
): TaskEither<DerivedProblem, readonly Column[]> =>
  steps(async (s) => {
    const { rows } = await s.run(session.rows(`DESCRIBE SELECT * FROM ${identifier(table)}`));
    return rows.map(([name, type]) => ({ name: String(name), type: String(type) }));
  });

/** Tells whether an aggregate adds values up. */
export const isComputed = (aggregate: string): boolean => ['avg', 'sum', 'stddev'].includes(aggregate);

/** A column that is wanted, and of what. */
export interface WantedColumn {
  readonly name: string;
  readonly path: string;
  /** `time`: its values must be times; `time-or-integer`: or integers, whose unit is known; `computed`: they are added up, so no text. */
  readonly is: 'time' | 'time-or-integer' | 'value' | 'computed';
}

/** The column of a name, upper and lower case alike; an error that names those that there are. */
export const findColumn =
  (columns: readonly Column[], { name, path, is }: WantedColumn): TaskEither<DerivedProblem, Column> =>
  async () => {
    const problem = (message: string) =>
      ({ _tag: 'Left', left: { _tag: 'NotDerivable', message: `${path}: ${message}` } }) as const;
    const found = columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
    if (found === undefined)
      return problem(
        `there is no column ${name}; its columns are ${columns.map((each) => each.name).join(', ')}`,
      );
    if (is === 'computed' && found.type === 'VARCHAR')
      return problem(
        `the column ${found.name} is text, which cannot be added up; a sql-derived node can make numbers of it, with TRY_CAST`,
      );
    if (is === 'value' || is === 'computed' || TIMES.test(found.type)) return { _tag: 'Right', right: found };
    if (is === 'time' || found.type !== 'BIGINT')
      return problem(
        `the column ${found.name} has values of type ${found.type}, which does not hold times; a sql-derived node can make times of them, with to_timestamp or strptime`,
      );
    return { _tag: 'Right', right: found };
  };

const TIMES = /^(?:DATE|TIMESTAMP.*)$/;
