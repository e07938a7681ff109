import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { ClaimOrder, FleetTable, ReadyClaim, WorkerPlace } from '../../control/fleet-table.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { type BranchingSignal, branchingSignal } from '../../effects/branching-signal.js';
import { steps } from '../../effects/steps.js';
import { endUnrun } from '../../steward/attempts/begun-attempts.js';
import { describeError } from '../../steward/describe-error.js';
import type { PondError } from '../../steward/errors.js';
import { removeDeadRunners } from '../../steward/recovery/recover.js';
import { singleTasks } from '../../steward/tasks/run-one.js';
import { NOTHING_DONE, type PondJob, sumOfWork, type Turn, type WorkDone } from '../pond-job.js';
import type { ServedPond } from '../served-pond.js';
import type { Taking } from '../taking.js';

/** Milliseconds between two looks for who has died, and for work that nobody has told of. */
const LOOK = 1_000;

/** A reason that is there already: without one each abort would make an error. */
const OVER = 'over';

/**
 * Takes tasks of a pond that many machines share, one by one: whoever is free takes the next whose turn has come. What dead runners held is
 * freed by everybody.
 */
export const fleetJob = ({ pond, news }: ServedPond, fleet: FleetTable, taking: Taking): PondJob => {
  const { clock, logger, host } = pond.ports;
  const tasks = singleTasks(pond, fleet);
  const running = new Set<Promise<void>>();
  /** Tokens of the claims under which they run. */
  const tokens = new Set<number>();
  /** Those of them whose places are taken, or nobody's for now: what this worker does next does not wait for their ends. */
  const replaced = new Set<number>();
  /** Tells the turn that a place is free, or that nothing runs; a defect ends it. */
  let wake: (defect?: Promise<never>) => void = () => undefined;
  const said = new Set<string>();
  let work = NOTHING_DONE;
  /** Tasks that have been asked for, by `claimReady` or with the ends of others, and have not been begun. */
  const asked = { ready: 0, withEnds: 0 };
  /** The news known, and the time, when nothing was ready that this worker may take; each question is a journey. */
  let nothingReady: { readonly news: number; readonly at: number } | null = null;
  let branching: { readonly signal: AbortSignal; readonly branches: BranchingSignal } | null = null;
  /** Something has run here since it was asked for the last time what was left to this runner: only from inside of it, or because of it, anything is. */
  let mayHaveLeft = false;
  let sharedAt = Number.NEGATIVE_INFINITY;
  /** This worker has looked at the newest commit before anything of it is ready. */
  let hasLookedAhead = false;
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

  const one = async (claim: ReadyClaim, { within }: BranchingSignal): Promise<void> => {
    const ran = await within((signal) => tasks.run(claim, signal)());
    if (isLeft(ran)) return giveBack(claim, describeError(ran.left), true);
    if (ran.right._tag === 'Refused') return giveBack(claim, ran.right.reason, ran.right.all);
    if (ran.right.ended) work = sumOfWork(work, { done: 1, failed: ran.right.failed ? 1 : 0 });
  };

  /** Said once for each reason; who asks for the pond's status is told of it, too. */
  const giveBack = async (claim: ReadyClaim, reason: string, all: boolean): Promise<void> => {
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

  const begin = (claim: ReadyClaim, branches: BranchingSignal): void => {
    const forget = (): boolean => {
      running.delete(run);
      tokens.delete(claim.token);
      return replaced.delete(claim.token) && running.size > 0;
    };
    const run: Promise<void> = one(claim, branches).then(
      () => {
        if (!forget()) wake();
      },
      (defect: unknown) => {
        forget();
        wake(Promise.reject(defect));
      },
    );
    running.add(run);
    tokens.add(claim.token);
    mayHaveLeft = true;
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

  const beginAll = (place: WorkerPlace, branches: BranchingSignal): TE.TaskEither<PondError, void> =>
    steps(async ({ run }) => {
      if (free() > 0 && (mayHaveLeft || clock.monotonicMs() - sharedAt >= LOOK)) {
        mayHaveLeft = running.size > 0;
        sharedAt = clock.monotonicMs();
        if ((await run(shareLeft())) > 0) nothingReady = null;
      }
      if (free() > 0 && mayBeReady()) await run(claim(place, branches));
      await run(sweep());
    });

  /** They outlive the turn that begins them where that fails. */
  const branchesOf = (signal: AbortSignal): BranchingSignal => {
    if (branching?.signal !== signal) branching = { signal, branches: branchingSignal(signal) };
    return branching.branches;
  };

  const mayBeReady = (): boolean =>
    nothingReady === null ||
    news.count() > nothingReady.news ||
    clock.monotonicMs() - nothingReady.at >= LOOK;

  const asOfNow = () => ({ news: news.count(), at: clock.monotonicMs() });

  const free = (): number => taking.concurrency - running.size - asked.ready - asked.withEnds;

  /** Claims as many as there are places, and begins them. */
  const claim = (place: WorkerPlace, branches: BranchingSignal): TE.TaskEither<PondError, void> =>
    steps(async ({ run }) => {
      const limit = free();
      const looked = asOfNow();
      asked.ready = limit;
      try {
        const claims = await run(
          fleet.claimReady(place, {
            limit,
            now: clock.nowMicros(),
            beginning: tasks.beginning(limit),
            held: [...tokens],
          }),
        );
        nothingReady = claims.length < limit ? looked : null;
        for (const one of claims) begin(one, branches);
      } finally {
        asked.ready = 0;
      }
    });

  /** Order by which what takes the places of tasks that end is claimed with their ends: over a network each question is a journey. */
  const orderFor = (worker: WorkerPlace, signal: AbortSignal, branches: BranchingSignal): ClaimOrder => {
    let looked = asOfNow();
    let ending: readonly number[] = [];
    return {
      worker,
      held: () => [...tokens],
      now: clock.nowMicros,
      beginning: tasks.beginning,
      wanted: (ended) => {
        looked = asOfNow();
        asked.withEnds = 0;
        ending = ended.map(({ token }) => token).filter((token) => tokens.has(token));
        // One that has failed and was tried again ends a second time.
        for (const token of ending) replaced.delete(token);
        const places = ending.length;
        // Of what else this process runs no place becomes free.
        asked.withEnds = signal.aborted || places === 0 ? 0 : Math.max(0, free() + places);
        return asked.withEnds;
      },
      deliver: (claims, isAll) => {
        if (isAll || (claims.length > 0 && claims.length === asked.withEnds))
          for (const token of ending) replaced.add(token);
        asked.withEnds = 0;
        for (const one of claims) begin(one, branches);
        nothingReady = isAll ? looked : null;
        // What this process ends by itself is not news to it, but where others could be ready.
        if (!isAll && free() > 0) news.tell();
      },
    };
  };

  const workUntilDone = ({ signal, changed }: Turn): TE.TaskEither<PondError, WorkDone> =>
    steps(async ({ run }) => {
      work = NOTHING_DONE;
      // A signal of an earlier turn says nothing about this one, nor does what was ready then.
      fleet.claimWithEnds(null);
      nothingReady = null;
      const branches = branchesOf(signal);
      for (;;) {
        const over = new AbortController();
        const freed = new Promise<void>((resolve) => {
          wake = resolve;
        });
        // Asked for before the look, so that what comes during it is not missed.
        const change = changed(over.signal);
        try {
          if (!signal.aborted) {
            const place = await run(worker());
            // Before anything begins: what has begun with its claim may end before the next question is answered.
            fleet.claimWithEnds(orderFor(place, signal, branches));
            await run(beginAll(place, branches));
            if (!hasLookedAhead && !taking.drain && running.size === 0) {
              hasLookedAhead = true;
              await run(tasks.lookAhead());
            }
            const isDone = !taking.drain || !(await run(fleet.hasMore(place, clock.nowMicros())));
            if (running.size === 0 && isDone) return work;
          } else if (running.size === 0) return work;
          await Promise.race([...(signal.aborted ? [] : [change, clock.sleep(LOOK, over.signal)]), freed]);
        } finally {
          over.abort(OVER);
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
