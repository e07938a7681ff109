import type { ColumnRules, ColumnType, Scalar } from '../rules.js';
import { identifier, listOf, SQL_TYPES } from './sql.js';

/** A column as the file has it. */
export interface FoundColumn {
  readonly name: string;
  /** Type as the engine names it. */
  readonly type: string;
}

/** Form in which the values of a column are written in SQL. */
export interface ColumnValues {
  /** The value as the file has it; NULL where there is none. */
  readonly raw: string;
  /** The value as text. */
  readonly text: string;
  /** The value with its declared type, NULL where it has not; the text where none is declared. */
  readonly typed: string;
  /** The value as a number, where the file or the rules say that it is one: 1.0 is 1 then; null: they do not. */
  readonly numeric: string | null;
  /** Tells whether a value is there and not of the declared type; null: every one is. */
  readonly mistyped: string | null;
  /** The file's own type contradicts the declared one: no value can be right. */
  readonly contradicts: boolean;
}

/** The values of a column, of which the file has `found`. */
export const valuesOf = (
  { name, type }: Pick<ColumnRules, 'name' | 'type'>,
  found: string,
  isTextual: boolean,
): ColumnValues => {
  const raw = identifier(name);
  const text = textOf(raw, found);
  const as = { raw, text, numeric: familiesOf(found).includes('number') ? raw : null };
  if (type === null || familiesOf(found).includes(type))
    return { ...as, typed: type === null ? text : raw, mistyped: null, contradicts: false };
  if (type === 'string' && found === 'JSON')
    return { ...as, typed: text, mistyped: null, contradicts: false };
  if (!isCastable(found, type, isTextual))
    return { ...as, typed: 'NULL', mistyped: `${raw} IS NOT NULL`, contradicts: true };
  const typed = `TRY_CAST(${text} AS ${SQL_TYPES[type]})`;
  const isNumber = type === 'number' || type === 'integer';
  return {
    ...as,
    typed,
    numeric: isNumber ? `TRY_CAST(${text} AS DOUBLE)` : as.numeric,
    mistyped: `${text} IS NOT NULL AND (${notOfType(type, text, typed)})`,
    contradicts: false,
  };
};

/** Tells whether a value is one of some, in SQL: numbers are compared as numbers where there are some, all else as text. */
export const isOneOf = ({ text, numeric }: ColumnValues, values: readonly Scalar[]): string => {
  const numbers = numeric === null ? [] : values.filter((value) => typeof value === 'number');
  const texts = values.filter((value) => numeric === null || typeof value !== 'number');
  const conditions = [
    ...(numbers.length === 0 ? [] : [`coalesce(${numeric} IN ${listOf(numbers, 'number')}, false)`]),
    ...(texts.length === 0 ? [] : [`${text} IN ${listOf(texts, null)}`]),
  ];
  return conditions.length === 0 ? 'false' : `(${conditions.join(' OR ')})`;
};

/** Tells whether a value is there and none of some, in SQL. */
export const isNoneOf = (values: ColumnValues, allowed: readonly Scalar[]): string =>
  `(${values.text} IS NOT NULL AND NOT ${isOneOf(values, allowed)})`;

/** The engine rounds `1.5` to an integer, and takes any JSON for an object. */
const notOfType = (type: ColumnType, text: string, typed: string): string => {
  switch (type) {
    case 'integer':
      return `${typed} IS NULL OR contains(${text}, '.')`;
    case 'object':
      return `${typed} IS NULL OR json_type(${typed}) <> 'OBJECT'`;
    case 'array':
      return `${typed} IS NULL OR json_type(${typed}) <> 'ARRAY'`;
    default:
      return `${typed} IS NULL`;
  }
};

const textOf = (raw: string, found: string): string => {
  if (found === 'VARCHAR') return raw;
  return found === 'JSON' ? `(${raw} ->> '$')` : `CAST(${raw} AS VARCHAR)`;
};

/** Text may hold any value, where the format has no types of its own; numbers of JSON may be whole by chance. */
const isCastable = (found: string, type: ColumnType, isTextual: boolean): boolean => {
  if (!isTextual) return false;
  return (
    found === 'VARCHAR' || found === 'JSON' || (type === 'integer' && familiesOf(found).includes('number'))
  );
};

const INTEGER = /^U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?$/;
const NUMBER = /^(?:FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/** The declared types that a type of the engine's is. */
export const familiesOf = (found: string): readonly ColumnType[] => {
  if (INTEGER.test(found)) return ['integer', 'number'];
  if (NUMBER.test(found)) return ['number'];
  if (found.endsWith('[]')) return ['array'];
  if (found.startsWith('STRUCT') || found.startsWith('MAP')) return ['object'];
  if (found.startsWith('TIMESTAMP')) return ['timestamp'];
  if (found.startsWith('TIME')) return ['time'];
  if (found === 'VARCHAR' || found === 'UUID' || found.startsWith('ENUM')) return ['string'];
  if (found === 'DATE') return ['date'];
  return found === 'BOOLEAN' ? ['boolean'] : [];
};
