import { isLeft } from 'fp-ts/lib/Either.js';
import { silentLogger } from '../../../src/adapters/logging/silent-logger.js';
import { nodeFileSystem } from '../../../src/adapters/node/files/node-file-system.js';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { userOfProcess } from '../../../src/adapters/node/node-host.js';
import { uuidIds } from '../../../src/adapters/node/uuid-ids.js';
import { memoryCheckpointStore } from '../../../src/host-plans/checkpoint-store.js';
import { hostExecutorOn } from '../../../src/host-plans/host-executor.js';
import type { HostOperation } from '../../../src/host-plans/operations/host-operation.js';
import type { HeldFiles, HostFileSystem } from '../../../src/ports/file-system.js';
import { NO_TELEMETRY } from '../../../src/ports/no-telemetry.js';
import { planOf } from './memory-world.js';

/** An executor of plans on this machine. */
export const onHost = (files: HostFileSystem = nodeFileSystem, hold?: () => HeldFiles) =>
  hostExecutorOn({
    files,
    ...(hold === undefined ? {} : { hold }),
    checkpoints: memoryCheckpointStore(),
    clock: nodeClock,
    ids: uuidIds,
    logger: silentLogger,
    telemetry: NO_TELEMETRY,
    neighbours: { user: userOfProcess(), allowShared: false },
  });

/** Executes operations on this machine, and fails where they do. */
export const executeOnHost = async (
  operations: readonly HostOperation[],
  files: HostFileSystem = nodeFileSystem,
): Promise<void> => {
  const done = await onHost(files).run(planOf(operations))();
  if (isLeft(done)) throw new Error(JSON.stringify(done.left));
};
