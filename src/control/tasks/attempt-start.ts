import { printTaskId, type TaskId } from '../../domain/plans/task-id.js';
import type { SqlTransaction } from '../../ports/sql-database.js';
import type { Claim, StartAttempt, StartConditions, StartOutcome } from '../claim.js';
import type { SkipCause, TaskStatus } from '../control-record.js';
import type { ReadRows } from '../control-store.js';
import { append } from '../record-row.js';
import {
  dropClaim,
  mustHold,
  readClaim,
  runnerOf,
  type StoredClaim,
  toClaim,
} from '../runners/claim-rows.js';
import { groupLeftBehind } from '../runners/process-groups.js';
import { askAgain } from './ask-again.js';
import { beginTelling } from './episodes.js';
import { runVerdict } from './run-verdict.js';
import { historyOf, stepRecord, taskColumns, taskIn } from './task-records.js';
import { outcomesOf, watchedTasks } from './watched-tasks.js';

/** Attempts in a row that a crash interrupts before the task is failed. */
const INTERRUPTIONS = 3;

/**
 * Starts an attempt, if it may start: decided and recorded in one transaction, so that of two runners that ask at
 * once one sees the other. Nothing of the attempt may happen before this is durable, since a crash after it must
 * find the attempt recorded.
 */
export const startAttempt = (
  transaction: SqlTransaction,
  isLive: (runnerId: string) => boolean,
  { claim, attempt: asked }: { readonly claim: Claim; readonly attempt: StartAttempt },
): StartOutcome => {
  const { timestamp, configTxnSeq, traceParent, conditions = NONE } = asked;
  const held = mustHold(transaction.all, claim);
  const { status, interruptions, before } = historyOf(transaction.all, claim);
  if (status.state !== 'pending' && status.state !== 'started') {
    if (!held.running) dropClaim(transaction, claim);
    return { _tag: 'AlreadyEnded', state: status.state };
  }

  const blocker = blockerOf(transaction.all, claim, isLive);
  if (blocker !== null) {
    return { _tag: 'Blocked', by: toClaim(blocker), runner: runnerOf(transaction.all, blocker) };
  }
  // No live runner runs this path now, so whatever group is recorded for it was left by a dead one.
  const left = groupLeftBehind(transaction.all, claim.configPath);
  if (left !== null) return { _tag: 'GroupLeftBehind', ...left };

  const watched = watchedTasks(transaction, claim, conditions);
  const superseding = supersededBy(transaction.all, claim);
  const verdict = runVerdict({
    ...conditions,
    supersededBy: superseding === null ? null : printTaskId(superseding),
    waitsFor: watched,
  });
  switch (verdict._tag) {
    case 'NotYet':
      return { _tag: 'NotYet', task: watched.find(({ task }) => task === verdict.task)?.status ?? claim };
    case 'Skip':
      appendSkipped(transaction, status, { timestamp, cause: verdict.cause, reason: verdict.reason });
      askAgain(transaction, claim, { before, watchedBy: conditions.watchedBy, timestamp });
      dropClaim(transaction, claim);
      return { _tag: 'NotToBeRun', cause: verdict.cause, reason: verdict.reason };
  }

  if (status.state === 'started') {
    const givenUp = interruptions + 1 >= INTERRUPTIONS;
    const errorMessage = givenUp ? `interrupted ${interruptions + 1} times` : 'interrupted';
    append(transaction, {
      ...taskColumns(status),
      ...{ timestamp, errorMessage, attempt: status.attempts },
      ...stepRecord(status, 'failed'),
    });
    if (givenUp) {
      askAgain(transaction, claim, { before, watchedBy: conditions.watchedBy, timestamp });
      dropClaim(transaction, claim);
      return { _tag: 'GivenUp', errorMessage };
    }
  }

  const attempt = status.attempts + 1;
  append(transaction, {
    ...taskColumns(status),
    ...{ timestamp, attempt, configTxnSeq, traceParent },
    ...stepRecord(status, 'started'),
  });
  markRunning(transaction, claim);
  if (conditions.runWhen === 'change') {
    const due = watched.flatMap(({ task, configPath, first }) => {
      const notice = verdict.notices.find((one) => one.task === task);
      return notice === undefined ? [] : [{ watched: configPath, of: notice.of, first }];
    });
    beginTelling(transaction, status, due);
  }
  return {
    _tag: 'Started',
    attempt,
    supersededBy: superseding?.parentTxnSeq ?? null,
    outcomes: outcomesOf(watched, verdict.notices, {
      configPath: claim.configPath,
      place: conditions.place,
    }),
  };
};

