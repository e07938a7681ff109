import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../../domain/documents/json.js';
import { steps } from '../../effects/steps.js';
import type { QueryFailed } from '../../ports/query-engine.js';
import { SOURCE } from '../query/compile.js';
import type { FoundFile } from '../query/found-file.js';
import { familiesOf, valuesOf } from '../query/values-of-column.js';
import { type ColumnRules, type ColumnType, NO_COLUMN_RULES, NO_RULES, type Rules } from '../rules.js';
import type { CheckedFile } from './check-file.js';

/** Values that a column may have at most to be suggested as a list, and rows for each of them at least. */
const MOST_VALUES = 15;
const ROWS_A_VALUE = 10;

/** Rules that a file keeps, as far as its data shows them: a first set for somebody to look through. */
export const suggestRules = ({
  session,
  found,
}: Pick<CheckedFile, 'session' | 'found'>): TaskEither<QueryFailed, Rules> =>
  steps(async (s) => {
    const guesses = found.columns.map(({ name, type }) => guess(found, name, type));
    const parts = guesses.flatMap(({ values: { raw, typed, text, mistyped }, type }) => [
      `count(${raw})`,
      mistyped === null ? '0' : `count(*) FILTER (WHERE ${mistyped})`,
      `approx_count_distinct(${text})`,
      ...(isNumeric(type) ? [`min(${typed})`, `max(${typed})`] : ['NULL', 'NULL']),
    ]);
    const { rows } = await s.run(session.rows(`SELECT ${['count(*)', ...parts].join(', ')} FROM ${SOURCE}`));
    const [total = 0, ...numbers] = rows[0] ?? [];
    const count = Number(total);
    const seen = guesses.map((column, index): Seen => {
      const [present, wrong, distinct, min, max] = numbers.slice(index * 5, index * 5 + 5);
      return {
        ...column,
        type: Number(wrong) > 0 ? 'string' : column.type,
        present: Number(present),
        distinct: Number(distinct),
        min: numberOf(min ?? null),
        max: numberOf(max ?? null),
      };
    });
    const close = seen.filter((column) => mayBeUnique(column, count));
    const lists = seen.filter((column) => mayBeList(column, count));
    const asked = [
      ...close.map(({ values }) => `count(DISTINCT ${values.text})`),
      ...lists.map(({ values }) => `list(DISTINCT ${values.text})`),
    ];
    const answers =
      asked.length === 0
        ? []
        : ((await s.run(session.rows(`SELECT ${asked.join(', ')} FROM ${SOURCE}`))).rows[0] ?? []);
    const unique = new Set(
      close.filter((_, index) => Number(answers[index]) === count).map(({ name }) => name),
    );
    const values = new Map(lists.map(({ name }, index) => [name, answers[close.length + index] ?? null]));
    return {
      ...NO_RULES,
      strict: true,
      columns: seen.map((column) => rulesOf(column, count, unique.has(column.name), values.get(column.name))),
      checks: [
        {
          name: 'there are rows',
          severity: 'error',
          unit: 'rows',
          limits: [{ operator: 'mustBeGreaterThan', than: 0 }],
          measure: { kind: 'rowCount' },
        },
      ],
    };
  });

interface Guess {
  readonly name: string;
  readonly type: ColumnType;
  readonly values: ReturnType<typeof valuesOf>;
}

interface Seen extends Guess {
  /** Rows with a value. */
  readonly present: number;
  /** Different values, about. */
  readonly distinct: number;
  readonly min: number | null;
  readonly max: number | null;
}

const guess = (found: FoundFile, name: string, native: string): Guess => {
  const shown = found.guessed.find((column) => column.name === name)?.type ?? native;
  const type = familiesOf(shown)[0] ?? 'string';
  return { name, type, values: valuesOf({ name, type }, native, found.format !== 'parquet') };
};

const isNumeric = (type: ColumnType): boolean => type === 'integer' || type === 'number';

/** Null also for what is not exact as a number, and is refused in YAML for that. */
const numberOf = (value: Json): number | null => {
  const number = value === null ? Number.NaN : Number(value);
  return Number.isFinite(number) && Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : null;
};

const mayBeUnique = ({ type, present, distinct }: Seen, rows: number): boolean =>
  rows > 1 && present === rows && distinct > rows * 0.8 && type !== 'number';

const mayBeList = ({ type, distinct }: Seen, rows: number): boolean =>
  type === 'string' && distinct > 0 && distinct <= MOST_VALUES && rows >= distinct * ROWS_A_VALUE;

const rulesOf = (
  { name, type, present, min, max }: Seen,
  rows: number,
  unique: boolean,
  values: Json | undefined,
): ColumnRules => ({
  ...NO_COLUMN_RULES,
  name,
  type,
  required: rows > 0 && present === rows,
  unique,
  min: isNumeric(type) ? min : null,
  max: isNumeric(type) ? max : null,
  enum: Array.isArray(values)
    ? (values as readonly Json[])
        .filter((value) => value !== null)
        .map(String)
        .sort()
    : null,
});
