import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Task } from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { OnChange } from '../control/fleet-table.js';
import { steps } from '../effects/steps.js';
import type { Clock } from '../ports/clock.js';
import { migrateControl } from '../steward/commit/writers/writer-lock.js';
import { describeError } from '../steward/describe-error.js';
import type { PondError } from '../steward/errors.js';
import { refuseInsideTask } from '../steward/pond/inside/surroundings.js';
import { layout, type Pond } from '../steward/pond/pond.js';
import { NOTHING_DONE, type PondJob, sumOfWork, type WorkDone } from './pond-job.js';
import { jobsOf, jobsOfWorker } from './pond-jobs.js';
import { runJobs, runJobsOnce } from './run-jobs.js';
import type { ServedPond } from './served-pond.js';
import type { Taking } from './taking.js';
import { whenReached } from './when-reached.js';

/** Something that goes on beside the work on the ponds for as long as they are served: a server that shows them. */
export interface ServePart<E> {
  readonly begin: (ponds: readonly ServedPond[]) => TE.TaskEither<E, RunningPart>;
}

export interface RunningPart {
  /** Lines for whoever has started it. */
  readonly says: readonly string[];
  /** Ends it, at the latest when its grace is over. */
  readonly end: Task<void>;
}

export interface ServeOptions<E> {
  /** Aborts when everything is to stop. */
  readonly signal: AbortSignal;
  readonly parts: readonly ServePart<E>[];
  /** Work on each pond; default: all that there is to do. */
  readonly jobs?: (served: ServedPond) => readonly PondJob[];
  /** Called when all of it has begun, with what the parts say. */
  readonly onReady: (says: readonly string[]) => void;
}

/**
 * Serves ponds until it is told to stop: runs what others leave to the background, what is due and what has arrived, and
 * takes up what killed processes have left. Any number of processes may serve one pond; they share its work.
 *
 * At the end it first says that it takes up nothing more, so that writes go back to running their tasks themselves; then
 * running tasks are told to stop and get their grace, and what is left is pending, for whoever comes next.
 */
export const serve = <E>(
  ponds: readonly ServedPond[],
  { signal, parts, onReady, jobs = (served) => jobsOf(served, 'serving') }: ServeOptions<E>,
): TE.TaskEither<PondError | E, WorkDone> =>
  steps(async ({ run }) => {
    await run(announced(ponds, signal));
    const endings: Task<void>[] = [];
    // Each pond has its own: of one signal the runtime takes more than ten listeners for a leak, and says so to whoever serves many.
    const stops = ponds.map((served) => ({ served, stop: new AbortController() }));
    const stopAll = (): void => {
      for (const { stop } of stops) stop.abort();
    };
    try {
      for (const served of ponds) endings.push(watch(served));
      const says: string[] = [];
      for (const part of parts) {
        const running = await run(part.begin(ponds));
        endings.push(running.end);
        says.push(...running.says);
      }
      onReady(says);
      const work = Promise.all(stops.map(({ served, stop }) => runJobs(served, jobs(served), stop.signal)()));
      await aborted(signal);
      for (const served of ponds) await stopServing(served)();
      stopAll();
      return (await work).reduce(sumOfWork, NOTHING_DONE);
    } finally {
      stopAll();
      for (const end of endings.reverse()) await end();
    }
  });

/** Does once what there is to do now, pond by pond. */
export const workOnce = (
  ponds: readonly ServedPond[],
  signal: AbortSignal,
  jobs: NonNullable<ServeOptions<never>['jobs']> = (served) => jobsOf(served, 'once'),
): TE.TaskEither<PondError, WorkDone> =>
  steps(async ({ run }) => {
    let all = NOTHING_DONE;
    for (const served of ponds) {
      await run(begin(served, signal));
      all = sumOfWork(all, await run(runJobsOnce(jobs(served), signal)));
    }
    return all;
  });

