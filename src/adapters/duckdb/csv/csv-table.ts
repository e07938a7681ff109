import { statSync } from 'node:fs';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { CsvNotation, QueryFailed, QueryTable } from '../../../ports/query-engine.js';
import { nameOfFile, type TableFiles } from '../files/table-files.js';
import { identifier, quoted } from '../statements/sql-text.js';
import { hasNulls, inKnownForm, withoutNulls } from './csv-forms.js';
import { CSV_BUFFER, type CsvHead, csvHead } from './csv-head.js';
import {
  checkedCast,
  furtherKindOf,
  hasValues,
  isLookedAt,
  isUnreadable,
  kindOf,
  quickCast,
  TEXT,
  typeBesideWords,
  typeOfKinds,
} from './csv-kinds.js';
import { lineOfNamesAgain } from './csv-misfit.js';

/**
 * Bytes of the files of a table that are looked through as a whole before types are chosen. Of more, the first rows of each are, and
 * a later value that does not fit is an error.
 */
const LOOKED_THROUGH = 16 * 1024 * 1024;

/** Rows of a large file that are looked at, and of each of many. */
const FIRST_ROWS = 20_480;
const FIRST_ROWS_OF_MANY = 2_048;
const FEW_FILES = 8;

/** A column that says which file a row is of. */
const FILE_COLUMN = 'pond file';
export const FILE = identifier(FILE_COLUMN);

/** Kinds that were found in files that were looked through together, by their paths. */
export type LookedThrough = ReadonlyMap<string, { readonly head: CsvHead; readonly kinds: Kinds }>;

const NOTHING: LookedThrough = new Map();

/** Files with the same first line. */
interface Group {
  readonly head: CsvHead;
  readonly files: readonly string[];
}

/** A table of CSV files. */
interface CsvView {
  /** The statement that makes it. */
  readonly sql: string;
  readonly textByWords: readonly TextColumn[];
  readonly misfits: readonly TextColumn[];
}

/**
 * A column that is text and was to be of another type: of `textByWords` that of all values but words that usually stand for no value,
 * of `misfits` the one that whoever asked has given for columns without values.
 */
export interface TextColumn {
  readonly column: string;
  readonly type: string;
}

/**
 * The statement that makes a table of CSV files. Each line has as many fields as the first one of its file, or is an error. Null: a file
 * of a query begins in a way that the engine has to find out about.
 */
export const csvView = async (
  connection: DuckDBConnection,
  table: TableFiles,
  of: 'query' | 'session',
  lookedThrough: LookedThrough = NOTHING,
): Promise<CsvView | null> => {
  const { values = 'guessed' } = table.table;
  const [file = ''] = table.files;
  const known = values === 'guessed' && table.files.length === 1 ? lookedThrough.get(file) : undefined;
  const groups =
    known === undefined ? await groupsOf(connection, table, of) : [{ head: known.head, files: [file] }];
  if (groups === null) return null;
  const kinds = known?.kinds ?? (values === 'guessed' ? await kindsOf(connection, table, groups) : null);
  if (table.table.csv?.strict === true && kinds !== null) await refuseNamesAgain(connection, groups, kinds);
  const parts = groups.map((group) => rowsOf(table, group, kinds));
  const rows = parts.length === 1 ? parts[0] : `SELECT * FROM (${parts.join(' UNION ALL BY NAME ')})`;
  return {
    sql: `CREATE VIEW ${identifier(table.table.name)} AS ${rows}`,
    textByWords: kinds === null ? [] : textColumns(table.table, groups, kinds, typeBesideWords),
    misfits: kinds === null ? [] : textColumns(table.table, groups, kinds, typeOfOthers(table.table)),
  };
};

/**
 * Refuses files that were put one behind the other, each with its names, since all of their columns would become text. Of one column
 * a value may well be its name.
 */
