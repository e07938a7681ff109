import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { Swept } from '../../tlogfs/tlog.js';
import { rollForward } from '../commit/rolling-forward/roll-forward.js';
import { withWriterLock } from '../commit/writers/writer-lock.js';
import type { PondError } from '../errors.js';
import { newestSettings } from '../pond/factories/known-factories.js';
import type { Pond } from '../pond/pond.js';
import { refusalOfReplica } from '../pond/replica.js';
import { DEFAULT_SETTINGS, type Settings } from '../settings/settings.js';
import type { MaintainOptions, MaintenanceReport } from '../shapes/upkeep.js';
import { forgetContents } from './forget-contents.js';
import { sweepLeftovers } from './sweep-leftovers.js';

/** Milliseconds for which merged-away files and records of reads are kept: a week. */
const RETENTION = 7 * 86_400_000;

/**
 * Removes what nobody needs any more: records of old reads, files that were merged away a while ago, and what dead
 * writers left; merges and checkpoints what is due, and replaces wrong checkpoints. Nothing that is referred to is
 * touched, and a reader that holds a snapshot keeps it, but for contents that are to be forgotten. May be interrupted and
 * repeated at any point.
 */
export const maintain = (
  pond: Pond,
  { dryRun = false, retentionMs, forget, signal = new AbortController().signal }: MaintainOptions,
): TE.TaskEither<PondError, MaintenanceReport> =>
  withWriterLock(
    pond,
    signal,
    steps(async ({ run, take, fail }) => {
      const now = pond.ports.clock.nowMicros();
      // A replica publishes nothing of its own; what its origin no longer refers to is removed here, too.
      const replica = refusalOfReplica(pond);
      if (replica !== null && (forget !== undefined || replica._tag !== 'IsReplica' || replica.isUnfinished))
        return fail(replica);
      const publishes = replica === null;
      // First of all: whatever else is done relies on what the checkpoint says.
      const checkpointsRepaired = await run(pond.tlog.repairCheckpoints(now, { dryRun }));
      const isBehind = dryRun || !publishes ? false : await run(mergeAndCheckpoint(pond, now));
      const kept = retentionMs ?? RETENTION;
      const before = Math.floor(now / 1000) - kept;
      const forgotten =
        isBehind || forget === undefined ? null : await run(forgetContents(pond, now, forget, dryRun));
      const packed =
        isBehind || !publishes ? { entries: 0 } : await run(pond.tlog.packHistory(now, { before, dryRun }));
      // Whoever forgets wants the space: what was merged away has the same contents once more.
      const mergedAwayBefore = forgotten === null ? before : Math.floor(now / 1000) - (retentionMs ?? 0);
      // What looks left over may be what there is of commits that were just found gone: the next maintenance removes it.
      const swept = isBehind ? null : await run(sweepLeftovers(pond, { dryRun, mergedAwayBefore }));
      const { removed, bytes } = swept ?? NOTHING;
      const { keepOutputMs } = await run(keptSettings(pond));
      const saidBefore = now - keepOutputMs * 1000;
      const inFiles = take(pond.outputs.removeBefore(saidBefore, { dryRun }));
      const recorded = await run(pond.control.removeOutputs(saidBefore, { dryRun }));
      const outputsRemoved = inFiles.attempts + recorded.attempts;
      const readsPruned = await run(pond.control.pruneReads(now - kept * 1000, { dryRun }));
      pond.ports.logger.log('info', 'maintenance_complete', {
        ...removed,
        bytes,
        log_entries_packed: packed.entries,
        contents_forgotten: forgotten?.contents ?? 0,
        reads_pruned: readsPruned,
        outputs_removed: outputsRemoved,
        dry_run: dryRun,
      });
      return {
        dryRun,
        removed,
        bytes: bytes + inFiles.bytes + recorded.bytes,
        readsPruned,
        outputsRemoved,
        checkpointsRepaired,
        entriesPacked: packed.entries,
        forgotten,
        isLogBehind: swept === null,
      };
    }),
    'allow',
  );

/** Settings that cannot be read keep nothing from being tidied up: those count that are not said. */
const keptSettings = (pond: Pond): TE.TaskEither<PondError, Settings> =>
  pipe(
    newestSettings(pond),
    TE.orElse(() => TE.right(DEFAULT_SETTINGS)),
  );

/** Returns whether the log was found behind the control table. */
const mergeAndCheckpoint = (pond: Pond, now: number): TE.TaskEither<PondError, boolean> =>
  pipe(
    rollForward(pond),
    TE.tap(() => pond.tlog.maintain(now, { foreign: true })),
    TE.map(({ gone }) => gone.length > 0),
  );

const NOTHING: Swept = {
  removed: { staged_files: 0, orphaned_files: 0, orphaned_blobs: 0, merged_away_files: 0, checkpoints: 0 },
  bytes: 0,
};
