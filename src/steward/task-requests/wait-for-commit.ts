import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import { refuseInsideTask } from '../pond/inside/surroundings.js';
import type { Pond } from '../pond/pond.js';
import type { WaitedCommit, WaitOptions } from '../shapes/call-reports.js';
import { derivedOf } from '../tasks/derived-commits.js';

/** Milliseconds between two looks: few at first. */
const FIRST_PAUSE = 10;
const LONGEST_PAUSE = 250;

/**
 * Waits until every task of a commit, and of what was committed inside them, has ended, whoever runs them. Where nobody
 * does, that is said once, and it is waited all the same: somebody may begin to.
 */
export const waitForCommit = (
  pond: Pond,
  txnSeq: number,
  { timeoutMs, signal = new AbortController().signal }: WaitOptions,
): TE.TaskEither<PondError, WaitedCommit> =>
  steps(async ({ run }) => {
    await run(refuseInsideTask(pond, 'wait'));
    const { txnId } = await run(pond.tlog.commitOf(txnSeq));
    const { clock, logger } = pond.ports;
    const deadline = clock.monotonicMs() + (timeoutMs ?? Number.POSITIVE_INFINITY);
    let isSaid = false;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const isRecorded = (await run(pond.control.records({ txnId, limit: 1 }))).length > 0;
      const tasks = await run(pond.control.getPostCommitTasks(txnSeq));
      const derived = await run(derivedOf(pond, txnSeq));
      const all = [...tasks, ...derived.flatMap((commit) => commit.tasks)];
      const hasEnded = isRecorded && !all.some(isUnfinished);
      const leftMs = deadline - clock.monotonicMs();
      if (hasEnded || leftMs <= 0 || signal.aborted) return { txnSeq, tasks, derived, hasEnded };
      if (!isSaid && (await run(isLeftToNobody(pond, all)))) {
        logger.log('warn', 'nobody_runs_tasks', {
          txn_seq: txnSeq,
          remedy:
            pond.fleet === null
              ? 'pond serve, or pond work --once'
              : 'pond worker, pond serve, or pond work --once',
        });
        isSaid = true;
      }
      await clock.sleep(Math.min(pause, leftMs), signal);
    }
  });

const isUnfinished = ({ state }: TaskStatus): boolean => state === 'pending' || state === 'started';

/** Tells whether one of the tasks may begin now, is held by no live runner, and none lives that takes up what others leave. */
const isLeftToNobody = (pond: Pond, tasks: readonly TaskStatus[]): TE.TaskEither<PondError, boolean> =>
  steps(async ({ run }) => {
    const commits = new Set(tasks.map(({ txnId }) => txnId));
    const unfinished = await run(pond.control.findIncompletePostCommitTasks());
    const now = pond.ports.clock.nowMicros();
    const isFree = unfinished.some(
      ({ txnId, runner, notBefore }) =>
        commits.has(txnId) && runner === null && (notBefore === null || notBefore <= now),
    );
    return isFree && (await run(pond.control.backgroundRunner())) === null;
  });
