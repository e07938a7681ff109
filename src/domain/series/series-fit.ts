import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { SeriesColumn, SeriesContract, TimeUnit } from './series-contract.js';
import { hasTimeType, holdsTimes, NAIVE_TIMESTAMP, UTC_TIMESTAMP, widerType } from './series-types.js';

/** A version that does not keep to the contract of its series. Nothing of it is stored. */
export interface SchemaConflict {
  readonly _tag: 'SchemaConflict';
  readonly path: string;
  readonly column: string;
  /** The column's type in the series, of `spaces` the name that it has there; null: it has no such column. */
  readonly expected: string | null;
  /** Its type in what was to be appended; null: it is not there. */
  readonly found: string | null;
  /**
   * `type`: another kind of value. `new-column`, `missing-column`, `wider`: the schema is strict. `time-column`: it is not
   * there, or holds no times. `spaces`: a new column is called like one of the series, but for spaces around its name. `zone`: times with a zone beside times without one. `unit`: plain integers of another unit.
   */
  readonly reason:
    | 'type'
    | 'new-column'
    | 'missing-column'
    | 'wider'
    | 'time-column'
    | 'spaces'
    | 'zone'
    | 'unit';
  /** Names of the columns that are there, where that of the times is not. */
  readonly columns?: readonly string[];
  /** The file of the host's that was to be appended, where one of several was. */
  readonly source?: string;
  /** The first value that keeps the column from being what it is in the series, where it was made of CSV, and its line, from 1. */
  readonly value?: { readonly text: string; readonly line: number | null };
}

/** Facts about a version that is to be appended. */
export interface NewVersion {
  readonly columns: readonly SeriesColumn[];
  /** Unit of its times where they are plain integers and there are any. */
  readonly timeUnit: TimeUnit | null;
}

/** Names under which an event time is looked for, the likeliest first; upper and lower case are the same. */
const USUAL_NAMES = ['timestamp', 'time', 'date', 'datetime'];

/** The column by which rows are ordered in time: one with a usual name, else the first with the type of a time. */
export const likelyTimeColumn = (columns: readonly SeriesColumn[]): SeriesColumn | null => {
  const usual = USUAL_NAMES.flatMap((usualName) =>
    columns.filter(({ name, type }) => name.toLowerCase() === usualName && holdsTimes(type)),
  );
  return usual[0] ?? columns.find(({ type }) => hasTimeType(type)) ?? null;
};

/** The column of that name, upper and lower case alike. */
export const columnNamed = (columns: readonly SeriesColumn[], name: string): SeriesColumn | undefined =>
  columns.find((column) => column.name === name) ??
  columns.find((column) => column.name.toLowerCase() === name.toLowerCase());

/** Digits of the widest decimals that are read exactly. */
const MOST_DIGITS = 38;

/** Problem of columns that the rows of several versions could not be read with; null: there is none. */
export const unreadableColumns = (columns: readonly SeriesColumn[]): string | null => {
  const named = new Map<string, string>();
  for (const { name, type } of columns) {
    const other = named.get(name.toLowerCase());
    if (other !== undefined)
      return `its columns "${other}" and "${name}" differ in upper and lower case only, by which columns of a series are not told apart`;
    named.set(name.toLowerCase(), name);
    const wide = [...type.matchAll(/\bDECIMAL\((\d+),\d+\)/g)].find(
      ([, digits]) => Number(digits) > MOST_DIGITS,
    );
    if (wide !== undefined)
      return `its column "${name}" is ${type}; numbers of more than ${MOST_DIGITS} digits cannot be read exactly`;
  }
  return null;
};

/** The contract with one more version, or why that version does not keep to it. `path` is for the error. */
export const fitVersion = (
  contract: SeriesContract,
  { columns, timeUnit }: NewVersion,
  path: string,
): Either<SchemaConflict, SeriesContract> => {
  const conflict = (fields: Omit<SchemaConflict, '_tag' | 'path'>): Either<SchemaConflict, never> =>
    left({ _tag: 'SchemaConflict', path, ...fields });
  const { timeColumn } = contract;
  const known = contract.columns ?? [];
  if (timeColumn !== null) {
    const time = columnNamed(columns, timeColumn);
    const expected = columnNamed(known, timeColumn)?.type ?? null;
    const about = { column: timeColumn, expected, found: time?.type ?? null };
    if (time === undefined)
      return conflict({ ...about, reason: 'time-column', columns: columns.map(({ name }) => name) });
    if (!holdsTimes(time.type)) return conflict({ ...about, reason: 'time-column' });
    if (
      expected !== null &&
      expected !== time.type &&
      !(isZoned(expected, time.type) && contract.timezone !== null)
    )
      return conflict({ ...about, reason: isZoned(expected, time.type) ? 'zone' : 'type' });
    if (contract.timeUnit !== null && timeUnit !== null && contract.timeUnit !== timeUnit)
      return conflict({
        column: timeColumn,
        expected: `BIGINT (${UNITS[contract.timeUnit]})`,
        found: `BIGINT (${UNITS[timeUnit]})`,
        reason: 'unit',
      });
  }
  const merged: SeriesColumn[] = [];
  for (const column of known) {
    const found = columnNamed(columns, column.name);
    if (found === undefined) {
      if (contract.schema === 'strict')
        return conflict({
          column: column.name,
          expected: column.type,
          found: null,
          reason: 'missing-column',
        });
      merged.push(column);
      continue;
    }
    const isTime = timeColumn !== null && column.name.toLowerCase() === timeColumn.toLowerCase();
    const type = isTime ? timeType(column.type, found.type) : widerType(column.type, found.type);
    const about = { column: column.name, expected: column.type, found: found.type };
    if (type === null && contract.schema !== 'any') return conflict({ ...about, reason: 'type' });
    if (type !== column.type && !isTime && contract.schema === 'strict')
      return conflict({ ...about, reason: 'wider' });
    merged.push({ name: column.name, type: type ?? 'VARCHAR' });
  }
  for (const column of columns) {
    if (columnNamed(known, column.name) !== undefined) continue;
    const like = known.find(({ name }) => bare(name) === bare(column.name));
    if (like !== undefined && contract.schema !== 'any')
      return conflict({ column: column.name, expected: like.name, found: column.type, reason: 'spaces' });
    if (contract.schema === 'strict' && contract.columns !== null)
      return conflict({ column: column.name, expected: null, found: column.type, reason: 'new-column' });
    merged.push(column);
  }
  return right({ ...contract, columns: merged, timeUnit: contract.timeUnit ?? timeUnit });
};

const bare = (name: string): string => name.trim().toLowerCase();

const isZoned = (a: string, b: string): boolean =>
  (a === UTC_TIMESTAMP && b === NAIVE_TIMESTAMP) || (a === NAIVE_TIMESTAMP && b === UTC_TIMESTAMP);

const timeType = (a: string, b: string): string => (isZoned(a, b) ? UTC_TIMESTAMP : a);

const UNITS: Readonly<Record<TimeUnit, string>> = {
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
};
