import type { CollectedRow } from '../collecting/csv-rows.js';
import { momentOf } from '../collecting/moments.js';
import type { ColumnType, ParquetColumn } from '../collecting/rows-as-parquet.js';
import type { HttpCollectConfig } from './http-collect-config.js';

type Value = bigint | number | boolean | string | null;

/** Columns of rows besides that of times. A column without any value is left out. Throws where a value has not the type that is asked for. */
export const typedColumns = (
  rows: readonly CollectedRow[],
  { time_column, columns, timezone: zone }: HttpCollectConfig,
): readonly ParquetColumn[] => {
  const timezone = zone ?? null;
  const names = columns === undefined ? new Set(rows.flatMap(Object.keys)) : Object.keys(columns);
  return [...names]
    .filter((name) => name !== time_column)
    .flatMap((name): readonly ParquetColumn[] => {
      const values = rows.map((row) => (Object.hasOwn(row, name) ? (row[name] ?? null) : null));
      const present = values.filter((value) => value !== null);
      if (present.length === 0) return [];
      const type = columns?.[name] ?? typeOf(name, present);
      const convert = (value: unknown): Value => {
        if (value === null) return null;
        const converted = CONVERSIONS[type](value, timezone);
        if (converted === null)
          throw new Error(
            `the value ${shown(value)} of the column ${name} is not a ${type}; say its type in config.columns`,
          );
        return converted;
      };
      return [{ name, type, values: values.map(convert) }];
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

const typeOf = (name: string, values: readonly unknown[]): ColumnType => {
  if (values.some((value) => typeof value === 'bigint'))
    throw new Error(
      `the column ${name} has whole numbers beyond 2^53: say in config.columns whether it is bigint or text`,
    );
  if (values.every(isBoolean)) return 'boolean';
  return values.every(isNumber) ? 'double' : 'text';
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
