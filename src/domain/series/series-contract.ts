import type { JsonObject } from '../documents/json.js';

/** A column of a series, with its type in the words of SQL (`BIGINT`, `TIMESTAMP WITH TIME ZONE` ...). */
export interface SeriesColumn {
  readonly name: string;
  readonly type: string;
}

/** Way in which rows with equal keys in several versions are read: all of them, the first, or the last. */
export type OnDuplicate = 'keep' | 'skip' | 'replace';

/** Changes that an append may make to the columns: new ones and wider numbers, nothing, or everything. */
export type SchemaRule = 'widen' | 'strict' | 'any';

/** The unit of times that are plain integers. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns';

/** Contract that every version of a series keeps to, and how its versions are read together. */
export interface SeriesContract {
  /** The column of event times; null: a series of an old pond that never named one. */
  readonly timeColumn: string | null;
  /** The zone in which times without one are meant, such as `Europe/Vienna`. */
  readonly timezone: string | null;
  /** Columns that together tell rows apart; empty: none do. */
  readonly unique: readonly string[];
  readonly onDuplicate: OnDuplicate;
  readonly schema: SchemaRule;
  /** The columns of all versions so far; null where they are not known: in a series of an old pond. */
  readonly columns: readonly SeriesColumn[] | null;
  /** The unit of times that are plain integers; null: they are not, or no version has rows yet. */
  readonly timeUnit: TimeUnit | null;
  /** Versions that have been taken out. */
  readonly takenOut: readonly number[];
}

/** A series of which nothing is said. */
export const NO_CONTRACT: SeriesContract = {
  timeColumn: null,
  timezone: null,
  unique: [],
  onDuplicate: 'keep',
  schema: 'widen',
  columns: null,
  timeUnit: null,
  takenOut: [],
};

export const ON_DUPLICATE: readonly OnDuplicate[] = ['keep', 'skip', 'replace'];
export const SCHEMA_RULES: readonly SchemaRule[] = ['widen', 'strict', 'any'];
const TIME_UNITS: readonly TimeUnit[] = ['s', 'ms', 'us', 'ns'];

/** Reads the contract in a series' attributes. What is not there, or not what it should be, has not been said. */
export const contractIn = (attributes: string | null): SeriesContract => {
  const found = objectIn(attributes);
  return {
    timeColumn: textOr(found.event_time_column, null),
    timezone: textOr(found.timezone, null),
    unique: textsIn(found.unique),
    onDuplicate: oneOf(ON_DUPLICATE, found.on_duplicate) ?? 'keep',
    schema: oneOf(SCHEMA_RULES, found.schema) ?? 'widen',
    columns: columnsIn(found.columns),
    timeUnit: oneOf(TIME_UNITS, found.time_unit),
    takenOut: Array.isArray(found.taken_out)
      ? found.taken_out.filter((version): version is number => Number.isSafeInteger(version))
      : [],
  };
};

/** Attributes with a contract in them; what else they say stays. What is as it is by default is left out. */
export const withContract = (attributes: string | null, contract: SeriesContract): string => {
  const rest = Object.entries(objectIn(attributes)).filter(([key]) => !KEYS.has(key));
  const { timeColumn, timezone, unique, onDuplicate, schema, columns, timeUnit, takenOut } = contract;
  return JSON.stringify({
    ...(timeColumn === null ? {} : { event_time_column: timeColumn }),
    ...(timeUnit === null ? {} : { time_unit: timeUnit }),
    ...(timezone === null ? {} : { timezone }),
    ...(unique.length === 0 ? {} : { unique }),
    ...(onDuplicate === 'keep' ? {} : { on_duplicate: onDuplicate }),
    ...(schema === 'widen' ? {} : { schema }),
    ...(columns === null ? {} : { columns: columns.map(({ name, type }) => [name, type]) }),
    ...(takenOut.length === 0 ? {} : { taken_out: takenOut }),
    ...Object.fromEntries(rest),
  });
};

/** The keys of a contract in a series' attributes. */
const KEYS: ReadonlySet<string> = new Set([
  'event_time_column',
  'time_unit',
  'timezone',
  'unique',
  'on_duplicate',
  'schema',
  'columns',
  'taken_out',
]);

/** The same attributes for a copy of the series, whose versions have other numbers. */
export const withoutTakenOut = (attributes: string | null): string | null => {
  const contract = contractIn(attributes);
  return contract.takenOut.length === 0
    ? attributes
    : withContract(attributes, { ...contract, takenOut: [] });
};

const objectIn = (attributes: string | null): JsonObject => {
  if (attributes === null) return {};
  try {
    const value: unknown = JSON.parse(attributes);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
  } catch {
    // Attributes are the writer's own: what is not JSON says nothing about a contract.
    return {};
  }
};

const textOr = <A>(value: unknown, otherwise: A): string | A =>
  typeof value === 'string' && value !== '' ? value : otherwise;

const textsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];

const oneOf = <A extends string>(values: readonly A[], value: unknown): A | null =>
  values.find((each) => each === value) ?? null;

const columnsIn = (value: unknown): readonly SeriesColumn[] | null =>
  Array.isArray(value)
    ? value.flatMap((pair: unknown) => {
        const [name, type] = textsIn(pair);
        return name === undefined || type === undefined ? [] : [{ name, type }];
      })
    : null;
