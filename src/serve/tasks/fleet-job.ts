import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FleetTable, WorkerPlace } from '../../control/fleet-table.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../../steward/errors.js';
import { removeDeadRunners } from '../../steward/recovery/dead-runners.js';
import { readyTasks } from '../../steward/tasks/ready/run-ready.js';
import { BEGINNING, type HurriedJob, hurry } from '../giving-way.js';
import { NOTHING_DONE, sumOfWork, type Turn, type WorkDone } from '../pond-job.js';
import type { ServedPond } from '../served-pond.js';
import type { Taking } from '../taking.js';
import { LOOK, nowAndThen } from './fleet-looks.js';
import { lookingAhead } from './looking-ahead.js';
import { readyClaims } from './ready-claims.js';
import { runClaimed } from './run-claimed.js';
import { runningClaims } from './running-claims.js';

/** A reason that is there already: without one each abort would make an error. */
const OVER = 'over';

/**
 * Takes tasks of a pond that many machines share, one by one: whoever is free takes the next whose turn has come. What dead runners held is
 * freed by everybody.
 */
export const fleetJob = (served: ServedPond, fleet: FleetTable, taking: Taking): HurriedJob => {
  const { pond } = served;
  const { clock } = pond.ports;
  const inHurry = hurry(clock);
  const tasks = readyTasks(pond, fleet);
  const runTogether = runClaimed(pond, fleet, tasks);
  let work = NOTHING_DONE;
  let hasBegun = false;
  const running = runningClaims(async (claims, signal, over) => {
    if (!hasBegun) taking.onFirst?.();
    hasBegun = true;
    mayHaveLeft = true;
    const done = await inHurry.begun(runTogether(claims, signal, over), BEGINNING);
    work = sumOfWork(work, done);
  });
  const ready = readyClaims(served, fleet, { concurrency: taking.concurrency, tasks, running });
  const worker = announcedWorker(served, fleet, taking);
  const lookAhead = lookingAhead({ clock, fleet, tasks, mayBeReady: ready.mayBeReady });
  const sweep = sweeping(served, fleet);
  const sharing = nowAndThen(clock);
  /** Something has run here since it was asked for the last time what was left to this runner: only from inside of it, or because of it, anything is. */
  let mayHaveLeft = false;
  /** Gives to everybody what commits inside of tasks have left to this runner. */
  const shareLeft = (): TE.TaskEither<PondError, void> =>
    steps(async ({ run }) => {
      mayHaveLeft = !running.areOver();
      sharing.begin();
      const left = await run(pond.runner.takeLeft());
      for (const claim of left) await run(pond.control.release(claim));
      if (left.length > 0) ready.lookAgain();
    });

  const beginReady = (place: WorkerPlace, signal: AbortSignal): TE.TaskEither<PondError, void> =>
    ready.freePlaces() > 0 && ready.mayBeReady() ? ready.claim(place, signal) : TE.right(undefined);

  /** Begins what is ready before anything else: mostly nothing was left, and nobody has died. */
  const beginAll = (place: WorkerPlace, signal: AbortSignal): TE.TaskEither<PondError, void> =>
    steps(async ({ run }) => {
      await run(beginReady(place, signal));
      if (ready.freePlaces() > 0 && (mayHaveLeft || sharing.isDue())) {
        await run(shareLeft());
        await run(beginReady(place, signal));
      }
      await run(sweep());
    });

  /** Begins what is ready; true: nothing runs here, and there is nothing to wait for. */
  const takeWhatIsReady = (signal: AbortSignal): TE.TaskEither<PondError, boolean> =>
    steps(async ({ run }) => {
      const place = await run(worker());
      // Before anything begins: what has begun with its claim may end before the next question is answered.
      fleet.claimWithEnds(ready.orderFor(place, signal));
      await run(beginAll(place, signal));
      if (!taking.drain && running.areOver()) await run(lookAhead(place, signal));
      const isDone = !taking.drain || !(await run(fleet.hasMore(place, clock.nowMicros())));
      return running.areOver() && isDone;
    });

  const taken =
    (signal: AbortSignal): ReturnType<typeof takeWhatIsReady> =>
    () =>
      inHurry.begun(takeWhatIsReady(signal)(), Number.POSITIVE_INFINITY);

  const workUntilDone = ({ signal, changed }: Turn): TE.TaskEither<PondError, WorkDone> =>
    steps(async ({ run }) => {
      work = NOTHING_DONE;
      // A signal of an earlier turn says nothing about this one, nor does what was ready then.
      fleet.claimWithEnds(null);
      ready.lookAgain();
      for (;;) {
        const over = new AbortController();
        // Asked for before the look, so that what comes during it is not missed.
        const freed = running.nextFreed();
        const change = changed(over.signal);
        try {
          const isOver = signal.aborted ? running.areOver() : await run(taken(signal));
          if (isOver) return work;
          await Promise.race([...(signal.aborted ? [] : [change, clock.sleep(LOOK, over.signal)]), freed]);
        } finally {
          over.abort(OVER);
        }
      }
    });

  return {
    name: 'tasks',
    atRest: inHurry.atRest,
    work: workUntilDone,
    nextDue: () =>
      steps(async ({ run }) => {
        const now = clock.nowMicros();
        const next = await run(fleet.nextBeginning(now));
        return Math.min(now + LOOK * 1000, next ?? Number.POSITIVE_INFINITY);
      }),
  };
};

/** This process as a worker, which the table is told of once. */
const announcedWorker = (
  { pond }: ServedPond,
  fleet: FleetTable,
  { concurrency, queues }: Taking,
): (() => TE.TaskEither<PondError, WorkerPlace>) => {
  let announced: WorkerPlace | null = null;
  return () =>
    steps(async ({ run }) => {
      const runnerId = await run(pond.runner.ensure());
      if (announced?.runnerId === runnerId) return announced;
      const place = { runnerId, host: pond.ports.host.hostName, queues };
      await run(fleet.announceWorker({ ...place, concurrency }));
      announced = place;
      return place;
    });
};

/** Frees now and then what runners hold that are dead. */
const sweeping = ({ pond }: ServedPond, fleet: FleetTable): (() => TE.TaskEither<PondError, void>) => {
  const looking = nowAndThen(pond.ports.clock);
  return () =>
    steps(async ({ run }) => {
      if (!looking.isDue()) return;
      looking.begin();
      const freed = await run(fleet.sweep());
      if (freed === 0) return;
      pond.ports.logger.log('warn', 'dead_runners_swept', { pond: pond.address, claims: freed });
      await run(removeDeadRunners(pond));
    });
};