const refuseNamesAgain = async (
  connection: DuckDBConnection,
  groups: readonly Group[],
  { byName }: Kinds,
): Promise<void> => {
  for (const { head, files } of groups) {
    const { columns, hasNames } = head;
    const areText = columns.every((name) => typeOfKinds(byName.get(name.toLowerCase()) ?? 0) === TEXT);
    if (!hasNames || columns.length < 2 || !areText) continue;
    const isNames = columns.map((name) => `trim(${identifier(name)}) = ${quoted(name)}`).join(' AND ');
    const found = await connection.runAndReadAll(
      `SELECT ${FILE} FROM ${readerOf(files, head)} WHERE ${isNames} LIMIT 1`,
    );
    const [row] = found.getRows();
    if (row === undefined) continue;
    const line = await lineOfNamesAgain(String(row[0]), head);
    throw {
      _tag: 'QueryFailed',
      message: `a row has the names of the columns once more${line === null ? '' : ` (line ${line})`}`,
      remedy: 'take that line out; files that were put one behind the other are copied one by one',
    } satisfies QueryFailed;
  }
};

const typeOfOthers = ({ withoutValues }: QueryTable): TypeWanted => {
  const types = typesByName(withoutValues);
  return (kinds, name) =>
    hasValues(kinds) && typeOfKinds(kinds) === TEXT ? (types.get(name) ?? null) : null;
};

/** The type that a column of text was to have; null: it was not. */
type TypeWanted = (kinds: number, name: string) => string | null;

const textColumns = (
  { csv }: QueryTable,
  groups: readonly Group[],
  { byName }: Kinds,
  typeWanted: TypeWanted,
): readonly TextColumn[] => {
  const said = typesByName(csv?.types);
  const names = new Map(groups.flatMap(({ head }) => head.columns).map((name) => [name.toLowerCase(), name]));
  return [...names].flatMap(([lower, column]) => {
    const type = said.has(lower) ? null : typeWanted(byName.get(lower) ?? 0, lower);
    return type === null || type === TEXT ? [] : [{ column, type }];
  });
};

const groupsOf = async (
  connection: DuckDBConnection,
  { table, files }: TableFiles,
  of: 'query' | 'session',
): Promise<readonly Group[] | null> => {
  const groups = new Map<string, { readonly head: CsvHead; readonly files: string[] }>();
  for (const file of files) {
    const found = await csvHead(file, table.path ?? table.name, table.csv ?? {}, of);
    if (found === null) return null;
    const head = await withNames(connection, table, file, found);
    const key = JSON.stringify(head);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { head, files: [file] });
    else group.files.push(file);
  }
  return groups.size === 0 ? null : [...groups.values()];
};

export const ROW = /^[-+]?(\d+([.,]\d+)?([eE][-+]?\d+)?|\d{4}-\d\d-\d\d.*)$/;

/**
 * The same, where nobody has said whether the first line has names: one in which a number or a day stands may be a row. What is
 * taken into the pond is refused then; a query takes it for one where each of its fields could be a value of its column.
 */
const withNames = async (
  connection: DuckDBConnection,
  { csv }: QueryTable,
  file: string,
  head: CsvHead,
): Promise<CsvHead> => {
  const { columns } = head;
  const row = columns.find((column) => ROW.test(column));
  if (csv?.header !== undefined || row === undefined) return head;
  if (csv?.strict === true)
    throw {
      _tag: 'QueryFailed',
      message: `its first line may be a row and not the names of the columns: it has ${JSON.stringify(row)}`,
      remedy: 'say what it is: --csv-header no, or --csv-header yes',
    } satisfies QueryFailed;
  const kinds = await kindsIn({ connection, csv }, head, [file], FIRST_ROWS_OF_MANY);
  const own = await connection.runAndReadAll(
    `SELECT ${columns.map((column) => kindOf(quoted(column))).join(', ')}`,
  );
  const couldBe = columns.every((_, index) => {
    const before = kinds[index] ?? 0;
    const type = typeOfKinds(before);
    return type === TEXT || typeOfKinds(before | Number(own.getRows()[0]?.[index] ?? 0)) !== TEXT;
  });
  return couldBe ? { ...head, hasNames: false, columns: columns.map((_, index) => `column${index}`) } : head;
};

