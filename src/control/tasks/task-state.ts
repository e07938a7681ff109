import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { firingIn } from '../../domain/plans/firing.js';
import type { TaskOutcome } from '../../domain/plans/task-outcome.js';
import type { ControlRecord, RecordType } from '../records/control-record.js';
import type { IllegalSequence } from '../records/illegal-sequence.js';
import type { SkipCause, TaskState, TaskStatus } from '../records/task-status.js';
import { countsAs } from './counts-as.js';

/** Message of the skipped tasks of a commit that was found in the log and not in the table. */
export const REBUILT = 'control table rebuilt: whether it ran is not known';

/** Beginning of that message, as version 0.1.0 said it, too. */
const REBUILT_BEFORE = 'control table rebuilt';

/** State that a task's records add up to. */
export interface TaskHistory {
  readonly status: TaskStatus;
  /** Closed attempts that a crash had interrupted, since somebody last asked for the task to be run (again). */
  readonly interruptions: number;
  /** The attempt that the newest record names. */
  readonly lastAttempt: number | null;
  /**
   * Outcome that it counted as when somebody last asked for it to be run again; `dismissed`: it was, of which nobody is told; null: it is
   * run for the first time.
   */
  readonly before: TaskOutcome['countsAs'] | 'dismissed' | null;
  /** Records that it is made of. */
  readonly records: number;
}

/**
 * The life of a task. Each arrow is a record.
 *
 *     ┌───────────────── retry, or run again ───────────┐
 *     v                                                 │
 *  pending ──> started ──> completed ──────────────────>┤
 *     │ │       │  │ ^ ──> rolled_back ────────────────>┤
 *     │ │       │  │ └─ interrupted, closed and begun again
 *     │ │       │  └─┐ │                                │
 *     │ │       v    v │                                │
 *     │ └────> failed ──────┬──────────────────────────>┤
 *     │    attempt 0: a rejected entry                  │
 *     ├──────> skipped <────┤ ─────────────────────────>┤
 *     ├──────> dismissed <──┘ ─────────────────────────>┤
 *     └──────> cancelled ── also from started ─────────>┘
 *
 * Attempts count 1, 2, 3 ... over the whole life. `failed` directly followed by `started` is an attempt that a crash
 * interrupted: nothing else starts without `pending`; so is `failed` directly followed by `skipped`. A `pending` that
 * names an attempt was written by a retry that nobody asked for, one without by somebody's wish (the commit's, or
 * `pond control retry`). A completed task becomes pending again where it looks at others whose retry has changed what
 * it saw.
 */
export const foldTask = (records: readonly ControlRecord[]): Either<IllegalSequence, TaskHistory | null> => {
  let history: TaskHistory | null = null;
  for (const record of records) {
    const next: Either<IllegalSequence, TaskHistory> = follow(history, record, record.recordId);
    if (isLeft(next)) return next;
    history = next.right;
  }
  return right(history);
};

/** A record, whether it has its id yet or not. */
type AnyRecord = Omit<ControlRecord, 'recordId'>;

/** State that a further record brings a task to; it has no id yet. */
export const foldFurther = (
  before: TaskHistory | null,
  record: AnyRecord,
): Either<IllegalSequence, TaskHistory> => follow(before, record, 0);

const follow = (
  before: TaskHistory | null,
  record: AnyRecord,
  recordId: number,
): Either<IllegalSequence, TaskHistory> => {
  const state = before?.status.state ?? null;
  const refused = (problem: IllegalSequence['problem']) =>
    left<IllegalSequence, TaskHistory>({
      _tag: 'IllegalSequence',
      recordId,
      recordType: record.recordType,
      after: state,
      problem,
    });
  const step = stepOf(record);
  if (step === null) return refused('not-allowed-here');
  if (!step.after.includes(state)) return refused('not-allowed-here');
  const { parentTxnSeq, executionSeq, configPath } = record;
  if (parentTxnSeq === null || executionSeq === null || configPath === null)
    return refused('columns-missing');

  const attempts = before?.status.attempts ?? 0;
  const named = before === null ? [null] : namedAttempts(record, before);
  if (!named.includes(record.attempt)) return refused('wrong-attempt');

  const started = step.to === 'started';
  const ended = step.to !== 'pending' && step.to !== 'started';
  return right({
    status: {
      parentTxnSeq,
      executionSeq,
      ...firingIn(executionSeq, record.txnId),
      txnId: record.txnId,
      factoryName: record.factoryName,
      configPath,
      state: step.to,
      attempts: started ? attempts + 1 : attempts,
      startedAt: started ? record.timestamp : (before?.status.startedAt ?? null),
      completedAt: ended ? record.timestamp : null,
      durationMs: record.durationMs,
      errorMessage: record.errorMessage,
      configTxnSeq: record.configTxnSeq ?? before?.status.configTxnSeq ?? null,
      traceParent: traceOf(before, record),
      commitTraceParent: before === null ? record.traceParent : before.status.commitTraceParent,
      report: started ? null : (record.report ?? before?.status.report ?? null),
      notBefore: record.notBefore,
      skipCause: step.to === 'skipped' ? (record.skipCause ?? causeOf(record)) : null,
      dueAt: record.dueAt ?? before?.status.dueAt ?? null,
    },
    interruptions: interruptionsAfter(before, record),
    lastAttempt: record.attempt,
    before: outcomeBefore(before, record),
    records: (before?.records ?? 0) + 1,
  });
};

