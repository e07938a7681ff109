import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { WorkerStatus } from '../../control/records/fleet-status.js';
import type { ReadyTask } from '../../control/records/untaken-tasks.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import type { PondFleet, PondWorker } from '../shapes/background-reports.js';
import type { Pond } from './pond.js';

/** Asks who runs tasks. Who runs those of a pond in a directory is on this machine. */
export const fleetOf = (pond: Pond): TE.TaskEither<PondError, PondFleet> =>
  steps(async ({ run }) => {
    const { workers, queue } = await run(pond.control.fleetStatus());
    const refused =
      pond.fleet === null || workers.length === 0
        ? []
        : await run(pond.fleet.refused(pond.ports.clock.nowMicros()));
    const { host, clock } = pond.ports;
    const own = pond.fleet === null ? host.hostName : null;
    return {
      workers: workers.map((worker) => ({
        ...worker,
        host: worker.host ?? own,
        lacks: refused.flatMap((task) => lackOf(worker, task)),
      })),
      queue: {
        ...queue,
        oldestAgeMs: queue.oldestAt === null ? null : Math.max(0, clock.nowMicros() - queue.oldestAt) / 1000,
      },
    };
  });

const lackOf = (
  { runnerId }: WorkerStatus,
  { configPath, refusals, parentTxnSeq, executionSeq, firing }: ReadyTask,
): PondWorker['lacks'] =>
  refusals
    .filter((refusal) => refusal.runnerId === runnerId)
    .map(({ reason }) => ({
      task: { parentTxnSeq, executionSeq, ...(firing === undefined ? {} : { firing }) },
      configPath,
      reason,
    }));
