/*
 * Rules about the rows of a file, in the words of the Open Data Contract Standard. Whatever notation they were written
 * in, this is what they mean.
 */

export type Severity = 'error' | 'warning';

/** Types of values, those of the standard. */
export const COLUMN_TYPES = [
  'string',
  'integer',
  'number',
  'boolean',
  'date',
  'time',
  'timestamp',
  'object',
  'array',
] as const;

export type ColumnType = (typeof COLUMN_TYPES)[number];

export type Scalar = string | number | boolean;

/** The values of a column must stand in another file's column. */
export interface Reference {
  /** Path in the pond. */
  readonly file: string;
  readonly column: string;
}

/** Rules about one column. Null: none. */
export interface ColumnRules {
  readonly name: string;
  readonly severity: Severity;
  readonly type: ColumnType | null;
  readonly required: boolean;
  readonly unique: boolean;
  readonly min: number | string | null;
  readonly max: number | string | null;
  /** Bounds that do not belong to what is allowed. */
  readonly exclusiveMinimum: number | string | null;
  readonly exclusiveMaximum: number | string | null;
  readonly multipleOf: number | null;
  readonly minLength: number | null;
  readonly maxLength: number | null;
  readonly enum: readonly Scalar[] | null;
  readonly pattern: string | null;
  readonly references: Reference | null;
}

/** A column of which nothing is demanded but that it is there. */
export const NO_COLUMN_RULES: Omit<ColumnRules, 'name'> = {
  severity: 'error',
  type: null,
  required: false,
  unique: false,
  min: null,
  max: null,
  exclusiveMinimum: null,
  exclusiveMaximum: null,
  multipleOf: null,
  minLength: null,
  maxLength: null,
  enum: null,
  pattern: null,
  references: null,
};

export const METRICS = [
  'rowCount',
  'nullValues',
  'missingValues',
  'invalidValues',
  'duplicateValues',
] as const;

/** One comparison of a check's value. */
export type Limit =
  | { readonly operator: SingleOperator; readonly than: number }
  | { readonly operator: RangeOperator; readonly than: readonly [number, number] };

export const SINGLE_OPERATORS = [
  'mustBe',
  'mustNotBe',
  'mustBeGreaterThan',
  'mustBeGreaterOrEqualTo',
  'mustBeLessThan',
  'mustBeLessOrEqualTo',
] as const;

export const RANGE_OPERATORS = ['mustBeBetween', 'mustNotBeBetween'] as const;

export type SingleOperator = (typeof SINGLE_OPERATORS)[number];
export type RangeOperator = (typeof RANGE_OPERATORS)[number];

/** A number that a file as a whole has, and what it must be. */
export interface Check {
  readonly name: string;
  readonly severity: Severity;
  readonly unit: 'rows' | 'percent';
  /** All of them must hold. */
  readonly limits: readonly Limit[];
  readonly measure: Measure;
}

export type Measure =
  | { readonly kind: 'rowCount' }
  | { readonly kind: 'nullValues'; readonly column: string }
  /** `values`: what counts as missing; null stands for an absent value. */
  | {
      readonly kind: 'missingValues';
      readonly column: string;
      readonly values: readonly (Scalar | null)[];
    }
  /** Both null: what breaks one of the column's own rules is invalid. */
  | {
      readonly kind: 'invalidValues';
      readonly column: string;
      readonly validValues: readonly Scalar[] | null;
      readonly pattern: string | null;
    }
  | { readonly kind: 'duplicateValues'; readonly columns: readonly string[] }
  /** A query with one number or boolean as its result; `{file}` stands for the file's rows. */
  | { readonly kind: 'sql'; readonly sql: string };

/** Everything that is said of a file. */
export interface Rules {
  readonly columns: readonly ColumnRules[];
  /** Tells whether columns that are not named are an error. */
  readonly strict: boolean;
  readonly checks: readonly Check[];
  /** Names of what a contract demands and nobody here can find out. */
  readonly unchecked: readonly string[];
}

export const NO_RULES: Rules = { columns: [], strict: false, checks: [], unchecked: [] };

/** The columns that a check is about. */
export const columnsOf = (measure: Measure): readonly string[] => {
  switch (measure.kind) {
    case 'rowCount':
    case 'sql':
      return [];
    case 'duplicateValues':
      return measure.columns;
    default:
      return [measure.column];
  }
};
