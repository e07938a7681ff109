import { isLeft } from 'fp-ts/lib/Either.js';
import type { FleetTable, ReadyClaim } from '../../control/fleet-table.js';
import type { Claim } from '../../control/records/claim.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { endUnrun } from '../../steward/attempts/begun-attempts.js';
import { describeError } from '../../steward/describe-error.js';
import type { Pond } from '../../steward/pond/pond.js';
import type { ReadyTasks, RefusedClaim } from '../../steward/tasks/ready/run-ready.js';
import { NOTHING_DONE, type WorkDone } from '../pond-job.js';
import { LOOK } from './fleet-looks.js';

/** Runs tasks of a commit that this worker has claimed, or gives them back to others where it cannot; never rejects but by a defect. */
export type RunClaimed = (
  claims: readonly ReadyClaim[],
  signal: AbortSignal,
  over: (claim: Claim) => void,
) => Promise<WorkDone>;

export const runClaimed = (pond: Pond, fleet: FleetTable, tasks: ReadyTasks): RunClaimed => {
  const { logger } = pond.ports;
  const said = new Set<string>();

  /** Said once for each reason; who asks for the pond's status is told of it, too. */
  const giveBack = async ({ claim, reason, all }: RefusedClaim): Promise<void> => {
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
  };

  return async (claims, signal, over) => {
    const ran = await tasks.run(claims, signal, over)();
    if (isLeft(ran)) {
      const reason = describeError(ran.left);
      for (const claim of claims) await giveBack({ claim, reason, all: true });
      return NOTHING_DONE;
    }
    const { refused, ...done } = ran.right;
    for (const one of refused) await giveBack(one);
    return done;
  };
};
