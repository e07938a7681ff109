import { isLeft } from 'fp-ts/lib/Either.js';
import type { FleetTable, ReadyClaim } from '../../control/fleet-table.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { endUnrun } from '../../steward/attempts/begun-attempts.js';
import { describeError } from '../../steward/describe-error.js';
import type { Pond } from '../../steward/pond/pond.js';
import type { SingleTasks } from '../../steward/tasks/run-one.js';
import { NOTHING_DONE, type WorkDone } from '../pond-job.js';
import { LOOK } from './fleet-looks.js';

/** Runs a task that this worker has claimed, or gives it back to others where it cannot; never rejects but by a defect. */
export type RunClaimed = (claim: ReadyClaim, signal: AbortSignal) => Promise<WorkDone>;

export const runClaimed = (pond: Pond, fleet: FleetTable, tasks: SingleTasks): RunClaimed => {
  const { logger } = pond.ports;
  const said = new Set<string>();

  /** Said once for each reason; who asks for the pond's status is told of it, too. */
  const giveBack = async (claim: ReadyClaim, reason: string, all: boolean): Promise<WorkDone> => {
    const fields = { pond: pond.address, task: printTaskId(claim), reason };
    logger.log(said.has(reason) ? 'debug' : 'warn', 'task_left_to_others', fields);
    said.add(reason);
    const refused = await (claim.begun === null
      ? fleet.refuse(claim, { reason, all })
      : endUnrun(pond, claim, { errorMessage: reason, laterMs: LOOK }))();
    // Whoever has lost the claim meanwhile has nothing to give back.
    if (isLeft(refused) && refused.left._tag !== 'StaleToken') {
      logger.log('warn', 'claim_not_released', { ...fields, error: describeError(refused.left) });
    }
    return NOTHING_DONE;
  };

  return async (claim, signal) => {
    const ran = await tasks.run(claim, signal)();
    if (isLeft(ran)) return giveBack(claim, describeError(ran.left), true);
    if (ran.right._tag === 'Refused') return giveBack(claim, ran.right.reason, ran.right.all);
    return ran.right.ended ? { done: 1, failed: ran.right.failed ? 1 : 0 } : NOTHING_DONE;
  };
};