/** Kinds that were found in columns, by their names in lower case. `isAll`: in all of their rows. */
export interface Kinds {
  readonly byName: ReadonlyMap<string, number>;
  readonly isAll: boolean;
}

const kindsOf = async (
  connection: DuckDBConnection,
  { table, files }: TableFiles,
  groups: readonly Group[],
): Promise<Kinds> => {
  const isAll = table.csv?.strict === true || areSmall(files);
  const limit = isAll ? null : files.length <= FEW_FILES ? FIRST_ROWS : FIRST_ROWS_OF_MANY;
  const byName = new Map<string, number>();
  for (const { head, files: same } of groups)
    for (const some of isAll ? [same] : same.map((file) => [file])) {
      const kinds = await kindsIn({ connection, csv: table.csv }, head, some, limit);
      for (const [index, column] of head.columns.entries()) {
        const name = column.toLowerCase();
        byName.set(name, (byName.get(name) ?? 0) | (kinds[index] ?? 0));
      }
    }
  return { byName, isAll };
};

/** An engine, and the form in which values are written. */
interface Looking {
  readonly connection: DuckDBConnection;
  readonly csv: CsvNotation | undefined;
}

/**
 * Kinds of what stands in each column, in all rows or in the first ones. What the very first rows have says how the rest is told
 * quickly.
 */
const kindsIn = async (
  looking: Looking,
  head: CsvHead,
  files: readonly string[],
  limit: number | null,
): Promise<readonly number[]> => {
  const first = await kindsAfter(looking, head, files, FIRST_ROWS_OF_MANY, []);
  return first.rows < FIRST_ROWS_OF_MANY || limit === FIRST_ROWS_OF_MANY
    ? first.kinds
    : (await kindsAfter(looking, head, files, limit, first.kinds)).kinds;
};

/** Kinds of what stands in each column, with those that were found before, and the number of rows. */
const kindsAfter = async (
  { connection, csv }: Looking,
  head: CsvHead,
  files: readonly string[],
  limit: number | null,
  before: readonly number[],
): Promise<{ readonly kinds: readonly number[]; readonly rows: number }> => {
  const columns = head.columns.map((name) => inForm(name, csv) ?? identifier(name));
  const rows = `SELECT ${columns.join(', ')} FROM ${readerOf(files, head)}${limit === null ? '' : ` LIMIT ${limit}`}`;
  const kinds = head.columns.map((name, index) => furtherKindOf(identifier(name), before[index] ?? 0));
  const found = await connection.runAndReadAll(
    `SELECT count(*), ${kinds.map((kind) => `bit_or(${kind})`).join(', ')} FROM (${rows})`,
  );
  const [count, ...each] = found.getRows()[0] ?? [];
  return {
    kinds: head.columns.map((_, index) => (before[index] ?? 0) | Number(each[index] ?? 0)),
    rows: Number(count ?? 0),
  };
};

export const inForm = (name: string, csv: CsvNotation | undefined): string | null => {
  const form = inKnownForm(identifier(name), csv);
  return form === null ? null : `${form} AS ${identifier(name)}`;
};

const areSmall = (files: readonly string[]): boolean => {
  let size = 0;
  for (const file of files) {
    size += statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size > LOOKED_THROUGH) return false;
  }
  return true;
};

/**
 * The rows of files with the same first line. Where all of them were looked at, the engine's reader makes the types; else each value is
 * looked at when it is read.
 */
