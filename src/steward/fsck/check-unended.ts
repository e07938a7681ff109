import type { ControlCheck } from '../../control/check/check-control.js';
import type { ControlFinding } from '../../control/check/control-finding.js';
import type { Beside } from '../../control/check/control-snapshot.js';
import type { RunnerSeals } from '../../control/records/claim.js';
import { printTaskId, taskNumbers } from '../../domain/plans/task-id.js';

/** Facts about those who are at work. */
export interface Liveness {
  readonly isLiveRunner: (runnerId: string) => boolean;
  /** Tells whether somebody holds the writer's lock. */
  readonly isWriting: boolean;
  /** Tells whether the process of a read can still be there. */
  readonly seals: RunnerSeals;
  readonly isLiveRead: (environment: ControlCheck['unended'][number]['environment']) => boolean;
}

/**
 * Finds what crashes left unended. The table was read, then it was asked who lives, then the table was looked at again
 * (`now`): whoever ended in between is in the first look and not in the second, and is not reported.
 */
export const checkUnended = (
  control: ControlCheck,
  now: Beside,
  { isLiveRunner, isWriting, isLiveRead, seals }: Liveness,
): readonly ControlFinding[] => {
  const live = (runnerId: string) => isLiveRunner(runnerId);
  const held = new Set(
    now.claims
      .filter(({ runner_id }) => live(runner_id))
      .map(({ parent_txn_seq, execution_seq }) =>
        taskNumbers({ parentTxnSeq: parent_txn_seq, executionSeq: execution_seq }),
      ),
  );
  const anyRunner = now.runners.some(({ runner_id }) => live(runner_id));
  const unfinished = control.unfinished.filter(
    (task) => now.taskStates.get(taskNumbers(task)) === task.state,
  );
  const commitsAtWork = new Set(unfinished.map(({ txnId }) => txnId));
  return [
    ...control.unended.flatMap(({ state, environment }): readonly ControlFinding[] => {
      const { txnId, txnSeq, transactionType, dataFsVersion } = state;
      const phase = now.openTransactions.get(txnId);
      if (dataFsVersion === null) {
        const isBusy = transactionType === 'write' ? isWriting : isLiveRead(environment);
        return phase !== 'begun' || isBusy
          ? []
          : [{ _tag: 'TransactionInterrupted', txnId, txnSeq, transactionType }];
      }
      // Of unfinished tasks that is no more than a consequence, and a live runner may be about to record the end.
      return phase === 'committed' && !anyRunner && !commitsAtWork.has(txnId)
        ? [{ _tag: 'CommitNotCompleted', txnId, txnSeq }]
        : [];
    }),
    ...unfinished
      .filter((task) => !held.has(taskNumbers(task)))
      .map(
        (task): ControlFinding => ({
          _tag: 'TaskUnfinished',
          task: printTaskId(task),
          path: task.configPath,
          state: task.state === 'started' ? 'started' : 'pending',
        }),
      ),
    ...deadRunners(control.beside, now, { isLive: live, seals }),
    ...leftGroups(control.beside, now, live),
  ];
};

const deadRunners = (
  { runners }: Beside,
  now: Beside,
  { isLive, seals }: { readonly isLive: (runnerId: string) => boolean; readonly seals: RunnerSeals },
): readonly ControlFinding[] => {
  const still = new Set(now.runners.map(({ runner_id }) => runner_id));
  return runners
    .filter(({ runner_id }) => still.has(runner_id) && !isLive(runner_id))
    .map(({ runner_id, pid, command, origin }): ControlFinding => {
      const runner = { runnerId: runner_id, pid, command };
      const why = seals.elsewhere(runner, origin);
      return why === null
        ? {
            _tag: 'DeadRunner',
            ...runner,
            claims: now.claims.filter((claim) => claim.runner_id === runner_id).length,
          }
        : { _tag: 'RunnerMadeElsewhere', ...runner, why };
    });
};

const leftGroups = (
  { groups }: Beside,
  now: Beside,
  isLive: (runnerId: string) => boolean,
): readonly ControlFinding[] => {
  const responsible = new Set(
    now.claims.filter(({ runner_id }) => isLive(runner_id)).map(({ token }) => token),
  );
  const still = new Set(now.groups.map(({ token }) => token));
  return groups
    .filter(({ token }) => still.has(token) && !responsible.has(token))
    .map(({ config_path, pgid }) => ({ _tag: 'ProcessGroupLeft', path: config_path, pgid }));
};
