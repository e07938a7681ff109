import type { Json } from '../../domain/documents/json.js';

/** Characters of a value, and columns of a row, that a report shows. */
const LONGEST = 120;
const MOST_COLUMNS = 40;

/** A row for a report: long values and many columns are cut, which is said. */
export const shortened = (row: Json): Json => {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return cut(row);
  const entries = Object.entries(row as Readonly<Record<string, Json>>);
  const shown = entries.slice(0, MOST_COLUMNS).map(([name, value]) => [name, cut(value)] as const);
  const more = entries.length - shown.length;
  return Object.fromEntries([...shown, ...(more > 0 ? [['...', `${more} more columns`] as const] : [])]);
};

const cut = (value: Json): Json => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text === undefined || text.length <= LONGEST) return value;
  return `${text.slice(0, LONGEST)}...`;
};
