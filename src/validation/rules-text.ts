import { printable, printableJson } from '../domain/text/printable.js';
import { limitKeys } from './limit-text.js';
import type { Check, ColumnRules, Rules } from './rules.js';

/** A file from which rules were suggested, and the files that they are for. */
export interface SuggestedFrom {
  readonly path: string;
  readonly rows: number;
  readonly pattern: string;
}

/** Suggested rules as an entry for `/etc/gate.d` or `/etc/system.d`, in YAML. */
export const suggestedEntry = (
  { path, rows, pattern }: SuggestedFrom,
  { columns, checks, strict }: Rules,
): string =>
  [
    `# What the ${rows === 1 ? 'one row' : `${rows} rows`} of ${printable(path)} ${rows === 1 ? 'keeps' : 'keep'}. Look through it: what is true of them need not be a rule.`,
    'factory: validate',
    'condition:',
    `  path_pattern: ${quoted(pattern)}`,
    'config:',
    ...(strict ? ['  strict: true'] : []),
    '  columns:',
    ...columns.map((column) => `    - ${mapping(columnKeys(column))}`),
    ...(checks.length === 0
      ? []
      : ['  checks:', ...checks.map((check) => `    - ${mapping(checkKeys(check))}`)]),
    '',
  ].join('\n');

type Keys = readonly (readonly [string, unknown])[];

const columnKeys = (column: ColumnRules): Keys => [
  ['name', column.name],
  ['type', column.type],
  ['required', column.required || null],
  ['unique', column.unique || null],
  ['min', column.min],
  ['max', column.max],
  ['enum', column.enum],
];

const checkKeys = ({ name, measure, limits }: Check): Keys => [
  ['name', name],
  ['metric', measure.kind],
  ...limits.map(limitKeys),
];

const mapping = (keys: Keys): string =>
  `{ ${keys
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${key}: ${flow(value)}`)
    .join(', ')} }`;

/** A value in YAML's flow style; strings that could be taken for something else are quoted. */
const flow = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  return typeof value === 'string' && PLAIN.test(value) && !RESERVED.test(value) ? value : quoted(value);
};

/** A value in YAML's double quotes, in which nothing acts upon a terminal. */
const quoted = (value: unknown): string => printableJson(JSON.stringify(value));

const PLAIN = /^[A-Za-z][A-Za-z0-9_ ]*[A-Za-z0-9_]$|^[A-Za-z]$/;
const RESERVED = /^(?:true|false|null|yes|no|on|off|y|n)$/i;
