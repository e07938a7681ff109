import { SOURCE } from './compile.js';
import type { RowRule } from './row-rules.js';
import { identifier, quoted } from './sql.js';

/** Names that no column has by chance. */
const ROW = identifier('\u{1}row');
const NUMBER = identifier('\u{1}number');

/** Failing rows of a rule, at most. */
const MOST_ROWS = 5;

/** A rule with the condition under which a row breaks it, never NULL. */
interface Broken {
  readonly rule: RowRule;
  readonly breaks: string;
}

/** The rows of the file with their numbers; a row that repeats a value is told from the first one that has it. */
const numberedRows = (
  rules: readonly RowRule[],
): { readonly from: string; readonly broken: readonly Broken[]; readonly isOrdered: boolean } => {
  const numbered = `SELECT ${SOURCE} AS ${ROW}, ${SOURCE}.*, row_number() OVER () AS ${NUMBER} FROM ${SOURCE}`;
  const repeated = rules.flatMap(({ breaks, value, earlier }, index) => {
    if (breaks !== null) return [];
    const place = `row_number() OVER (PARTITION BY ${value} ORDER BY ${NUMBER})`;
    const isEarlier = earlier === null ? '' : ` OR ${value} IN (${earlier})`;
    return [`${value} IS NOT NULL AND (${place} > 1${isEarlier}) AS ${mark(index)}`];
  });
  return {
    from: repeated.length === 0 ? `(${numbered})` : `(SELECT *, ${repeated.join(', ')} FROM (${numbered}))`,
    broken: rules.map((rule, index) => ({
      rule,
      breaks: rule.breaks === null ? mark(index) : `coalesce(${rule.breaks}, false)`,
    })),
    isOrdered: repeated.length === 0,
  };
};

const mark = (index: number): string => identifier(`\u{1}repeated ${index}`);

/** A query for the first rows that break each of the rules: one row, one list a rule. */
export const failingRowsQuery = (rules: readonly RowRule[]): string => {
  const { from, broken } = numberedRows(rules);
  const lists = broken.map(
    ({ breaks }) =>
      `arg_min({'row': ${NUMBER}, 'values': ${ROW}}, ${NUMBER}, ${MOST_ROWS}) FILTER (WHERE ${breaks})`,
  );
  return `SELECT ${lists.join(',\n  ')}\nFROM ${from}`;
};

/** Queries for the rows that break none of the rules, and for the others with what they break. */
export interface SplitQueries {
  readonly good: string;
  readonly bad: string;
}

export const splitQueries = (columns: readonly string[], rules: readonly RowRule[]): SplitQueries => {
  const { from, broken, isOrdered } = numberedRows(rules);
  const any = broken.map(({ breaks }) => `(${breaks})`).join(' OR ');
  const selected = columns.map(identifier).join(', ');
  const order = isOrdered ? '' : ` ORDER BY ${NUMBER}`;
  return {
    good: `SELECT ${selected} FROM ${from} WHERE NOT (${any})${order}`,
    bad: `SELECT ${selected}, ${namesOf(broken)} AS ${identifier(ruleColumn(columns))} FROM ${from} WHERE ${any}${order}`,
  };
};

/** A query for the numbers of the rows that break a rule, in order, with what they break: `number` and `rule`. */
export const brokenRowsQuery = (rules: readonly RowRule[]): string => {
  const { from, broken } = numberedRows(rules);
  const any = broken.map(({ breaks }) => `(${breaks})`).join(' OR ');
  return `SELECT ${NUMBER} AS number, ${namesOf(broken)} AS rule FROM ${from} WHERE ${any} ORDER BY ${NUMBER}`;
};

const namesOf = (broken: readonly Broken[]): string =>
  `concat_ws('; ', ${broken
    .map(({ rule, breaks }) => `CASE WHEN ${breaks} THEN ${quoted(nameOf(rule))} END`)
    .join(', ')})`;

/**
 * A rule as quarantined rows name it: `t max 60`. Texts among limits are left out, which may be long, and which may be what a
 * variable of the environment holds: the rows become part of the data.
 */
const nameOf = ({ column, kind, limit }: RowRule): string =>
  WITH_WORDS.has(kind) || /^-?[0-9.]+(e[+-]?[0-9]+)?$/i.test(limit)
    ? `${column} ${kind} ${limit}`
    : `${column} ${kind}`;

const WITH_WORDS: ReadonlySet<RowRule['kind']> = new Set(['required', 'type', 'unique']);

/** The column of quarantined rows that names what they break. */
export const ruleColumn = (columns: readonly string[]): string => {
  const taken = new Set(columns.map((name) => name.toLowerCase()));
  let name = 'rule';
  while (taken.has(name)) name = `${name}_`;
  return name;
};
