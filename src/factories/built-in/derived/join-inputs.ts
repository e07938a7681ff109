import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type Steps, steps } from '../../../effects/steps.js';
import type { QuerySession } from '../../../ports/query-engine.js';
import { identifier } from '../../../validation/query/sql.js';
import type { DerivedProblem } from './derived-problem.js';
import { columnsIn, findColumn } from './table-columns.js';

/** A table of a session, and what of it is joined. */
export interface JoinedInput {
  readonly table: string;
  /** Name by which people know it. */
  readonly path: string;
  readonly scope: string | null;
  /** Microseconds since the epoch. */
  readonly from: number | null;
  readonly to: number | null;
}

const ZONED = 'TIMESTAMP WITH TIME ZONE';

/**
 * Writes one table with a row for each time that any input has. Inputs of one scope are pieces of one; what they say of
 * the same time must be the same. Names of columns begin with their scope.
 */
export const joinInputs = (
  session: QuerySession,
  timeColumn: string,
  inputs: readonly JoinedInput[],
): TaskEither<DerivedProblem, string> =>
  steps(async (s) => {
    const pieces = await piecesOf(s, session, timeColumn, inputs);
    const time = identifier(timeColumn);
    const scopes = [...new Set(inputs.map(({ scope }) => scope))];
    const taken = new Map([[timeColumn.toLowerCase(), 'the column of times']]);
    const tables: string[] = [];
    const columns: string[] = [];
    for (const [index, scope] of scopes.entries()) {
      const own = pieces.filter((piece) => piece.scope === scope);
      const names = new Map(own.flatMap((piece) => piece.columns.map((name) => [name.toLowerCase(), name])));
      for (const name of names.values()) {
        const other = taken.get(name.toLowerCase());
        if (other !== undefined)
          return s.fail({
            _tag: 'NotDerivable',
            message: `${own[0]?.path ?? ''} and ${other} both have a column ${name}: give one of them a scope`,
          });
        columns.push(`s${index}.${identifier(name)}`);
      }
      for (const name of names.keys()) taken.set(name, own[0]?.path ?? '');
      const rows = `SELECT DISTINCT * FROM (${own.map(({ sql }) => `(${sql})`).join(' UNION ALL BY NAME ')})`;
      await refuseSeveral(s, session, timeColumn, rows, own);
      tables.push(`s${index} AS (${rows})`);
    }
    const times = scopes.map((_, index) => `SELECT ${time} FROM s${index}`).join(' UNION ');
    const joins = scopes
      .map((_, index) => `LEFT JOIN s${index} ON s${index}.${time} = times.${time}`)
      .join(' ');
    const sql = `WITH ${tables.join(', ')}, times AS (${times}) SELECT ${[`times.${time}`, ...columns].join(', ')} FROM times ${joins} ORDER BY times.${time}`;
    return (await s.run(session.write(sql, { format: 'parquet' }))).file;
  });

interface Piece {
  readonly path: string;
  readonly scope: string | null;
  readonly sql: string;
  /** Names in the result, without that of the times. */
  readonly columns: readonly string[];
}

const piecesOf = async (
  s: Steps<DerivedProblem>,
  session: QuerySession,
  timeColumn: string,
  inputs: readonly JoinedInput[],
): Promise<readonly Piece[]> => {
  const time = identifier(timeColumn);
  const pieces: Piece[] = [];
  let first: { readonly path: string; readonly isZoned: boolean } | null = null;
  for (const { table, path, scope, from, to } of inputs) {
    const found = await s.run(columnsIn(session, table));
    const { name: timeName, type } = await s.run(findColumn(found, { name: timeColumn, path, is: 'time' }));
    const isZoned = type === ZONED;
    first ??= { path, isZoned };
    if (first.isZoned !== isZoned) {
      const zoned = isZoned ? path : first.path;
      const naive = isZoned ? first.path : path;
      return s.fail({
        _tag: 'NotDerivable',
        message: `${timeColumn} has a time zone in ${zoned} and none in ${naive}: give the one without its zone first, by a sql-derived node with timezone('UTC', ${timeColumn})`,
      });
    }
    const plain = isZoned ? identifier(timeName) : `CAST(${identifier(timeName)} AS TIMESTAMP)`;
    const others = found.filter(({ name }) => name !== timeName);
    const named = others.map(({ name }) => (scope === null ? name : `${scope}_${name}`));
    const list = others.map(
      ({ name }, index) => `${identifier(name)} AS ${identifier(named[index] ?? name)}`,
    );
    const bounds = [
      `${identifier(timeName)} IS NOT NULL`,
      ...(from === null ? [] : [`epoch_us(${plain}) >= ${from}`]),
      ...(to === null ? [] : [`epoch_us(${plain}) < ${to}`]),
    ];
    const sql = `SELECT ${[`${plain} AS ${time}`, ...list].join(', ')} FROM ${identifier(table)} WHERE ${bounds.join(' AND ')}`;
    pieces.push({ path, scope, sql, columns: named });
  }
  return pieces;
};

const refuseSeveral = async (
  s: Steps<DerivedProblem>,
  session: QuerySession,
  timeColumn: string,
  rows: string,
  own: readonly Piece[],
): Promise<void> => {
  const time = identifier(timeColumn);
  const { rows: several } = await s.run(
    session.rows(
      `SELECT CAST(${time} AS VARCHAR) FROM (${rows}) GROUP BY ${time} HAVING count(*) > 1 ORDER BY ${time} LIMIT 1`,
    ),
  );
  const [found] = several;
  if (found === undefined) return;
  const where = own.map(({ path }) => path).join(' and ');
  await s.fail({
    _tag: 'NotDerivable',
    message: `${where}: there are several rows of the time ${String(found[0])}; give each input a range, or another scope, or make one row of them by a sql-derived node`,
  });
};