const NONE: StartConditions = {
  runWhen: 'success',
  ifSuperseded: 'run',
  waitsFor: [],
  place: { pondId: '', incarnation: null },
  watchedBy: [],
};

/** An attempt that a crash interrupted is closed as failed first. */
export const appendSkipped = (
  transaction: SqlTransaction,
  status: TaskStatus,
  {
    timestamp,
    cause,
    reason,
  }: { readonly timestamp: number; readonly cause: SkipCause; readonly reason: string },
): void => {
  if (status.state === 'started') appendInterrupted(transaction, status, timestamp);
  append(transaction, {
    ...taskColumns(status),
    ...{ timestamp, skipCause: cause, errorMessage: reason },
    ...stepRecord(status, 'skipped'),
  });
};

/** The end of an attempt that was under way when its process died. */
export const appendInterrupted = (transaction: SqlTransaction, status: TaskStatus, timestamp: number): void =>
  append(transaction, {
    ...taskColumns(status),
    ...{ timestamp, errorMessage: 'interrupted', attempt: status.attempts },
    ...stepRecord(status, 'failed'),
  });

/** A live runner's claim that goes first: one that runs this path now, or else the earliest earlier commit's, or firing's. */
const blockerOf = (
  read: ReadRows,
  claim: Claim,
  isLive: (runnerId: string) => boolean,
): StoredClaim | null => {
  const others = read(
    // Two ranges of two indexes: a backlog of ten thousand claims of one path is started in its order cheaply.
    `SELECT * FROM claims WHERE config_path = @config_path AND running = 1 AND token <> @token
     UNION ALL
     SELECT * FROM claims WHERE config_path = @config_path AND running = 0 AND parent_txn_seq <= @parent_txn_seq
       AND (parent_txn_seq < @parent_txn_seq OR execution_seq < @execution_seq)
     ORDER BY running DESC, parent_txn_seq, execution_seq`,
    {
      ...{ config_path: claim.configPath, token: claim.token },
      ...{ parent_txn_seq: claim.parentTxnSeq, execution_seq: claim.executionSeq },
    },
  ).map(readClaim);
  return others.find(({ runnerId }) => isLive(runnerId)) ?? null;
};

/** The newest later task of the same configuration path, of a commit or a firing, that has completed. */
const supersededBy = (read: ReadRows, { configPath, parentTxnSeq, executionSeq }: Claim): TaskId | null => {
  const [row] = read(
    `SELECT parent_txn_seq, execution_seq, txn_id FROM task_states
     WHERE config_path = @config_path AND parent_txn_seq >= @parent_txn_seq
       AND (parent_txn_seq > @parent_txn_seq OR execution_seq > @execution_seq)
       AND state = 'completed' AND state NOT IN ('pending', 'started')
     ORDER BY parent_txn_seq DESC, execution_seq DESC LIMIT 1`,
    { config_path: configPath, parent_txn_seq: parentTxnSeq, execution_seq: executionSeq },
  );
  return row === undefined ? null : taskIn(row);
};

const markRunning = (transaction: SqlTransaction, { token }: Claim): void => {
  transaction.run('UPDATE claims SET running = 1, left_by_other = 0 WHERE token = @token', { token });
};
