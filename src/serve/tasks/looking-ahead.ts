import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { FleetTable, WorkerPlace } from '../../control/fleet-table.js';
import { steps } from '../../effects/steps.js';
import type { Clock } from '../../ports/clock.js';
import type { PondError } from '../../steward/errors.js';
import type { ReadyTasks } from '../../steward/tasks/ready/run-ready.js';

/** Looks at the newest commit before anything of it is ready, and milliseconds after which none is begun: V8 compiles well what has run some times. */
const LOOKS_AHEAD = 30;
const LOOKING_AHEAD = 150;
/** Part of the time that looks at what is newer may take after that. */
const PART_OF_TIME = 1 / 20;

/** Things of a worker that looks ahead. */
interface OfWorker {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly fleet: Pick<FleetTable, 'rehearse'>;
  readonly tasks: Pick<ReadyTasks, 'lookAhead'>;
  /** Something may be ready: there is no time to look ahead. */
  readonly mayBeReady: () => boolean;
}

/**
 * Does before a worker is in a hurry what it will do then, as often as it may; after that it looks once at what has become known as newer: a
 * configuration that another worker runs the first task of, or nobody has yet.
 */
export const lookingAhead = ({ clock, fleet, tasks, mayBeReady }: OfWorker) => {
  let isRehearsed = false;
  /** Times that this worker has looked, and milliseconds that it took. */
  let looks = 0;
  let lookedFor = 0;
  /** Monotonic time of the next look at what is newer, at the earliest. */
  let restsUntil = Number.NEGATIVE_INFINITY;
  const lookAtNewer = (): TE.TaskEither<PondError, void> =>
    steps(async ({ run }) => {
      const begun = clock.monotonicMs();
      if (mayBeReady() || begun < restsUntil) return;
      await run(tasks.lookAhead('newer'));
      const ended = clock.monotonicMs();
      restsUntil = ended + (ended - begun) / PART_OF_TIME;
    });
  return (place: WorkerPlace, signal: AbortSignal): TE.TaskEither<PondError, void> =>
    steps(async ({ run }) => {
      if (isRehearsed && (looks >= LOOKS_AHEAD || lookedFor >= LOOKING_AHEAD)) {
        await run(lookAtNewer());
        return;
      }
      const rehearses = !isRehearsed;
      // Before it is done: where it fails, that is said once, and the work goes on without it.
      isRehearsed = true;
      if (rehearses) await run(fleet.rehearse(place));
      // Another look at a commit of many tasks would take as long, and be in the way of what is to begin.
      while (looks < LOOKS_AHEAD && lookedFor < LOOKING_AHEAD && !signal.aborted) {
        const begun = clock.monotonicMs();
        looks += 1;
        const isOpened = await run(tasks.lookAhead(looks === 1 ? 'first' : 'again'));
        lookedFor += clock.monotonicMs() - begun;
        // What is refused now is refused again.
        if (!isOpened || mayBeReady()) return;
      }
    });
};
