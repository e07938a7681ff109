import type * as DuckDb from '@duckdb/node-api';
import type { DuckDBConnection, DuckDBType } from '@duckdb/node-api';
import { hasZones, isMomentOfKinds, isOfTwoClocks, kindOf } from '../csv/csv-kinds.js';
import type { TableFiles } from '../files/table-files.js';
import { identifier, quoted } from '../statements/sql-text.js';
import { viewOf } from './table-view.js';

/** Types that the engine guesses of strings. Of them it reads days and times in more than one way, and of a UUID not the letters. */
const GUESSED = ['DATE', 'TIME', 'TIMESTAMP', 'UUID'] as const;

/** Name of a view that is there for a moment. */
const PROBE = 'pond probe';

/** A column of JSON, in the engine's words. */
export interface JsonColumn {
  readonly name: string;
  readonly type: string;
  /** Type that its values are read as; another one where they say zones, which the engine would leave out. */
  readonly read: string;
}

/**
 * The columns of JSON files, all of which are looked through. What is text in them becomes a day or a time only where each value
 * has its year in front, and all of a column say their zone or none does; a UUID stays text. Null: it is for the engine to find them out, since not all rows are objects, or
 * names are told apart by their case alone.
 */
export const jsonColumns = async (
  connection: DuckDBConnection,
  table: TableFiles,
): Promise<readonly JsonColumn[] | null> => {
  const found = await columnsFound(connection, table);
  if (found.length === 0 || (found.length === 1 && found[0]?.name === 'json') || haveOtherNames(found))
    return null;
  const columns: JsonColumn[] = [];
  for (const { name, type } of found) {
    const text = asText(type, ['UUID']);
    const kinds = await kindsIn(connection, table.files, name, text);
    const isGuessed = kinds !== null && !isMomentOfKinds(kinds);
    const isOfTwo = kinds !== null && text === 'TIMESTAMP' && isOfTwoClocks(kinds);
    const as = isGuessed || isOfTwo ? asText(text, GUESSED) : text;
    columns.push({ name, type: as, read: kinds !== null && hasZones(kinds) ? withZones(as) : as });
  }
  return columns;
};

type FoundColumn = Pick<JsonColumn, 'name' | 'type'>;

const columnsFound = async (
  connection: DuckDBConnection,
  table: TableFiles,
): Promise<readonly FoundColumn[]> => {
  const view = await viewOf(connection, { ...table, table: { ...table.table, name: PROBE } }, [
    'sample_size = -1',
  ]);
  await connection.run(view);
  try {
    const found = await connection.runAndReadAll(
      `SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ${quoted(PROBE)} ORDER BY column_index`,
    );
    return found
      .getRows()
      .map(([name, type]) => ({ name: String(name), type: String(type) }))
      .filter(({ name }) => table.table.filenames === undefined || name !== 'filename');
  } finally {
    await connection.run(`DROP VIEW ${identifier(PROBE)}`);
  }
};

/** Tells whether the engine may have renamed a column because another one is called the same but for its case. */
const haveOtherNames = (columns: readonly FoundColumn[]): boolean => {
  const names = new Set(columns.map(({ name }) => name.toLowerCase()));
  return [...names].some((name) => names.has(name.replace(/_\d+$/, '')) && /_\d+$/.test(name));
};

/** The kinds of the strings that are guessed to be days and times, in a column or inside of it; null: there are none. */
const kindsIn = async (
  connection: DuckDBConnection,
  files: readonly string[],
  name: string,
  type: string,
): Promise<number | null> => {
  if (asText(type, GUESSED) === type) return null;
  const { DuckDBTypeId: Id } = await import('@duckdb/node-api');
  const [of] = (await connection.runAndReadAll(`SELECT CAST(NULL AS ${type})`)).columnTypes();
  const texts = of === undefined ? null : leavesIn(identifier(name), of, [Id.DATE, Id.TIME, Id.TIMESTAMP]);
  if (texts === null) return null;
  const [[kinds] = []] = (
    await connection.runAndReadAll(
      `SELECT bit_or(${kindOf('n')}) FROM (SELECT unnest(${texts}) AS n FROM ${textsOf(files, name, asText(type, GUESSED))})`,
    )
  ).getRows();
  return Number(kinds ?? 0);
};

/** JSON files as a table of one column, of that type. */
export const textsOf = (files: readonly string[], name: string, type: string): string =>
  `read_json([${files.map(quoted).join(', ')}], columns = {${quoted(name)}: ${quoted(type)}})`;

/** Words of a type, and what stands in quotes in it. */
const WORDS = /"(?:[^"]|"")*"|\b[A-Z]+(?: WITH TIME ZONE)?\b/g;

/** A type in which those in question are text. */
export const asText = (type: string, types: readonly string[]): string =>
  type.replace(WORDS, (word) => (types.includes(word) ? 'VARCHAR' : word));

const withZones = (type: string): string =>
  type.replace(WORDS, (word) => (word === 'TIMESTAMP' ? 'TIMESTAMP WITH TIME ZONE' : word));

/** An expression for a list of the values of these types that are in a value, where they are read as text; null: its type has none. */
export const leavesIn = (
  value: string,
  type: DuckDBType,
  ids: readonly DuckDb.DuckDBTypeId[],
  depth = 0,
): string | null => {
  const each = (list: string, item: DuckDBType): string | null => {
    const name = `e${depth}`;
    const inside = leavesIn(name, item, ids, depth + 1);
    return inside === null ? null : `flatten(list_transform(${list}, lambda ${name}: ${inside}))`;
  };
  if (ids.includes(type.typeId)) return `[${value}]`;
  if ('valueType' in type)
    return each('keyType' in type ? `map_values(${value})` : value, type.valueType as DuckDBType);
  if (!('entryNames' in type)) return null;
  const { entryNames, entryTypes } = type as DuckDb.DuckDBStructType;
  const fields = entryNames.flatMap((name, index) => {
    const field = `struct_extract(${value}, ${quoted(name)})`;
    return leavesIn(field, entryTypes[index] as DuckDBType, ids, depth) ?? [];
  });
  return fields.length === 0 ? null : `flatten([${fields.join(', ')}])`;
};
