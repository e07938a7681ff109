import { momentOf } from '../collecting/moments.js';
import type { ColumnType } from '../collecting/rows-as-parquet.js';
import type { GatheredRows } from './gathered-rows.js';
import type { HttpCollectConfig } from './http-collect-config.js';

type Value = bigint | number | boolean | string | null;

/** A column, and its value in each of the rows in the form of its type. */
export interface TypedColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Throws where the value has not the type that is asked for. */
  readonly valueIn: (row: number) => Value;
}

/** Columns of these rows besides that of times. A column without any value is left out. */
export const typedColumns = (
  gathered: GatheredRows,
  rows: readonly number[],
  { time_column, columns, timezone: zone }: HttpCollectConfig,
): readonly TypedColumn[] => {
  const timezone = zone ?? null;
  const names = columns === undefined ? gathered.names() : Object.keys(columns);
  return names
    .filter((name) => name !== time_column)
    .flatMap((name): readonly TypedColumn[] => {
      const found = columns?.[name] ?? typeOf(name, gathered, rows);
      if (found === null) return [];
      const valueIn = (row: number): Value => {
        const value = gathered.valueAt(row, name);
        if (value === null) return null;
        const converted = CONVERSIONS[found](value, timezone);
        if (converted === null)
          throw new Error(
            `the value ${shown(value)} of the column ${name} is not a ${found}; say its type in config.columns`,
          );
        return converted;
      };
      return [{ name, type: found, valueIn }];
    });
};

const shown = (value: unknown): string => asText(value).slice(0, 40);

const asText = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner));

/** A number as somebody writes it: `007` is a name. */
const NUMERIC = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

const isBoolean = (value: unknown): boolean =>
  typeof value === 'boolean' || value === 'true' || value === 'false';

const isNumber = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && NUMERIC.test(value) && !isLong(value));

/** A whole number that a double would not hold. */
const isLong = (text: string): boolean => /^-?\d{16,}$/.test(text) && !Number.isSafeInteger(Number(text));

/** Null where no row has a value. */
const typeOf = (name: string, gathered: GatheredRows, rows: readonly number[]): ColumnType | null => {
  const are = { values: false, booleans: true, numbers: true };
  for (const row of rows) {
    const value = gathered.valueAt(row, name);
    if (value === null) continue;
    if (typeof value === 'bigint')
      throw new Error(
        `the column ${name} has whole numbers beyond 2^53: say in config.columns whether it is bigint or text`,
      );
    are.values = true;
    are.booleans &&= isBoolean(value);
    are.numbers &&= isNumber(value);
  }
  if (!are.values) return null;
  if (are.booleans) return 'boolean';
  return are.numbers ? 'double' : 'text';
};

const CONVERSIONS: Readonly<Record<ColumnType, (value: unknown, timezone: string | null) => Value>> = {
  double: (value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number) ? number : null;
  },
  bigint: (value) => {
    const isWhole =
      typeof value === 'bigint' || Number.isSafeInteger(value) || /^-?\d{1,19}$/.test(String(value));
    const whole = isWhole ? BigInt(String(value)) : null;
    return whole !== null && BigInt.asIntN(64, whole) === whole ? whole : null;
  },
  boolean: (value) => (isBoolean(value) ? String(value) === 'true' : null),
  text: asText,
  timestamp: (value, timezone) => {
    const micros = momentOf(value, timezone);
    return micros === null ? null : BigInt(micros);
  },
};
