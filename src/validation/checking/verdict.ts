import type { Json } from '../../domain/documents/json.js';
import { holds, limitText } from '../limit-text.js';
import type { CompiledRules } from '../query/compile.js';
import type { FileRule } from '../query/file-rules.js';
import type { RowRule, RowRuleKind } from '../query/row-rules.js';
import type { Check, Limit, Severity } from '../rules.js';

/** A row that breaks a rule. */
export interface FailingRow {
  /** Its number in the file, from 1; a line of names is none. */
  readonly row: number;
  readonly values: Json;
}

/** Verdict about one rule. */
export interface RuleOutcome {
  readonly rule: RowRuleKind | FileRule['kind'] | 'readable' | Check['measure']['kind'];
  readonly name: string;
  readonly column: string | null;
  readonly severity: Severity;
  readonly passed: boolean;
  /** Value that was counted or computed; null: none was. */
  readonly value: number | null;
  readonly limit: string;
  /** One sentence without a full stop: what is wrong, or what was found. */
  readonly message: string;
  /** Up to five of the rows that break it. */
  readonly failingRows: readonly FailingRow[];
  /** Tells whether single rows break it, which can be told from the others. */
  readonly isAboutRows: boolean;
}

/** Verdicts about all rules of a file. */
export interface FileVerdict {
  readonly path: string;
  /** Null: it could not be read. */
  readonly rows: number | null;
  readonly outcomes: readonly RuleOutcome[];
}

export const isBroken = ({ passed, severity }: RuleOutcome): boolean => !passed && severity === 'error';

export const isWarned = ({ passed, severity }: RuleOutcome): boolean => !passed && severity === 'warning';

/** The verdict on a file that cannot be read. */
export const unreadable = (path: string, problem: string): FileVerdict => ({
  path,
  rows: null,
  outcomes: [
    {
      rule: 'readable',
      name: 'readable',
      column: null,
      severity: 'error',
      passed: false,
      value: null,
      limit: 'a table',
      message: `cannot be read: ${problem}`,
      failingRows: [],
      isAboutRows: false,
    },
  ],
});

/** The verdict on the values that the query of compiled rules has given. */
export const verdictOf = (
  path: string,
  { rowRules, checks, fileRules }: CompiledRules,
  values: readonly Json[],
): FileVerdict => {
  const [rows = 0, ...measured] = values.map(asNumber);
  const ofRows = measured.slice(0, rowRules.length);
  const ofChecks = measured.slice(rowRules.length);
  return {
    path,
    rows: rows ?? 0,
    outcomes: [
      ...fileRules.map(fileOutcome),
      ...rowRules.map((rule, index) => rowOutcome(rule, ofRows[index] ?? 0)),
      ...checks.map((check, index) => checkOutcome(check, ofChecks[index] ?? null, rows ?? 0)),
    ],
  };
};

const asNumber = (value: Json): number | null => (value === null ? null : Number(value));

const fileOutcome = ({ kind, column, severity, limit, problem }: FileRule): RuleOutcome => ({
  rule: kind,
  name: column === null ? kind : `${column} ${kind}`,
  column,
  severity,
  passed: problem === null,
  value: null,
  limit,
  message: problem ?? (column === null ? 'no other columns' : `${column} is there`),
  failingRows: [],
  isAboutRows: false,
});

const rowOutcome = (rule: RowRule, value: number): RuleOutcome => ({
  rule: rule.kind,
  name: `${rule.column} ${rule.kind}`,
  column: rule.column,
  severity: rule.severity,
  passed: value === 0,
  value,
  limit: rule.limit,
  message: `${rule.column}: ${counted(value)} ${value === 1 ? singular(rule.words) : rule.words} (${rule.kind})`,
  failingRows: [],
  isAboutRows: rule.tellsRows,
});

const counted = (count: number): string => (count === 1 ? '1 value' : `${count === 0 ? 'no' : count} values`);

const singular = (words: string): string =>
  words
    .replace(/^are /, 'is ')
    .replace(/^have /, 'has ')
    .replace(/^do /, 'does ')
    .replace(/^stand /, 'stands ');

const checkOutcome = (check: Check, counted: number | null, rows: number): RuleOutcome => {
  const { measure, limits, unit, name, severity } = check;
  const value = unit === 'percent' && counted !== null ? percentage(counted, rows) : counted;
  const limit = limits.map((each) => limitText(each, unit)).join(' and ');
  const shown = value === null ? 'nothing' : unit === 'percent' ? percentText(value, limits) : `${value}`;
  return {
    rule: measure.kind,
    name,
    column: 'column' in measure ? measure.column : null,
    severity,
    passed: value !== null && limits.every((each) => holds(each, value)),
    value,
    limit,
    message: `${name}: ${subject(check)} is ${shown}${unit === 'percent' ? '%' : ''}, ${limit}`,
    failingRows: [],
    isAboutRows: false,
  };
};

const subject = ({ measure }: Check): string => {
  switch (measure.kind) {
    case 'rowCount':
      return measure.kind;
    case 'sql':
      return 'its query';
    case 'duplicateValues':
      return `${measure.kind} of ${measure.columns.join(', ')}`;
    default:
      return `${measure.kind} of ${measure.column}`;
  }
};

/** Two digits after the point, or as many as tell it from its limits: 3 rows of a million are not 0%. */
const percentText = (value: number, limits: readonly Limit[]): string => {
  const bounds = limits.flatMap(({ than }) => than);
  const texts = [2, 3, 4, 6, 8, 10, 12].map((digits) => value.toFixed(digits));
  return texts.find((text) => Number(text) === value || !bounds.includes(Number(text))) ?? String(value);
};

const percentage = (count: number, rows: number): number => (rows === 0 ? 0 : (100 * count) / rows);
