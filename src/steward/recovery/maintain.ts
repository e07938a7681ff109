import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Swept } from '../../tlogfs/tlog.js';
import { rollForward } from '../commit/roll-forward.js';
import { withWriterLock } from '../commit/writer-lock.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { MaintainOptions, MaintenanceReport } from '../steward.js';
import { sweepLeftovers } from './sweep-leftovers.js';

/** Milliseconds for which merged-away files and records of reads are kept: a week. */
const RETENTION = 7 * 86_400_000;

/**
 * Removes what nobody needs any more: records of old reads, files that were merged away a while ago, and what dead
 * writers left; merges and checkpoints what is due, and replaces wrong checkpoints. Nothing that is referred to is
 * touched, and a reader that holds a snapshot keeps it. May be interrupted and repeated at any point.
 */
export const maintain = (
  pond: Pond,
  { dryRun = false, retentionMs = RETENTION, signal = new AbortController().signal }: MaintainOptions,
): TE.TaskEither<PondError, MaintenanceReport> =>
  withWriterLock(
    pond,
    signal,
    pipe(
      TE.Do,
      TE.let('now', () => pond.ports.clock.nowMicros()),
      // First of all: whatever else is done relies on what the checkpoint says.
      TE.bind('wrongCheckpoints', ({ now }) => pond.tlog.repairCheckpoints(now, { dryRun })),
      TE.tap(({ now }) => (dryRun ? TE.right(undefined) : mergeAndCheckpoint(pond, now))),
      TE.bindW('swept', ({ now }) =>
        sweepLeftovers(pond, { dryRun, mergedAwayBefore: Math.floor(now / 1000) - retentionMs }),
      ),
      TE.bindW('reads', ({ now }) => pond.control.pruneReads(now - retentionMs * 1000, { dryRun })),
      TE.map(
        ({ wrongCheckpoints, swept, reads }): MaintenanceReport => ({
          dryRun,
          removed: (swept ?? NOTHING).removed,
          bytes: (swept ?? NOTHING).bytes,
          readsPruned: reads,
          checkpointsRepaired: wrongCheckpoints,
          isLogBehind: swept === null,
        }),
      ),
      TE.tapIO(({ removed, bytes, readsPruned }) => () => {
        pond.ports.logger.log('info', 'maintenance_complete', {
          ...removed,
          bytes,
          reads_pruned: readsPruned,
          dry_run: dryRun,
        });
      }),
    ),
  );

const mergeAndCheckpoint = (pond: Pond, now: number): TE.TaskEither<PondError, void> =>
  pipe(
    rollForward(pond),
    TE.flatMap(() => pond.tlog.maintain(now, { foreign: true })),
  );

const NOTHING: Swept = {
  removed: { staged_files: 0, orphaned_files: 0, orphaned_blobs: 0, merged_away_files: 0, checkpoints: 0 },
  bytes: 0,
};
