import type { TaskId } from '../../domain/plans/task-id.js';
import { DEFAULT_QUEUE, describeNotHere, notHere, type RunnerPlace } from '../../domain/plans/task-place.js';

/** A task that could begin and that no live worker takes, with the reasons. */
export interface UntakenTask extends TaskId {
  readonly configPath: string;
  /** Each once: reasons of workers that have refused it, or queue and machine where no worker is of these. */
  readonly reasons: readonly string[];
}

/** A ready task that nobody holds. */
export interface ReadyTask extends TaskId {
  readonly configPath: string;
  readonly queue: string | null;
  readonly host: string | null;
  /** Reasons of workers that have refused it. */
  readonly refusals: readonly { readonly runnerId: string; readonly reason: string }[];
}

/** A live worker. */
export interface LiveWorker extends RunnerPlace {
  readonly runnerId: string;
}

/** Tasks that wait for no other task and for no time, and all the same will not be run by whoever works now. Without any worker that is nobody's refusal. */
export const untakenTasks = (
  ready: readonly ReadyTask[],
  workers: readonly LiveWorker[],
): readonly UntakenTask[] => {
  if (workers.length === 0) return [];
  return ready.flatMap(({ queue, host, refusals, ...task }) => {
    const place = { queue: queue ?? DEFAULT_QUEUE, host };
    const reasons: string[] = [];
    for (const worker of workers) {
      const elsewhere = notHere(place, worker);
      const refusal = refusals.find(({ runnerId }) => runnerId === worker.runnerId);
      if (elsewhere === null && refusal === undefined) return [];
      reasons.push(elsewhere === null ? (refusal?.reason ?? '') : describeNotHere(elsewhere));
    }
    return [{ ...task, reasons: [...new Set(reasons)] }];
  });
};