/** State that a record leads to, and those from which it may. */
interface Step {
  readonly to: TaskState;
  readonly after: readonly (TaskState | null)[];
}

const PENDING: Step = {
  to: 'pending',
  after: [null, 'failed', 'skipped', 'rolled_back', 'completed', 'dismissed', 'cancelled'],
};
const STARTED: Step = { to: 'started', after: ['pending', 'failed'] };
const COMPLETED: Step = { to: 'completed', after: ['started'] };
const FAILED: Step = { to: 'failed', after: ['started', 'pending'] };
const ROLLED_BACK: Step = { to: 'rolled_back', after: ['started'] };
const SKIPPED: Step = { to: 'skipped', after: ['pending', 'failed'] };
const DISMISSED: Step = { to: 'dismissed', after: ['pending', 'failed', 'rolled_back', 'cancelled'] };
const CANCELLED: Step = { to: 'cancelled', after: ['pending', 'started'] };

/** Step of each type of record; null: it is none of a task's. */
const STEPS: Readonly<Record<RecordType, Step | null>> = {
  begin: null,
  intended: null,
  gate_completed: null,
  gate_failed: null,
  data_committed: null,
  completed: null,
  failed: null,
  post_commit_pending: PENDING,
  post_commit_started: STARTED,
  post_commit_completed: COMPLETED,
  post_commit_failed: FAILED,
  post_commit_rolled_back: ROLLED_BACK,
  post_commit_skipped: SKIPPED,
  post_commit_dismissed: DISMISSED,
  post_commit_cancelled: CANCELLED,
  firing_pending: PENDING,
  firing_started: STARTED,
  firing_completed: COMPLETED,
  firing_failed: FAILED,
  firing_skipped: SKIPPED,
  firing_dismissed: DISMISSED,
  firing_cancelled: CANCELLED,
};

const stepOf = ({ recordType }: AnyRecord): Step | null => STEPS[recordType];

/** The attempts that a record may name after others. */
const namedAttempts = (
  record: AnyRecord,
  { status: { state, attempts }, lastAttempt }: TaskHistory,
): readonly (number | null)[] => {
  // A rejected entry's failure (attempt 0) closed no attempt that another could follow on its own.
  const closedAttempt = state === 'failed' && lastAttempt === attempts && attempts > 0;
  switch (record.recordType) {
    case 'post_commit_pending':
    case 'firing_pending':
      return closedAttempt ? [null, attempts + 1] : [null];
    case 'post_commit_started':
    case 'firing_started':
      return state === 'pending' || closedAttempt ? [attempts + 1] : [];
    case 'post_commit_failed':
    case 'firing_failed':
      return [state === 'started' ? attempts : 0];
    case 'post_commit_skipped':
    case 'firing_skipped':
      return state === 'pending' || closedAttempt ? [null] : [];
    case 'post_commit_dismissed':
    case 'firing_dismissed':
      return [null];
    case 'post_commit_cancelled':
    case 'firing_cancelled':
      return [state === 'started' ? attempts : null];
    default:
      return [attempts];
  }
};

/** Reason why version 0.1.0 skipped a task, which did not say it in a column of its own. */
const causeOf = ({ errorMessage }: AnyRecord): SkipCause =>
  errorMessage?.startsWith(REBUILT_BEFORE) === true ? 'rebuilt' : 'dependency';

const outcomeBefore = (before: TaskHistory | null, record: AnyRecord): TaskHistory['before'] => {
  if (before === null) return null;
  const asked = stepOf(record)?.to === 'pending' && record.attempt === null;
  if (!asked) return before.before;
  return before.status.state === 'dismissed' ? 'dismissed' : countsAs(before.status);
};

/** The latest attempt's own span, and until there is one the commit's. */
const traceOf = (before: TaskHistory | null, record: AnyRecord): string | null =>
  stepOf(record)?.to === 'started'
    ? (record.traceParent ?? before?.status.traceParent ?? null)
    : (before?.status.traceParent ?? record.traceParent);

const interruptionsAfter = (before: TaskHistory | null, record: AnyRecord): number => {
  const counted = before?.interruptions ?? 0;
  const step = stepOf(record)?.to;
  if (step === 'pending') return record.attempt === null ? 0 : counted;
  return step === 'started' && before?.status.state === 'failed' ? counted + 1 : counted;
};
