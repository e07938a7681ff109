import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { withSpan } from '../../effects/with-span.js';
import { ATTRIBUTE, REMOTE_SPAN } from '../../ports/telemetry-names.js';
import { type PullReport, pull } from '../../remotes/pull/pull.js';
import { recordUnknownCommits } from '../commit/rolling-forward/record-unknown-commits.js';
import { withWriterLock } from '../commit/writers/writer-lock.js';
import type { PondError } from '../errors.js';
import { callerContext } from '../pond/in-span.js';
import { removeControlFile, writeControlFile } from '../pond/place/control-file.js';
import { layout, type Pond } from '../pond/pond.js';
import { type ReplicaMarker, readReplica, refusalOfReplica, storePlaceOf } from '../pond/replica.js';
import type { Promotion } from '../shapes/remote-reports.js';
import type { LogReadingOptions } from '../shapes/transfer-options.js';
import { refuseUntrustedOrigin } from './origin-trust.js';
import { logBound, transferReports } from './transfer-reports.js';
import { useRemote } from './use-remote.js';

/** Brings what is new where the replica comes from, and records its commits: their tasks were run elsewhere. */
export const pullReplica = (pond: Pond, options: LogReadingOptions = {}): TaskEither<PondError, PullReport> =>
  steps(async ({ run, take }) => {
    const { signal = new AbortController().signal } = options;
    const { ports, directory, tlog } = pond;
    const { data, replica } = layout(directory);
    const marker = await run(completeReplica(pond));
    const place = storePlaceOf(marker);
    take(refuseUntrustedOrigin(ports, directory, place, pond.options.trust));
    const attributes = { [ATTRIBUTE.pondId]: tlog.pondId, [ATTRIBUTE.storeUrl]: place.url };
    const start = { name: REMOTE_SPAN.pull, parent: callerContext(ports.host), attributes };
    const pulled = await withSpan(ports.telemetry, start, ({ context }) =>
      withWriterLock(
        pond,
        signal,
        steps<PondError, PullReport>(async (s) => {
          await s.run(tlog.discardLeftovers('all'));
          const { files, ids, clock } = ports;
          const now = () => Math.floor(clock.nowMicros() / 1000);
          const { onUse, onStep } = transferReports(place.url, options);
          const report = await s.run(
            useRemote(ports, place, { signal, trace: context, onUse }, (store) =>
              pull({ files, dataDir: data, store, ids, now, onStep, ...logBound(options) }, { at: null }),
            ),
          );
          await s.run(tlog.head());
          const recorded = (await s.run(pond.control.newestCommit())).commit?.txnSeq ?? 0;
          await s.run(recordUnknownCommits(pond, await s.run(tlog.commitsAfter(recorded))));
          const pulled_at = clock.nowMicros();
          await s.run(TE.fromIOEither(writeControlFile(ports, replica, { ...marker, pulled_at })));
          return report;
        }),
        'allow',
      )(),
    );
    return take(pulled);
  });

const completeReplica = (pond: Pond): TaskEither<PondError, ReplicaMarker> =>
  steps(async ({ run, fail }) => {
    const marker = await run(TE.fromIOEither(readReplica(pond.ports, pond.directory)));
    if (marker === null) return fail({ _tag: 'NotAReplica', path: pond.shared?.address ?? pond.directory });
    const refusal = refusalOfReplica(pond);
    return marker.state === 'replica' || refusal === null ? marker : fail(refusal);
  });

/** Makes a pond that takes writes of a replica; a pond that was copied from another place begins a new incarnation at once. */
export const promote = (pond: Pond, signal: AbortSignal): TaskEither<PondError, Promotion> =>
  withWriterLock(
    pond,
    signal,
    steps<PondError, Promotion>(async ({ run }) => {
      const { ports, directory } = pond;
      const marker = await run(TE.fromIOEither(readReplica(ports, directory)));
      if (marker !== null) {
        await run(completeReplica(pond));
        const incarnation = await run(pond.place.begin());
        await run(pond.place.firings.settle(ports.clock.nowMicros()));
        await run(TE.fromIOEither(removeControlFile(ports, layout(directory).replica)));
        return { was: 'replica', incarnation };
      }
      const isElsewhere = await run(pond.place.isElsewhere());
      const firesHere = (await run(pond.place.firings.from())) !== null;
      const incarnation = await run(isElsewhere ? pond.place.begin() : pond.place.incarnation());
      // From now on its schedules fire here, and what they missed before is not made up for.
      if (!firesHere) await run(pond.place.firings.settle(ports.clock.nowMicros()));
      return { was: isElsewhere || !firesHere ? 'elsewhere' : 'pond', incarnation };
    }),
    'allow',
  );
