import { noticeId } from '../../domain/plans/notice-id.js';
import { printTaskId, type TaskId } from '../../domain/plans/task-id.js';
import type { TaskOutcome } from '../../domain/plans/task-outcome.js';
import type { Claim, StartConditions } from '../records/claim.js';
import type { TaskStatus } from '../records/task-status.js';
import type { ControlTransaction, ReadRows } from '../store/control-transaction.js';
import { type Coroutine, inOrder } from '../store/coroutine.js';
import { readRecord } from '../store/record-row.js';
import { countsAs } from './counts-as.js';
import { type EntryHistory, entryHistory } from './entry-history.js';
import { episodeOf } from './episodes.js';
import type { DueNotice, WatchedTask } from './run-verdict.js';
import { tasksAmong } from './task-records.js';

/** A task that another one waits for, with all that is known of its entry. */
export interface Watched extends WatchedTask {
  readonly status: TaskStatus;
  readonly history: EntryHistory;
  /** The first failing task, which names the notice that is due about it. */
  readonly first: TaskId;
}

/** Looks at the tasks that a claimed one waits for, as they are in this transaction. */
export function* watchedTasks(
  transaction: ControlTransaction,
  claim: Pick<Claim, 'txnId' | 'configPath'>,
  { runWhen, waitsFor }: StartConditions,
): Coroutine<readonly Watched[]> {
  const statuses = yield* statusesOf(transaction.all, claim.txnId, waitsFor);
  return yield* inOrder(statuses, function* (status): Coroutine<Watched> {
    const hasFailed = countsAs(status) === 'failed';
    const history = yield* entryHistory(transaction.all, status.configPath, {
      place: status,
      hasFailed,
    });
    const pair = { notifier: claim.configPath, watched: status.configPath };
    const episode =
      runWhen === 'change' && countsAs(status) !== null
        ? yield* episodeOf(transaction, pair, { hasFailed, history })
        : { isTold: false, first: null };
    return {
      task: printTaskId(status),
      state: status.state,
      skipCause: status.skipCause,
      configPath: status.configPath,
      isLate: history.isLate,
      isTold: episode.isTold,
      status,
      history,
      first: episode.first ?? status,
    };
  });
}

function* statusesOf(
  read: ReadRows,
  txnId: string,
  seqs: readonly number[],
): Coroutine<readonly TaskStatus[]> {
  if (seqs.length === 0) return [];
  const rows = yield* read(
    `SELECT * FROM control_table WHERE txn_id = @txn_id
       AND execution_seq IN (SELECT value FROM json_each(@seqs)) ORDER BY record_id`,
    { txn_id: txnId, seqs: JSON.stringify(seqs) },
  );
  return tasksAmong(rows.map(readRecord));
}

/** Facts that a task is told about those that it waited for. */
export const outcomesOf = (
  watched: readonly Watched[],
  notices: readonly DueNotice[],
  { configPath: notifier, place }: Pick<Claim, 'configPath'> & Pick<StartConditions, 'place'>,
): readonly TaskOutcome[] => {
  const due = new Map(notices.map(({ task, of }) => [task, of]));
  return watched.flatMap(({ task, status, history, first }): readonly TaskOutcome[] => {
    const { state } = status;
    const counts = countsAs(status);
    if (state === 'pending' || state === 'started' || counts === null) return [];
    const of = due.get(task);
    return [
      {
        task,
        configPath: status.configPath,
        state,
        countsAs: counts,
        error: state === 'completed' ? null : status.errorMessage,
        previousState: history.previousState,
        failingSince: history.failingSince,
        report: status.report,
        notice:
          of === undefined
            ? null
            : {
                of,
                id: noticeId(place, {
                  notifier,
                  of,
                  watched: status.configPath,
                  firstFailing: printTaskId(first),
                }),
              },
      },
    ];
  });
};
