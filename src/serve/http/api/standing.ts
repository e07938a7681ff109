import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FiringStatus } from '../../../control/records/firing-record.js';
import type { FailingEntry, TaskStatus } from '../../../control/records/task-status.js';
import type { TransactionSummary } from '../../../control/records/transaction-summary.js';
import { taskDocument } from '../../../documents/task-document.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { printTaskId } from '../../../domain/plans/task-id.js';
import { isoTimeOrNull } from '../../../domain/text/iso-time.js';
import { steps } from '../../../effects/steps.js';
import type { PondError } from '../../../steward/errors.js';
import type { Steward } from '../../../steward/steward.js';
import { withoutLongReports } from './long-lists.js';

/** Commits, and firings, whose entries are shown; besides these all entries that fail, however long ago they have run. */
const LOOKED_AT = 200;

/** Returns where the entries of a pond stand, those that fail first, the longest first; and its newest writes that were not without effect, the newest first. */
export const standingsOf = (
  steward: Pick<Steward, 'transactions' | 'firings' | 'failingEntries'>,
): TaskEither<
  PondError,
  { readonly entries: readonly Standing[]; readonly commits: readonly TransactionSummary[] }
> =>
  steps(async ({ run }) => {
    const newest = await run(steward.transactions({ limit: LOOKED_AT, transactionTypes: ['write'] }));
    const commits = newest.filter(({ status }) => status !== 'completed');
    // Of a schedule that brings nothing new each minute there are more of these than of any commits.
    const withTasks =
      commits.length === newest.length
        ? commits
        : await run(steward.transactions({ limit: LOOKED_AT, transactionTypes: ['write'], committed: true }));
    const firings = await run(steward.firings({ limit: LOOKED_AT }));
    const failing = await run(steward.failingEntries());
    return { entries: standings(withTasks, firings, failing), commits: merged(withTasks, commits) };
  });

const merged = (
  some: readonly TransactionSummary[],
  others: readonly TransactionSummary[],
): readonly TransactionSummary[] => {
  const byId = new Map([...some, ...others].map((one) => [one.txnId, one]));
  return [...byId.values()].sort((a, b) => b.startedAt - a.startedAt);
};

/** Outcomes of an entry that are shown, the newest first. */
const OUTCOMES_SHOWN = 30;

/** An entry by what its tasks have come to, as far back as the commits that are looked at go. */
export interface Standing {
  readonly configPath: string;
  readonly factoryName: string | null;
  /** The newest task that completed or failed; null: none did. */
  readonly last: TaskStatus | null;
  /** Time of the first failure since the last completion, in microseconds since the epoch; null: it does not fail. */
  readonly failingSince: number | null;
  /** Failures since the last completion. */
  readonly failures: number;
  /** The newest first. */
  readonly outcomes: readonly TaskStatus[];
}

const standings = (
  commits: readonly Pick<TransactionSummary, 'tasks'>[],
  firings: readonly Pick<FiringStatus, 'tasks'>[],
  failing: readonly FailingEntry[],
): readonly Standing[] => {
  const byPath = new Map<string, TaskStatus[]>();
  // Numbers of tasks are one order over all that an entry has ever run, for commits and for firings.
  const tasks = [...commits, ...firings].flatMap((one) => one.tasks);
  for (const task of tasks.sort(
    (a, b) => b.parentTxnSeq - a.parentTxnSeq || b.executionSeq - a.executionSeq,
  )) {
    const known = byPath.get(task.configPath);
    if (known === undefined) byPath.set(task.configPath, [task]);
    else known.push(task);
  }
  const failures = new Map(failing.map((one) => [one.configPath, one]));
  const longAgo = failing.filter(({ configPath }) => !byPath.has(configPath));
  return [...byPath, ...longAgo.map(({ configPath, newest }) => [configPath, [newest]] as const)]
    .map(([configPath, own]) => standingOf(configPath, own, failures.get(configPath) ?? null))
    .sort(worstFirst);
};

/** Those that fail first, the longest first. */
const worstFirst = (a: Standing, b: Standing): number =>
  rank(a) - rank(b) || compare(a.configPath, b.configPath);

const rank = ({ failingSince }: Standing): number => failingSince ?? Number.MAX_SAFE_INTEGER;

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const standingOf = (
  configPath: string,
  tasks: readonly TaskStatus[],
  failing: FailingEntry | null,
): Standing => ({
  configPath,
  factoryName: tasks[0]?.factoryName ?? null,
  last: tasks.find(hasEnded) ?? null,
  failingSince: failing?.since ?? null,
  failures: failing?.failures ?? 0,
  outcomes: tasks.slice(0, OUTCOMES_SHOWN),
});

/** Tells whether a task says something of its entry: one that was skipped or dismissed does not. */
const hasEnded = ({ state }: TaskStatus): boolean =>
  state === 'completed' || state === 'failed' || state === 'rolled_back';

export const standingDocument = (standing: Standing): JsonObject => ({
  config_path: standing.configPath,
  factory_name: standing.factoryName,
  last: standing.last === null ? null : withoutLongReports(taskDocument(standing.last)),
  failing_since: isoTimeOrNull(standing.failingSince),
  failures: standing.failures,
  outcomes: standing.outcomes.map((task) => ({
    task: printTaskId(task),
    state: task.state,
    at: isoTimeOrNull(task.completedAt ?? task.startedAt),
  })),
});
