import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { StorePlace } from '../../ports/object-store.js';
import { openLocalLog } from '../../remotes/local-log.js';
import { type PullReport, pull } from '../../remotes/pull/pull.js';
import { makePondDirectory } from '../../tlogfs/init-tlog.js';
import { tableLayout } from '../../tlogfs/table-layout.js';
import { makeControlPrivate } from '../commit/writers/private-control.js';
import type { PondError } from '../errors.js';
import { callerContext } from '../pond/in-span.js';
import { refuseStrangeLinks } from '../pond/opening/linked-directories.js';
import { openPond } from '../pond/opening/open-pond.js';
import { writerLockOn } from '../pond/opening/pond-control.js';
import { removeControlFile, writeControlFile } from '../pond/place/control-file.js';
import { NOWHERE } from '../pond/place/firing-place.js';
import { layout } from '../pond/pond.js';
import { type ReplicaMarker, readReplica } from '../pond/replica.js';
import { rebuildControl } from '../recovery/rebuild-control.js';
import type { FetchedPond, FetchOptions } from '../shapes/transfer-options.js';
import type { StewardPorts } from '../steward-ports.js';
import { commandText } from '../trust/pond-trust.js';
import { approveOrigin } from './origin-trust.js';
import { logBound, transferReports } from './transfer-reports.js';
import { useRemote } from './use-remote.js';

/**
 * Makes a replica, or a pond, of a remote in a directory in which there is none. A marker in `control` says so until all is
 * there: repeating the command goes on where it was interrupted. Nothing of what it brings is approved.
 */
export const fetchPond = (
  ports: StewardPorts,
  directory: string,
  place: StorePlace,
  options: FetchOptions,
): TaskEither<PondError, FetchedPond> =>
  steps(async ({ run, fail }) => {
    const { control, data, writerLock, replica } = layout(directory);
    const { as, at = null, signal = new AbortController().signal } = options;
    const there = await run(TE.fromIOEither(readReplica(ports, directory)));
    const marker: ReplicaMarker = {
      ...place,
      state: as === 'pond' ? 'restoring' : 'replicating',
      ...(at === null ? {} : { at }),
    };
    const isGoingOn =
      there !== null && there.url === marker.url && there.state === marker.state && (there.at ?? null) === at;
    if (!isGoingOn && hasTable(ports, data)) return fail({ _tag: 'PondExists', path: directory });
    const refusal = refuseStrangeLinks(ports, directory);
    if (refusal !== null) return fail(refusal);
    const isFree = !isThere(ports, control) && !isThere(ports, data);
    const made = { directory, isNew: !isThere(ports, directory) };
    await run(makePondDirectory(ports.files, control, directory));
    await run(makePondDirectory(ports.files, tableLayout(data).logDir, directory));
    makeControlPrivate(ports, control);
    const lock = await run(writerLockOn(ports, directory).tryAcquire());
    if (lock === null) return fail({ _tag: 'PondLocked', path: writerLock, waitedMs: 0, holder: null });
    let pulled: PullReport;
    try {
      await run(TE.fromIOEither(writeControlFile(ports, replica, marker)));
      const { files, ids, clock } = ports;
      const now = () => Math.floor(clock.nowMicros() / 1000);
      const { onUse, onStep } = transferReports(place.url, options);
      pulled = await run(
        useRemote(ports, place, { signal, trace: callerContext(ports.host), onUse }, (store) =>
          pull({ files, dataDir: data, store, ids, now, onStep, ...logBound(options) }, { at }),
        ),
      );
    } catch (error) {
      // Where nothing has arrived that would be a pond, such as after a misspelt address, the directory is free again.
      if (!hasTable(ports, data)) {
        await run(TE.fromIOEither(removeControlFile(ports, replica)));
        if (isFree) takeBack(ports, made);
      }
      throw error;
    } finally {
      await lock.release();
    }
    await run(rebuildControl(ports, directory, options));
    const pulled_at = ports.clock.nowMicros();
    if (as === 'replica') {
      approveOrigin(ports, directory, place, commandText(options.cliArgs ?? []));
      await run(TE.fromIOEither(writeControlFile(ports, replica, { ...place, state: 'replica', pulled_at })));
    } else {
      await run(
        TE.bracket(
          openPond(ports, directory, options),
          (pond) =>
            pipe(
              pond.place.firings.leaveAt(NOWHERE),
              TE.flatMap(() => pond.place.begin()),
            ),
          (pond) => TE.fromIO(pond.control.close),
        ),
      );
      await run(TE.fromIOEither(removeControlFile(ports, replica)));
    }
    const local = await run(openLocalLog(ports.files, data));
    return { ...pulled, contentRoot: await run(local.contentRoot(pulled.txnSeq)) };
  });

const isThere = ({ hostFiles }: StewardPorts, path: string): boolean => !isLeft(hostFiles.lstat(path)());

/**
 * Removes the directories that were made for a pond of which nothing has come. Where something has, even a part, it stays: the
 * next attempt goes on with it. The lock is held: whoever waits for it is refused, or finds no directory any more.
 */
const takeBack = (
  { hostFiles }: StewardPorts,
  { directory, isNew }: { readonly directory: string; readonly isNew: boolean },
): void => {
  const { control, data, writerLock } = layout(directory);
  const { logDir, stagingDir } = tableLayout(data);
  for (const path of [stagingDir, logDir, data]) {
    const removed = hostFiles.removeDirectory(path)();
    if (isLeft(removed) && removed.left.code !== 'ENOENT') return;
  }
  const isGone = !isLeft(hostFiles.removeFile(writerLock)()) && !isLeft(hostFiles.removeDirectory(control)());
  // Somebody may have put something into it meanwhile.
  if (isGone && isNew) hostFiles.removeDirectory(directory)();
};

/** Tells whether there is a table, or the beginning of one. */
const hasTable = ({ files }: StewardPorts, data: string): boolean => {
  const names = files.readDirectory(tableLayout(data).logDir)();
  return !isLeft(names) && names.right.length > 0;
};
