import {
  type Check,
  type ColumnRules,
  columnsOf,
  type Measure,
  type Reference,
  type Rules,
} from '../rules.js';
import { type FileRule, fileRulesOf } from './file-rules.js';
import { type FoundFile, referenceKey } from './found-file.js';
import { type ReferredTable, type RowRule, rowRulesOf } from './row-rules.js';
import { identifier, quoted, SQL_TYPES } from './sql.js';
import { type ColumnValues, isNoneOf, isOneOf, valuesOf } from './values-of-column.js';

/** The table of the file that is checked. */
export const SOURCE = 'source';

/** The table of what comes before it in the same file, where a part of the file is checked. */
export const EARLIER = 'earlier';

/** Query that finds out all about a file: its columns are the values. */
export interface CompiledRules {
  /** One query for all. Its first column is the number of rows, then come those of `rowRules`, then those of `checks`. */
  readonly sql: string;
  readonly rowRules: readonly RowRule[];
  readonly checks: readonly Check[];
  /** Verdicts that need no look at the rows. */
  readonly fileRules: readonly FileRule[];
}

/** Turns rules into one query over a file. Pure: the same rules and the same file give the same text. */
export const compile = (rules: Rules, file: FoundFile): CompiledRules => {
  const found = new Map(file.columns.map(({ name, type }) => [name, type]));
  const isTextual = file.format !== 'parquet';
  const known = rules.columns.filter(({ name }) => found.has(name));
  const valuesIn = (column: Pick<ColumnRules, 'name' | 'type'>): ColumnValues =>
    valuesOf(column, found.get(column.name) ?? 'VARCHAR', isTextual);
  const rowRules = known.flatMap((column) =>
    rowRulesOf(
      column,
      valuesIn(column),
      (reference) => referredIn(file, column, reference, isTextual),
      earlierIn(file, column, isTextual),
    ),
  );
  const typeOf = (name: string) => rules.columns.find((column) => column.name === name)?.type ?? null;
  const valuesAt = (name: string): ColumnValues => valuesIn({ name, type: typeOf(name) });
  const checks = rules.checks.filter(({ measure }) => columnsOf(measure).every((name) => found.has(name)));
  const measures = [
    'count(*)',
    ...rowRules.map(countOf),
    ...checks.map(({ measure }) => measured(measure, rowRules, valuesAt)),
  ];
  const typed = checks.some(({ measure }) => measure.kind === 'sql') ? `${typedView(rules, file)}\n` : '';
  return {
    sql: `${typed}SELECT ${measures.join(',\n  ')}\nFROM ${SOURCE}`,
    rowRules,
    checks,
    fileRules: fileRulesOf(rules, file),
  };
};

/** Rows that break a rule. The first one of a value repeats it, too, where an earlier part of the file has it. */
const countOf = ({ breaks, value, earlier }: RowRule): string => {
  if (breaks !== null) return `count(*) FILTER (WHERE ${breaks})`;
  const repeated = `count(${value}) - count(DISTINCT ${value})`;
  return earlier === null
    ? repeated
    : `${repeated} + count(DISTINCT ${value}) FILTER (WHERE ${value} IN (${earlier}))`;
};

const measured = (
  measure: Measure,
  rowRules: readonly RowRule[],
  valuesAt: (name: string) => ColumnValues,
): string => {
  switch (measure.kind) {
    case 'rowCount':
      return 'count(*)';
    case 'nullValues':
      return `count(*) FILTER (WHERE ${valuesAt(measure.column).raw} IS NULL)`;
    case 'missingValues': {
      const column = valuesAt(measure.column);
      const values = measure.values.filter((value) => value !== null);
      const conditions = [
        ...(values.length < measure.values.length ? [`${column.raw} IS NULL`] : []),
        ...(values.length > 0 ? [isOneOf(column, values)] : []),
      ];
      return `count(*) FILTER (WHERE ${conditions.join(' OR ')})`;
    }
    case 'invalidValues': {
      const column = valuesAt(measure.column);
      const { validValues, pattern } = measure;
      const conditions =
        validValues === null && pattern === null
          ? rowRules.flatMap(({ column, kind, breaks }) =>
              column === measure.column && kind !== 'required' && breaks !== null ? [`(${breaks})`] : [],
            )
          : [
              ...(validValues === null ? [] : [isNoneOf(column, validValues)]),
              ...(pattern === null ? [] : [`NOT regexp_matches(${column.text}, ${quoted(pattern)})`]),
            ];
      return `count(*) FILTER (WHERE ${conditions.length === 0 ? 'false' : conditions.join(' OR ')})`;
    }
    case 'duplicateValues': {
      const [first = '', ...more] = measure.columns.map((name) => valuesAt(name).typed);
      return more.length === 0
        ? `count(${first}) - count(DISTINCT ${first})`
        : `count(*) - count(DISTINCT row(${[first, ...more].join(', ')}))`;
    }
    case 'sql':
      // A comment at its end ends with its line.
      return `CAST((\n${queryOf(measure.sql)}\n) AS DOUBLE)`;
  }
};

/** The table that `{file}` stands for in the queries of checks. */
const TYPED = 'file';

/** A check's query over the typed view. */
export const queryOf = (sql: string): string =>
  sql.replaceAll(/\$?\{(?:file|object|table)\}/g, TYPED).replace(/[;\s]+$/, '');

/** The file's rows for queries of checks: with the types that are declared, else those that the first rows show. */
export const typedView = ({ columns }: Rules, { columns: found, guessed, format }: FoundFile): string => {
  const shown = new Map(guessed.map(({ name, type }) => [name, type]));
  const selected = found.map(({ name, type }) => {
    const declared = columns.find((column) => column.name === name)?.type ?? null;
    const as = declared === null ? shown.get(name) : SQL_TYPES[declared];
    const isText = format !== 'parquet' && (type === 'VARCHAR' || type === 'JSON');
    if (!isText || as === undefined || as === type) return identifier(name);
    const { text } = valuesOf({ name, type: null }, type, true);
    return `TRY_CAST(${text} AS ${as}) AS ${identifier(name)}`;
  });
  return `WITH ${TYPED} AS (SELECT ${selected.join(', ')} FROM ${SOURCE})`;
};

/** A query for the values that a column has in earlier parts of the file; null where there are none. */
const earlierIn = ({ earlier }: FoundFile, column: ColumnRules, isTextual: boolean): string | null => {
  const found = earlier.find(({ name }) => name === column.name);
  if (found === undefined) return null;
  const { typed } = valuesOf(column, found.type, isTextual);
  return `SELECT ${typed} FROM ${identifier(EARLIER)} WHERE ${typed} IS NOT NULL`;
};

const referredIn = (
  file: FoundFile,
  column: ColumnRules,
  reference: Reference,
  isTextual: boolean,
): ReferredTable | null => {
  const referred = file.referred.get(referenceKey(reference));
  if (referred === undefined) return null;
  const { typed } = valuesOf(
    { name: reference.column, type: column.type },
    referred.type,
    // Of a file with other types the values are compared as far as they can be.
    isTextual || referred.type === 'VARCHAR',
  );
  return {
    reference,
    values: `(SELECT ${typed} FROM ${identifier(referred.table)} WHERE ${typed} IS NOT NULL)`,
  };
};