const rowsOf = (of: TableFiles, { head, files }: Group, kinds: Kinds | null): string => {
  const { table } = of;
  const said = typesByName(table.csv?.types);
  const ofEmpty = typesByName(table.withoutValues);
  const typeOfNothing = (found: number, name: string): string | undefined =>
    hasValues(found) || ofEmpty.get(name.toLowerCase()) === TEXT
      ? undefined
      : ofEmpty.get(name.toLowerCase());
  const native = new Map<string, string>();
  const file = files.length === 1 ? quoted(files[0] ?? '') : FILE;
  const forms: string[] = [];
  const casts: string[] = [];
  const columns = head.columns.map((name) => {
    const found = kinds?.byName.get(name.toLowerCase()) ?? 0;
    const ofUser = said.get(name.toLowerCase());
    const type = ofUser ?? (kinds === null ? TEXT : typeOfKinds(found));
    const ofNothing = ofUser === undefined && kinds?.isAll === true ? typeOfNothing(found, name) : undefined;
    if (ofNothing !== undefined) return `CAST(NULL AS ${ofNothing}) AS ${identifier(name)}`;
    const isSaid = ofUser !== undefined;
    if (type === TEXT) {
      const text = withoutNulls(identifier(name), table.csv);
      return text === identifier(name) ? text : `${text} AS ${identifier(name)}`;
    }
    const inKnown = inKnownForm(identifier(name), table.csv);
    const isChecked = isSaid
      ? isLookedAt(type)
      : kinds?.isAll === false || isUnreadable(found) || inKnown !== null;
    if (!isChecked) {
      if (hasNulls(table.csv)) return `CAST(${inKnown} AS ${type}) AS ${identifier(name)}`;
      native.set(name, type);
      return identifier(name);
    }
    const form = inKnown === null ? identifier(name) : identifier(`pond text ${forms.length}`);
    if (inKnown !== null) forms.push(`${inKnown} AS ${form}`);
    const quick = `pond value ${casts.length}`;
    const cast = quickCast(form, type);
    if (cast !== null) casts.push(`${cast} AS ${identifier(quick)}`);
    return `${checkedCast({ name, form, type, isSaid, file, quick })} AS ${identifier(name)}`;
  });
  const read = readerOf(files, head, {
    native,
    areEmptyNull: table.values === 'as-written',
    decimalSeparator: table.csv?.decimalSeparator,
  });
  const rows = withColumns(withColumns(read, forms), casts);
  // A column of the file's own with that name comes first.
  const isNamed = table.filenames !== undefined && !head.columns.some((name) => /^filename$/i.test(name));
  const filename = isNamed ? [`${nameOfFile(of, FILE)} AS filename`] : [];
  return `SELECT ${[...columns, ...filename].join(', ')} FROM ${rows}`;
};

const withColumns = (rows: string, columns: readonly string[]): string =>
  columns.length === 0 ? rows : `(SELECT *, ${columns.join(', ')} FROM ${rows})`;

const typesByName = (types: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> =>
  new Map(Object.entries(types).map(([name, type]) => [name.toLowerCase(), type]));

/** Types that the engine's reader makes, whether it takes an empty text in quotes for a null, and what is in front of fractions. */
interface Reading {
  readonly native: ReadonlyMap<string, string>;
  readonly areEmptyNull: boolean;
  readonly decimalSeparator?: string | undefined;
}

const AS_TEXT: Reading = { native: new Map(), areEmptyNull: false };

/** A call of the engine's reader: columns are text, but for those whose types it is told. */
export const readerOf = (
  files: readonly string[],
  { delimiter, columns, hasNames }: CsvHead,
  { native, areEmptyNull, decimalSeparator }: Reading = AS_TEXT,
): string => {
  const types = columns.map((name) => `${quoted(name)}: ${quoted(native.get(name) ?? TEXT)}`);
  const options = [
    'auto_detect = false',
    `columns = {${types.join(', ')}}`,
    `delim = ${quoted(delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    `header = ${hasNames}`,
    'skip = 0',
    `buffer_size = ${CSV_BUFFER}`,
    // Where an empty text in quotes is one, nothing at all is a null.
    `allow_quoted_nulls = ${areEmptyNull}`,
    ...(decimalSeparator === undefined ? [] : [`decimal_separator = ${quoted(decimalSeparator)}`]),
    `filename = ${quoted(FILE_COLUMN)}`,
  ];
  return `read_csv([${files.map(quoted).join(', ')}], ${options.join(', ')})`;
};
