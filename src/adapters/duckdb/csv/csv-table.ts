import type { DuckDBConnection } from '@duckdb/node-api';
import type { QueryTable } from '../../../ports/query-engine.js';
import { nameOfFile, type TableFiles } from '../files/table-files.js';
import { identifier, quoted } from '../statements/sql-text.js';
import { hasNulls, inKnownForm, withoutNulls } from './csv-forms.js';
import { groupsOf, refuseNamesAgain } from './csv-groups.js';
import type { CsvHead, Group } from './csv-head.js';
import {
  checkedCast,
  hasValues,
  isLookedAt,
  isUnreadable,
  quickCast,
  TEXT,
  timeBesideText,
  typeBesideWords,
  typeOfKinds,
} from './csv-kinds.js';
import { FILE, readerOf } from './csv-reader.js';
import { type Kinds, kindsOf } from './found-kinds.js';

/** Kinds that were found in files that were looked through together, by their paths. */
export type LookedThrough = ReadonlyMap<string, { readonly head: CsvHead; readonly kinds: Kinds }>;

const NOTHING: LookedThrough = new Map();

/** A table of CSV files. */
interface CsvView {
  /** The statement that makes it. */
  readonly sql: string;
  readonly textByWords: readonly TextColumn[];
  readonly misfits: readonly TextColumn[];
}

/**
 * A column that is text and was to be of another type: of `textByWords` that of all values but words that usually stand for no value,
 * of `misfits` the one that whoever asked has given for columns without values, or times where nobody gave any.
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

const typeOfOthers = ({ withoutValues }: QueryTable): TypeWanted => {
  const types = typesByName(withoutValues);
  const typeWanted: TypeWanted =
    withoutValues === undefined ? timeBesideText : (_, name) => types.get(name) ?? null;
  return (kinds, name) => (hasValues(kinds) && typeOfKinds(kinds) === TEXT ? typeWanted(kinds, name) : null);
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

/**
 * The rows of files with the same first line. Where all of them were looked at, the engine's reader makes the types; else each value is
 * looked at when it is read.
 */
const rowsOf = (of: TableFiles, { head, files }: Group, kinds: Kinds | null): string => {
  const { table } = of;
  const made: MadeColumns = { native: new Map(), forms: [], casts: [] };
  const file = files.length === 1 ? quoted(files[0] ?? '') : FILE;
  const column = columnsOf(table, kinds, file, made);
  const columns = head.columns.map(column);
  const read = readerOf(files, head, {
    native: made.native,
    areEmptyNull: table.values === 'as-written',
    decimalSeparator: table.csv?.decimalSeparator,
  });
  const rows = withColumns(withColumns(read, made.forms), made.casts);
  // A column of the file's own with that name comes first.
  const isNamed = table.filenames !== undefined && !head.columns.some((name) => /^filename$/i.test(name));
  const filename = isNamed ? [`${nameOfFile(of, FILE)} AS filename`] : [];
  return `SELECT ${[...columns, ...filename].join(', ')} FROM ${rows}`;
};

/** Parts that the columns of a table need below them; they grow with each column. */
interface MadeColumns {
  /** Types that the engine's reader makes, by the names of their columns. */
  readonly native: Map<string, string>;
  /** Texts in a form that casts know, each under a name of its own. */
  readonly forms: string[];
  /** Quick casts, each under a name of its own: where one gives nothing, the text is looked at. */
  readonly casts: string[];
}

/** Writes the expression of a column. */
const columnsOf = (table: QueryTable, kinds: Kinds | null, file: string, made: MadeColumns) => {
  const { csv } = table;
  const said = typesByName(csv?.types);
  const ofEmpty = typesByName(table.withoutValues);
  const typeOfNothing = (found: number, lower: string): string | undefined =>
    hasValues(found) || ofEmpty.get(lower) === TEXT ? undefined : ofEmpty.get(lower);
  return (name: string): string => {
    const column = identifier(name);
    const lower = name.toLowerCase();
    const found = kinds?.byName.get(lower) ?? 0;
    const ofUser = said.get(lower);
    const type = ofUser ?? (kinds === null ? TEXT : typeOfKinds(found));
    const ofNothing = ofUser === undefined && kinds?.isAll === true ? typeOfNothing(found, lower) : undefined;
    if (ofNothing !== undefined) return `CAST(NULL AS ${ofNothing}) AS ${column}`;
    const isSaid = ofUser !== undefined;
    if (type === TEXT) {
      const text = withoutNulls(column, csv);
      return text === column ? text : `${text} AS ${column}`;
    }
    const inKnown = inKnownForm(column, csv);
    const isChecked = isSaid
      ? isLookedAt(type)
      : kinds?.isAll === false || isUnreadable(found) || inKnown !== null;
    if (!isChecked) {
      if (hasNulls(csv)) return `CAST(${inKnown} AS ${type}) AS ${column}`;
      made.native.set(name, type);
      return column;
    }
    const form = inKnown === null ? column : identifier(`pond text ${made.forms.length}`);
    if (inKnown !== null) made.forms.push(`${inKnown} AS ${form}`);
    const quick = `pond value ${made.casts.length}`;
    const cast = quickCast(form, type);
    if (cast !== null) made.casts.push(`${cast} AS ${identifier(quick)}`);
    return `${checkedCast({ name, form, type, isSaid, file, quick })} AS ${column}`;
  };
};

const withColumns = (rows: string, columns: readonly string[]): string =>
  columns.length === 0 ? rows : `(SELECT *, ${columns.join(', ')} FROM ${rows})`;

const typesByName = (types: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> =>
  new Map(Object.entries(types).map(([name, type]) => [name.toLowerCase(), type]));
