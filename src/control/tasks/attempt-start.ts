import { printTaskId, type TaskId } from '../../domain/plans/task-id.js';
import type { Claim, StartAttempt, StartConditions, StartOutcome } from '../records/claim.js';
import type { NewRecord } from '../records/control-record.js';
import type { SkipCause, TaskStatus } from '../records/task-status.js';
import {
  dropClaim,
  markRunning,
  readClaim,
  runnerOf,
  type StoredClaim,
  takeClaim,
  toClaim,
} from '../runners/claim-rows.js';
import { groupLeftBehind } from '../runners/process-groups.js';
import type { ControlTransaction, ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { append } from '../store/record-row.js';
import type { IsLive } from '../store/signs-of-life.js';
import { askAgain } from './ask-again.js';
import { appendCancelled, cancellationOf } from './cancellation.js';
import { beginTelling } from './episodes.js';
import {
  FROM_CLAIMS_BEFORE,
  FROM_CLAIMS_RUNNING,
  FROM_COMPLETED_LATER,
  heldAtStart,
  placeOf,
} from './held-claim.js';
import type { HeldHistories } from './held-histories.js';
import { type DueNotice, runVerdict } from './run-verdict.js';
import { historyOf, stepRecord, taskColumns, taskIn } from './task-records.js';
import type { TaskHistory } from './task-state.js';
import { outcomesOf, type Watched, watchedTasks } from './watched-tasks.js';

/** Attempts in a row that a crash interrupts before the task is failed. */
const INTERRUPTIONS = 3;

/**
 * Starts an attempt, if it may start: decided and recorded in one transaction, so that of two runners that ask at
 * once one sees the other. Nothing of the attempt may happen before this is durable, since a crash after it must
 * find the attempt recorded.
 */
export function* startAttempt(
  transaction: ControlTransaction,
  isLive: IsLive,
  { claim, attempt: asked }: { readonly claim: Claim; readonly attempt: StartAttempt },
  known: HeldHistories,
): Coroutine<StartOutcome> {
  const { timestamp, conditions = NONE } = asked;
  const held = yield* heldAtStart(transaction.all, claim);
  const history =
    (held.running || held.isCancelled ? null : known.take(claim, 'pending')) ??
    (yield* historyOf(transaction.all, claim));
  const { status } = history;
  if (status.state !== 'pending' && status.state !== 'started') {
    if (!held.running) yield* dropClaim(transaction, claim);
    return { _tag: 'AlreadyEnded', state: status.state };
  }

  const hindrance = held.isAlone ? null : yield* hindranceTo(transaction.all, claim, isLive);
  if (hindrance !== null) return hindrance;

  const turn: Turn = { claim, history, timestamp, watchedBy: conditions.watchedBy };
  // The runner that was asked to end the attempt has died; nobody begins another one.
  const cancelled = status.state === 'started' ? yield* cancellationOf(transaction.all, status) : null;
  if (cancelled !== null) {
    yield* appendCancelled(transaction, status, { timestamp, message: cancelled });
    yield* endTurn(transaction, turn);
    return { _tag: 'AlreadyEnded', state: 'cancelled' };
  }

  const watched = yield* watchedTasks(transaction, claim, conditions);
  const superseding = held.isAlone ? null : yield* supersededBy(transaction.all, claim);
  const verdict = runVerdict({
    ...conditions,
    supersededBy: superseding === null ? null : printTaskId(superseding),
    waitsFor: watched,
  });
  switch (verdict._tag) {
    case 'NotYet':
      return { _tag: 'NotYet', task: watched.find(({ task }) => task === verdict.task)?.status ?? claim };
    case 'Skip': {
      const { cause, reason } = verdict;
      yield* appendSkipped(transaction, status, { timestamp, cause, reason });
      yield* endTurn(transaction, turn);
      return { _tag: 'NotToBeRun', cause, reason };
    }
  }

  const givenUp = status.state === 'started' ? yield* afterInterruption(transaction, turn) : null;
  if (givenUp !== null) return givenUp;

  const attempt = status.attempts + 1;
  const started = startOf(status, attempt, asked);
  yield* append(transaction, started);
  if (status.state === 'pending') known.keep(claim, history, started);
  if (!held.isAlone) yield* fenceDead(transaction, claim);
  yield* markRunning(transaction, claim);
  if (conditions.runWhen === 'change')
    yield* beginTelling(transaction, status, changesToTell(watched, verdict.notices));
  return {
    _tag: 'Started',
    attempt,
    supersededBy: superseding?.parentTxnSeq ?? null,
    outcomes: outcomesOf(watched, verdict.notices, {
      configPath: claim.configPath,
      place: conditions.place,
    }),
    nothingDerived: false,
  };
}

/** A task whose turn to start has come. */
interface Turn {
  readonly claim: Claim;
  readonly history: TaskHistory;
  readonly timestamp: number;
  readonly watchedBy: StartConditions['watchedBy'];
}

/** Lets go of a task that has ended instead of being started. */
function* endTurn(
  transaction: ControlTransaction,
  { claim, history: { before }, watchedBy, timestamp }: Turn,
): Coroutine<void> {
  yield* askAgain(transaction, claim, { before, watchedBy, timestamp });
  yield* dropClaim(transaction, claim);
}

/** Records that a crash ended the attempt before; null where another one may follow. */
function* afterInterruption(
  transaction: ControlTransaction,
  turn: Turn,
): Coroutine<Extract<StartOutcome, { readonly _tag: 'GivenUp' }> | null> {
  const { status, interruptions } = turn.history;
  const isGivenUp = interruptions + 1 >= INTERRUPTIONS;
  const errorMessage = isGivenUp ? `interrupted ${interruptions + 1} times` : 'interrupted';
  yield* appendInterrupted(transaction, status, turn.timestamp, errorMessage);
  if (!isGivenUp) return null;
  yield* endTurn(transaction, turn);
  return { _tag: 'GivenUp', errorMessage };
}

/** The record of an attempt's start. */
const startOf = (
  status: TaskStatus,
  attempt: number,
  { timestamp, configTxnSeq, traceParent }: StartAttempt,
): NewRecord => ({
  timestamp,
  attempt,
  traceParent,
  ...taskColumns(status, configTxnSeq),
  ...stepRecord(status, 'started'),
});

/** Changes of watched tasks that the attempt is to tell of. */
const changesToTell = (watched: readonly Watched[], notices: readonly DueNotice[]) =>
  watched.flatMap(({ task, configPath, first }) => {
    const notice = notices.find((one) => one.task === task);
    return notice === undefined ? [] : [{ watched: configPath, of: notice.of, first }];
  });

const NONE: StartConditions = {
  runWhen: 'success',
  ifSuperseded: 'run',
  waitsFor: [],
  place: { pondId: '', incarnation: null },
  watchedBy: [],
};

/** An attempt that a crash interrupted is closed as failed first. */
export function* appendSkipped(
  transaction: ControlTransaction,
  status: TaskStatus,
  {
    timestamp,
    cause,
    reason,
  }: { readonly timestamp: number; readonly cause: SkipCause; readonly reason: string },
): Coroutine<void> {
  if (status.state === 'started') yield* appendInterrupted(transaction, status, timestamp);
  yield* append(transaction, {
    timestamp,
    skipCause: cause,
    errorMessage: reason,
    ...taskColumns(status),
    ...stepRecord(status, 'skipped'),
  });
}

/** The end of an attempt that was under way when its process died. */
export const appendInterrupted = (
  transaction: ControlTransaction,
  status: TaskStatus,
  timestamp: number,
  errorMessage = 'interrupted',
): Coroutine<void> =>
  append(transaction, {
    timestamp,
    errorMessage,
    attempt: status.attempts,
    ...taskColumns(status),
    ...stepRecord(status, 'failed'),
  });

/**
 * Puts attempts of a path whose runners count as dead under new tokens: over a network such a runner may live on, and would end its own
 * after another one of the path has begun. They stay open until their tasks are taken over.
 */
function* fenceDead(transaction: ControlTransaction, claim: Claim): Coroutine<void> {
  const rows = yield* transaction.all(`SELECT * ${FROM_CLAIMS_RUNNING}`, placeOf(claim));
  for (const dead of rows.map(readClaim))
    yield* markRunning(transaction, yield* takeClaim(transaction, dead.runnerId, dead));
}

/** Outcome of a start before which something of the claim's path has to end; null where nothing has. */
function* hindranceTo(read: ReadRows, claim: Claim, isLive: IsLive): Coroutine<StartOutcome | null> {
  const blocker = yield* firstLive(yield* claimsBefore(read, claim), isLive);
  if (blocker !== null)
    return { _tag: 'Blocked', by: toClaim(blocker), runner: yield* runnerOf(read, blocker) };
  // No live runner runs this path now, so whatever group is recorded for it was left by a dead one.
  const left = yield* groupLeftBehind(read, claim.configPath);
  return left === null ? null : { _tag: 'GroupLeftBehind', ...left };
}

/**
 * The other claims of a claim's path that go first: one that is running now, or else those of earlier commits, or firings, in
 * their order.
 */
function* claimsBefore(read: ReadRows, claim: Claim): Coroutine<readonly StoredClaim[]> {
  const rows = yield* read(
    `SELECT * ${FROM_CLAIMS_RUNNING} UNION ALL SELECT * ${FROM_CLAIMS_BEFORE}`,
    placeOf(claim),
  );
  return rows
    .map(readClaim)
    .sort(
      (a, b) =>
        Number(b.running) - Number(a.running) ||
        a.parentTxnSeq - b.parentTxnSeq ||
        a.executionSeq - b.executionSeq,
    );
}

function* firstLive(others: readonly StoredClaim[], isLive: IsLive): Coroutine<StoredClaim | null> {
  for (const other of others) if (yield* isLive(other.runnerId)) return other;
  return null;
}

/** The newest later task of the same configuration path, of a commit or a firing, that has completed. */
function* supersededBy(read: ReadRows, claim: Claim): Coroutine<TaskId | null> {
  const [row] = yield* read(
    `SELECT parent_txn_seq, execution_seq, txn_id ${FROM_COMPLETED_LATER}
     ORDER BY parent_txn_seq DESC, execution_seq DESC LIMIT 1`,
    placeOf(claim),
  );
  return row === undefined ? null : taskIn(row);
}
