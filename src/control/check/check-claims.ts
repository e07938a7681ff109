import { taskNumbers } from '../../domain/plans/task-id.js';
import type { ControlFinding } from './control-finding.js';
import type { Beside } from './control-snapshot.js';

/** Claims refer to a runner and to a task, and no two live runners run tasks of one path. */
export const checkClaims = (
  { claims, runners, taskStates }: Beside,
  isLive: (runnerId: string) => boolean,
): readonly ControlFinding[] => {
  const known = new Set(runners.map(({ runner_id }) => runner_id));
  const running = new Map<string, string[]>();
  const findings: ControlFinding[] = [];
  for (const { token, parent_txn_seq, execution_seq, config_path, runner_id, running: isRunning } of claims) {
    const task = taskNumbers({ parentTxnSeq: parent_txn_seq, executionSeq: execution_seq });
    const dangling = { _tag: 'ClaimDangling', task, token, runnerId: runner_id } as const;
    if (!known.has(runner_id)) findings.push({ ...dangling, missing: 'runner' });
    else if (!taskStates.has(task)) findings.push({ ...dangling, missing: 'task' });
    else if (isRunning === 1 && isLive(runner_id)) {
      running.set(config_path, [...(running.get(config_path) ?? []), task]);
    }
  }
  for (const [path, tasks] of running) {
    if (tasks.length > 1) findings.push({ _tag: 'PathRunTwice', path, tasks });
  }
  return findings;
};

/** Every request to end a task is about one that is there. */
export const checkCancellations = ({ cancellations, taskStates }: Beside): readonly ControlFinding[] =>
  cancellations.flatMap(({ parent_txn_seq, execution_seq }): readonly ControlFinding[] => {
    const task = taskNumbers({ parentTxnSeq: parent_txn_seq, executionSeq: execution_seq });
    return taskStates.has(task) ? [] : [{ _tag: 'CancellationDangling', task }];
  });

/** Every episode began with a task that is there. */
export const checkEpisodes = ({ episodes, taskStates }: Beside): readonly ControlFinding[] =>
  episodes.flatMap(({ notifier, watched, first_txn_seq, first_execution_seq }): readonly ControlFinding[] => {
    const task = taskNumbers({ parentTxnSeq: first_txn_seq, executionSeq: first_execution_seq });
    return taskStates.has(task) ? [] : [{ _tag: 'EpisodeDangling', notifier, watched, task }];
  });