/** Takes tasks of ponds that many machines share, until it is told to stop, or with `drain` until there are none. */
export const takeTasks = (
  ponds: readonly ServedPond[],
  taking: Taking,
  { signal, onReady }: Pick<ServeOptions<never>, 'signal' | 'onReady'>,
): TE.TaskEither<PondError, WorkDone> => {
  const alone = ponds.find(({ pond }) => pond.fleet === null);
  if (alone !== undefined) return TE.left({ _tag: 'NotAFleet', path: alone.pond.address });
  const jobs = (served: ServedPond) =>
    served.pond.fleet === null ? [] : jobsOfWorker(served, served.pond.fleet, taking);
  return taking.drain
    ? workOnce(ponds, signal, jobs)
    : serve<never>(ponds, { signal, parts: [], onReady, jobs });
};

/** Nobody works on a pond from inside one of its own tasks; an older control table is brought to what a runner needs. */
const begin = ({ pond }: ServedPond, signal: AbortSignal): TE.TaskEither<PondError, void> =>
  pipe(
    refuseInsideTask(pond, 'work'),
    TE.flatMap(() => migrateControl(pond, signal)),
  );

/**
 * Says of all ponds that this process takes up work, once the servers of all control tables take that: while one is waited
 * for nothing is run, so no pond's writes may leave their tasks to this process.
 */
const announced = (ponds: readonly ServedPond[], signal: AbortSignal): TE.TaskEither<PondError, void> => {
  const [first] = ponds;
  return first === undefined
    ? TE.right(undefined)
    : whenReached(
        first.pond.ports,
        signal,
        announcedTogether(ponds, signal),
        // Who has said it closes its ponds, with which it ends as somebody who takes up work.
        () => async () => undefined,
      );
};

const announcedTogether = (
  ponds: readonly ServedPond[],
  signal: AbortSignal,
): TE.TaskEither<PondError, void> =>
  steps(async ({ run, take }) => {
    for (const served of ponds) {
      await run(begin(served, signal));
      await run(served.pond.runner.ensure());
    }
    for (const [index, { pond }] of ponds.entries()) {
      const outcome = await pond.runner.serve()();
      // Also of the one that has failed: the answer may be all that was lost.
      if (isLeft(outcome)) for (const told of ponds.slice(0, index + 1)) await stopServing(told)();
      take(outcome);
    }
  });

const stopServing = ({ pond }: ServedPond): Task<void> =>
  pipe(
    pond.runner.stopServing(),
    TE.match(
      (error) => pond.ports.logger.log('warn', 'runner_not_ended', { error: describeError(error) }),
      () => undefined,
    ),
  );

/** Every commit and every task leaves a record in the control table, whoever makes it. */
const watch = (served: ServedPond): Task<void> => {
  const { pond, changes, news, arrivals } = served;
  const tell: OnChange = (mayBringWork, isArrival) => {
    changes.tell();
    if (isArrival) arrivals.tell();
    if (mayBringWork) news.tell();
  };
  if (pond.listen !== null) return listen(pond.ports.clock, pond.listen, tell);
  const { control } = layout(pond.directory);
  const end = pond.ports.watch.watch(control, (name) => {
    if (name === null || name.startsWith(DATABASE)) tell(true, false);
  });
  return async () => end();
};

/** Milliseconds after which it is looked what other machines have done although nothing was heard of them. */
const SWEEP = 1_000;

/** Hears what other machines record, and looks each second: a notice may be lost, and who dies says nothing. */
const listen = (
  { sleep }: Pick<Clock, 'sleep'>,
  begin: NonNullable<Pond['listen']>,
  tell: OnChange,
): Task<void> => {
  const over = new AbortController();
  const listening = begin(tell);
  const sweep = async () => {
    while (!over.signal.aborted) {
      await sleep(SWEEP, over.signal);
      tell(true, false);
    }
  };
  void sweep();
  return async () => {
    over.abort();
    listening.stop();
  };
};

const DATABASE = 'control.db';

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
