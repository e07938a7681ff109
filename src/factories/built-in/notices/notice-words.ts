import type { Change } from '../../../domain/change.js';
import type { Json } from '../../../domain/documents/json.js';
import type { TaskOutcome } from '../../../domain/task-outcome.js';
import { cutTo, oneLine } from './escapes.js';

const MOST_LINES = 10;
const LONGEST_ERROR = 1_000;
const LONGEST_LINE = 300;

/** A commit in one line: `commit 42 changed 3 paths`. */
export const commitTitle = (txnSeq: number, changes: readonly Change[]): string =>
  `commit ${txnSeq} changed ${changes.length === 1 ? (changes[0]?.path ?? '1 path') : `${changes.length} paths`}`;

/** The lines about what a task failed of, or has recovered from. */
export const outcomeLines = ({
  configPath,
  state,
  countsAs,
  error,
  failingSince,
  report,
}: TaskOutcome): readonly string[] => [
  `${configPath}: ${state}`,
  ...(failingSince === null
    ? []
    : [`${countsAs === 'failed' ? 'Failing' : 'It had been failing'} since ${timeOf(failingSince)}`]),
  ...(error === null ? [] : [`Error: ${cutTo(LONGEST_ERROR, error)}`]),
  ...(countsAs === 'failed' ? bounded(reportLines(report)) : []),
];

/** A moment as people read it, to the second: `2026-11-20 10:15:00 UTC`. */
const timeOf = (micros: number): string =>
  `${new Date(micros / 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** What a commit changed, as lines. */
export const changeLines = (changes: readonly Change[]): readonly string[] =>
  bounded(
    changes.map((change) =>
      change.kind === 'renamed'
        ? `${change.kind} ${change.from} -> ${change.path}`
        : `${change.kind} ${change.path}`,
    ),
  );

const bounded = (lines: readonly string[]): readonly string[] => {
  const cut = lines.map((line) => cutTo(LONGEST_LINE, oneLine(line)));
  return cut.length <= MOST_LINES
    ? cut
    : [...cut.slice(0, MOST_LINES), `... and ${cut.length - MOST_LINES} more`];
};

/**
 * The checks of a report that did not hold, one a line, where it has any; anything else as it is. A check is an object
 * with `passed: false` (or `state: failed`), found in a list called `checks` at any depth; what it says of itself is shown.
 */
const reportLines = (report: Json): readonly string[] => {
  if (report === null) return [];
  const checks = failedChecks(report, '');
  return checks.length > 0 ? checks : [`Report: ${JSON.stringify(report)}`];
};

const failedChecks = (value: Json, file: string): readonly string[] => {
  if (isList(value)) return value.flatMap((item) => failedChecks(item, file));
  if (value === null || typeof value !== 'object') return [];
  const here = textIn(value, 'file') ?? textIn(value, 'path') ?? file;
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'checks' && isList(member)
      ? member.flatMap((check) => checkLine(check, here))
      : failedChecks(member, here),
  );
};

const checkLine = (check: Json, file: string): readonly string[] => {
  if (check === null || typeof check !== 'object' || isList(check)) return [];
  if (check.passed !== false && check.state !== 'failed') return [];
  const where = textIn(check, 'file') ?? file;
  const rule = textIn(check, 'name') ?? textIn(check, 'rule') ?? 'a rule';
  const column = textIn(check, 'column');
  const found = check.value === undefined || check.value === null ? '' : `: ${JSON.stringify(check.value)}`;
  const limit = textIn(check, 'limit') ?? textIn(check, 'expected');
  return [
    `${where === '' ? '' : `${where}: `}${rule}${column === null ? '' : ` (${column})`}${found}${
      limit === null ? '' : `, expected ${limit}`
    }`,
  ];
};

const textIn = (value: Json, name: string): string | null => {
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, name)) return null;
  const member = (value as Readonly<Record<string, Json>>)[name];
  if (typeof member === 'string') return member;
  return member === null || member === undefined ? null : JSON.stringify(member);
};

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
