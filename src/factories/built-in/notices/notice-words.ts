import type { Json } from '../../../domain/documents/json.js';
import type { TaskOutcome } from '../../../domain/plans/task-outcome.js';
import type { Change } from '../../../domain/tree/change.js';
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
  ...(countsAs === 'failed'
    ? bounded(reportLines(report).filter((line) => error?.includes(line) !== true))
    : []),
];

/** A moment as people read it, to the second: `2026-11-20 10:15:00 UTC`. */
const timeOf = (micros: number): string =>
  `${new Date(micros / 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;

/** Renders what a commit changed, as lines. */
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
 * The checks of a report that failed, one a line, where it has any, as the factory `validate` reports them; anything else
 * as it is.
 */
const reportLines = (report: Json): readonly string[] => {
  if (report === null) return [];
  const files = membersOf(report, 'files');
  const checks = files.flatMap((file) =>
    membersOf(file, 'checks')
      .filter((check) => textIn(check, 'result') === 'failed')
      .map((check) => `${textIn(file, 'path') ?? ''}: ${textIn(check, 'message') ?? textIn(check, 'name')}`),
  );
  return files.length > 0 ? checks : [`Report: ${JSON.stringify(report)}`];
};

const memberOf = (value: Json, name: string): Json =>
  value !== null && typeof value === 'object' && !isList(value) && Object.hasOwn(value, name)
    ? (value[name] ?? null)
    : null;

const membersOf = (value: Json, name: string): readonly Json[] => {
  const member = memberOf(value, name);
  return isList(member) ? member : [];
};

const textIn = (value: Json, name: string): string | null => {
  const member = memberOf(value, name);
  return typeof member === 'string' ? member : null;
};

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
