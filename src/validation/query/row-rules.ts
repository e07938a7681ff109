import type { ColumnRules, Reference, Severity } from '../rules.js';
import { listOf, literal, quoted } from './sql.js';
import { type ColumnValues, isNoneOf } from './values-of-column.js';

export type RowRuleKind =
  | 'required'
  | 'type'
  | 'unique'
  | 'min'
  | 'max'
  | 'exclusiveMinimum'
  | 'exclusiveMaximum'
  | 'multipleOf'
  | 'minLength'
  | 'maxLength'
  | 'enum'
  | 'pattern'
  | 'references';

/** A rule that single rows break. */
export interface RowRule {
  readonly kind: RowRuleKind;
  readonly column: string;
  readonly severity: Severity;
  /** Words that follow a number of values: `are above 60`. */
  readonly words: string;
  /** Words for the value that is wanted: `60`. */
  readonly limit: string;
  /** The value that the rule is about, in SQL. */
  readonly value: string;
  /** Tells whether a row breaks it, in SQL, NULL for no; of `unique`, null: that is seen from other rows. */
  readonly breaks: string | null;
  /** The values that `value` may not be one of, since rows that come before these have them, as a query; null: there are none. */
  readonly earlier: string | null;
  /** Tells whether its rows can be told from good ones; not where the whole column has the wrong type. */
  readonly tellsRows: boolean;
}

/** A column of another file that is referred to, as a table of the query. */
export interface ReferredTable {
  readonly reference: Reference;
  /** A subquery that has its values, of the type of those that refer to them. */
  readonly values: string;
}

/** The rules of one column, in the order in which they are reported. */
export const rowRulesOf = (
  rules: ColumnRules,
  values: ColumnValues,
  referred: (reference: Reference) => ReferredTable | null,
  earlier: string | null = null,
): readonly RowRule[] => {
  const { typed, text, raw, mistyped, contradicts } = values;
  const { type, min, max, exclusiveMinimum: above, exclusiveMaximum: below, multipleOf } = rules;
  const { minLength, maxLength, enum: allowed, pattern, references } = rules;
  const made: RowRule[] = [];
  const add = (
    kind: RowRuleKind,
    limit: string | number | boolean,
    words: string,
    breaks: string | null,
    value = raw,
  ): void => {
    made.push({
      kind,
      column: rules.name,
      severity: rules.severity,
      words,
      limit: String(limit),
      value,
      breaks,
      earlier: breaks === null ? earlier : null,
      tellsRows: kind !== 'type' || !contradicts,
    });
  };
  if (rules.required) add('required', true, 'are missing', `${raw} IS NULL`);
  if (type !== null && mistyped !== null) add('type', type, `are not of type ${type}`, mistyped);
  if (min !== null) add('min', min, `are below ${min}`, `${typed} < ${literal(min, type)}`, typed);
  if (max !== null) add('max', max, `are above ${max}`, `${typed} > ${literal(max, type)}`, typed);
  if (above !== null)
    add('exclusiveMinimum', above, `are not above ${above}`, `${typed} <= ${literal(above, type)}`, typed);
  if (below !== null)
    add('exclusiveMaximum', below, `are not below ${below}`, `${typed} >= ${literal(below, type)}`, typed);
  if (multipleOf !== null) {
    const rest = `${typed} / ${multipleOf}`;
    // What a quotient of doubles is off by is less than this.
    const breaks = `abs(${rest} - round(${rest})) > 1e-9 * greatest(1, abs(${rest}))`;
    add('multipleOf', multipleOf, `are not divisible by ${multipleOf}`, breaks, typed);
  }
  if (minLength !== null)
    add('minLength', minLength, `have fewer than ${minLength} characters`, `length(${text}) < ${minLength}`);
  if (maxLength !== null)
    add('maxLength', maxLength, `have more than ${maxLength} characters`, `length(${text}) > ${maxLength}`);
  if (allowed !== null) {
    const of = type === 'integer' || type === 'number' || type === 'boolean' ? type : null;
    const breaks = of === null ? isNoneOf(values, allowed) : `${typed} NOT IN ${listOf(allowed, of)}`;
    add('enum', allowed.join(', '), `are none of ${allowed.join(', ')}`, breaks);
  }
  if (pattern !== null)
    add('pattern', pattern, `do not match ${pattern}`, `NOT regexp_matches(${text}, ${quoted(pattern)})`);
  if (references !== null) {
    const { file, column } = references;
    const table = referred(references);
    if (table !== null)
      add(
        'references',
        `${column} of ${file}`,
        `do not stand in ${column} of ${file}`,
        `${typed} IS NOT NULL AND ${typed} NOT IN ${table.values}`,
      );
  }
  if (rules.unique) add('unique', true, 'stand in an earlier row, too', null, typed);
  return made;
};
