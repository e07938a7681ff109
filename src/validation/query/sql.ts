import type { ColumnType, Scalar } from '../rules.js';

/** A name in SQL. */
export const identifier = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** A text in SQL. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** The engine's types. Times without a zone are taken as they are, others in UTC. */
export const SQL_TYPES = {
  string: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  time: 'TIME',
  timestamp: 'TIMESTAMP',
  object: 'JSON',
  array: 'JSON',
} as const satisfies Readonly<Record<ColumnType, string>>;

/** A value in SQL, of a column's type; null: as text. */
export const literal = (value: Scalar, type: ColumnType | null): string => {
  if (type === null || type === 'string') return quoted(String(value));
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return `CAST(${quoted(value)} AS ${SQL_TYPES[type]})`;
};

export const listOf = (values: readonly Scalar[], type: ColumnType | null): string =>
  `(${values.map((value) => literal(value, type)).join(', ')})`;
