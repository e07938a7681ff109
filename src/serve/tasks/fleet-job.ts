import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/claim.js';
import type { ClaimOrder, FleetTable, ReadyClaim, WorkerPlace } from '../../control/fleet-table.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { steps } from '../../effects/steps.js';
import { describeError } from '../../steward/describe-error.js';
import type { PondError } from '../../steward/errors.js';
import { removeDeadRunners } from '../../steward/recovery/recover.js';
import { singleTasks } from '../../steward/tasks/run-one.js';
import { NOTHING_DONE, type PondJob, sumOfWork, type Turn, type WorkDone } from '../pond-job.js';
import type { ServedPond } from '../served-pond.js';
import type { Taking } from '../taking.js';

/** Milliseconds between two looks for who has died, and for work that nobody has told of. */
const LOOK = 1_000;

/**
 * Takes tasks of a pond that many machines share, one by one: whoever is free takes the next whose turn has come. What dead runners held is
 * freed by everybody.
 */
export const fleetJob = ({ pond }: ServedPond, fleet: FleetTable, taking: Taking): PondJob => {
  const { clock, logger, host } = pond.ports;
  const tasks = singleTasks(pond, fleet);
  const running = new Set<Promise<void>>();
  /** Tokens of the claims under which they run. */
  const tokens = new Set<number>();
  const said = new Set<string>();
  let work = NOTHING_DONE;
  /** Tasks that have been asked for, by `claimReady` or with the ends of others, and have not been begun. */
  const asked = { ready: 0, withEnds: 0 };
  let announced: WorkerPlace | null = null;
  let sweptAt = Number.NEGATIVE_INFINITY;

  const worker = (): TE.TaskEither<PondError, WorkerPlace> =>
    steps(async ({ run }) => {
      const runnerId = await run(pond.runner.ensure());
      if (announced?.runnerId !== runnerId) {
        const { concurrency, queues } = taking;
        const place = { runnerId, host: host.hostName, queues };
        await run(fleet.announceWorker({ ...place, concurrency }));
        announced = place;
      }
      return announced;
    });

  const one = async (claim: ReadyClaim, signal: AbortSignal): Promise<void> => {
    const ran = await tasks.run(claim, signal)();
    if (isLeft(ran)) return giveBack(claim, describeError(ran.left), true);
    if (ran.right._tag === 'Refused') return giveBack(claim, ran.right.reason, ran.right.all);
    if (ran.right.ended) work = sumOfWork(work, { done: 1, failed: ran.right.failed ? 1 : 0 });
  };

  /** Said once for each reason; who asks for the pond's status is told of it, too. */
  const giveBack = async (claim: Claim, reason: string, all: boolean): Promise<void> => {
    const fields = { pond: pond.address, task: printTaskId(claim), reason };
    logger.log(said.has(reason) ? 'debug' : 'warn', 'task_left_to_others', fields);
    said.add(reason);
    const refused = await fleet.refuse(claim, { reason, all })();
    // Whoever has lost the claim meanwhile has nothing to give back.
    if (isLeft(refused) && refused.left._tag !== 'StaleToken') {
      logger.log('warn', 'claim_not_released', { ...fields, error: describeError(refused.left) });
    }
  };

  const begin = (claim: ReadyClaim, signal: AbortSignal): void => {
    const run = one(claim, signal).finally(() => {
      running.delete(run);
      tokens.delete(claim.token);
    });
    running.add(run);
    tokens.add(claim.token);
  };

  const sweep = (): TE.TaskEither<PondError, void> =>
    steps(async ({ run }) => {
      if (clock.monotonicMs() - sweptAt < LOOK) return;
      sweptAt = clock.monotonicMs();
      const freed = await run(fleet.sweep());
      if (freed === 0) return;
      logger.log('warn', 'dead_runners_swept', { pond: pond.address, claims: freed });
      await run(removeDeadRunners(pond, false));
    });

  /** Gives to everybody what commits inside of tasks have left to this runner; returns how many tasks that are. */
  const shareLeft = (): TE.TaskEither<PondError, number> =>
    steps(async ({ run }) => {
      const left = await run(pond.runner.takeLeft());
      for (const claim of left) await run(pond.control.release(claim));
      return left.length;
    });

  const beginAll = (signal: AbortSignal): TE.TaskEither<PondError, WorkerPlace> =>
    steps(async ({ run }) => {
      const place = await run(worker());
      if (free() > 0) {
        const claims = await run(claim(place, signal));
        if (claims === 0 && (await run(shareLeft())) > 0) await run(claim(place, signal));
      }
      await run(sweep());
      return place;
    });

  const free = (): number => taking.concurrency - running.size - asked.ready - asked.withEnds;

  /** Claims as many as there are places, and begins them; returns how many. */
  const claim = (place: WorkerPlace, signal: AbortSignal): TE.TaskEither<PondError, number> =>
    steps(async ({ run }) => {
      asked.ready = free();
      try {
        const limits = { limit: asked.ready, now: clock.nowMicros() };
        const claims = await run(fleet.claimReady(place, limits));
        for (const one of claims) begin(one, signal);
        return claims.length;
      } finally {
        asked.ready = 0;
      }
    });

  /** Order by which what takes the places of tasks that end is claimed with their ends: over a network each question is a journey. */
  const orderFor = (worker: WorkerPlace, signal: AbortSignal): ClaimOrder => ({
    worker,
    now: clock.nowMicros,
    wanted: (ended) => {
      asked.withEnds = 0;
      const places = ended.filter(({ token }) => tokens.has(token)).length;
      // Of what else this process runs no place becomes free.
      asked.withEnds = signal.aborted || places === 0 ? 0 : Math.max(0, free() + places);
      return asked.withEnds;
    },
    deliver: (claims) => {
      asked.withEnds = 0;
      for (const one of claims) begin(one, signal);
    },
  });

  const workUntilDone = ({ signal, changed }: Turn): TE.TaskEither<PondError, WorkDone> =>
    steps(async ({ run }) => {
      work = NOTHING_DONE;
      // A signal of an earlier turn says nothing about this one.
      fleet.claimWithEnds(null);
      for (;;) {
        const over = new AbortController();
        // Asked for before the look, so that what comes during it is not missed.
        const change = changed(over.signal);
        try {
          if (!signal.aborted) {
            const place = await run(beginAll(signal));
            fleet.claimWithEnds(orderFor(place, signal));
            const isDone = !taking.drain || !(await run(fleet.hasMore(place, clock.nowMicros())));
            if (running.size === 0 && isDone) return work;
          } else if (running.size === 0) return work;
          await Promise.race([
            ...(signal.aborted ? [] : [change, clock.sleep(LOOK, over.signal)]),
            ...running,
          ]);
        } finally {
          over.abort();
        }
      }
    });

  return {
    name: 'tasks',
    work: workUntilDone,
    nextDue: () =>
      steps(async ({ run }) => {
        const now = clock.nowMicros();
        const next = await run(fleet.nextBeginning(now));
        return Math.min(now + LOOK * 1000, next ?? Number.POSITIVE_INFINITY);
      }),
  };
};
