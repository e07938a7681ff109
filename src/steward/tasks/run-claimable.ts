import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/records/claim.js';
import type { TaskStatus } from '../../control/records/task-status.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { DerivedCommit } from '../shapes/transactions.js';
import { derivedOf } from './derived-commits.js';
import { type ClaimedRun, claimEach, type PlanRan, runPlan } from './run-plan.js';
import { withDerived } from './with-derived.js';

/**
 * Claims tasks of one commit that were made by another run (unfinished ones as they are, failed and skipped ones
 * again) and runs those that nobody else holds. Returns the given tasks as they are then.
 */
export const runClaimable = (
  pond: Pond,
  tasks: readonly TaskStatus[],
  run: ClaimedRun,
): TE.TaskEither<PondError, readonly TaskStatus[]> =>
  pipe(
    claimEach(pond, tasks, run),
    TE.flatMap((claims) => runWithDependents(pond, claims, run)),
    TE.map(({ ran, now, derived }) => {
      const shown = new Set([...tasks, ...ran].map(printTaskId));
      return [
        ...now.filter((task) => shown.has(printTaskId(task))),
        ...derived.flatMap((commit) => commit.tasks),
      ];
    }),
  );

/** Runs claims of one commit; returns all of the commit's tasks as they are then. */
export const runClaims = (
  pond: Pond,
  claims: readonly Claim[],
  run: ClaimedRun,
): TE.TaskEither<PondError, readonly TaskStatus[]> =>
  pipe(
    runWithDependents(pond, claims, run),
    TE.map(({ now }) => now),
  );

interface Ran extends PlanRan {
  /** Commits that were made inside tasks meanwhile. */
  readonly derived: readonly DerivedCommit[];
}

/** Runs claims of one commit with what waited for them, and after that what was committed inside their tasks has set off. */
const runWithDependents = (
  pond: Pond,
  claims: readonly Claim[],
  run: ClaimedRun,
): TE.TaskEither<PondError, Ran> => {
  const [first] = claims;
  if (first === undefined) return TE.right({ ran: [], now: [], derived: [] });
  const { parentTxnSeq } = first;
  return steps(async (s) => {
    if (first.firing !== undefined) {
      return { ...(await s.run(runPlan(pond, claims, run))), derived: [] };
    }
    const before = await s.run(pond.tlog.head());
    const plan = pipe(
      runPlan(pond, claims, run),
      TE.tapError(() => TE.fromTask(giveBack(pond, claims))),
    );
    const own = await s.run(withDerived(pond, parentTxnSeq, run.signal, plan));
    return { ...own, derived: await s.run(derivedOf(pond, parentTxnSeq, before.txnSeq)) };
  });
};

/** Gives back what was claimed and could not be run; claims that have ended are not there any more. */
const giveBack =
  (pond: Pond, claims: readonly Claim[]): (() => Promise<void>) =>
  async () => {
    for (const claim of claims) await pond.control.release(claim)();
  };
