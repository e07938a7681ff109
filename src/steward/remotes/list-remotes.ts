import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { probeStore } from '../../stores/probe.js';
import type { PondError } from '../errors.js';
import { newestSettings } from '../pond/factories/known-factories.js';
import { callerContext } from '../pond/in-span.js';
import type { Pond } from '../pond/pond.js';
import { readReplica, storePlaceOf } from '../pond/replica.js';
import type { RemoteLag, ReplicaOrigin } from '../shapes/remote-reports.js';
import { refuseUntrustedRemotes, remotesOf } from './remote-settings.js';
import { readRemoteState } from './remote-state.js';
import { useRemote } from './use-remote.js';

/** The remotes of the settings, and by how much each is behind as far as it is known here: nobody is asked. */
export const remoteLags = (pond: Pond): TaskEither<PondError, readonly RemoteLag[]> =>
  steps(async ({ run }) => {
    const { remotes } = await run(newestSettings(pond));
    const head = await run(pond.tlog.head());
    const lags: RemoteLag[] = [];
    for (const [name, settings] of Object.entries(remotes).sort(([a], [b]) => (a < b ? -1 : 1))) {
      const state = await run(
        TE.fromIOEither(readRemoteState(pond.ports, pond.directory, storePlaceOf(settings))),
      );
      const pushedTxnSeq = state === null || state.known.version < 0 ? null : state.known.txnSeq;
      lags.push({
        name,
        url: settings.url,
        pushedTxnSeq,
        pushedAt: state?.pushed_at ?? null,
        behind: head.txnSeq - (pushedTxnSeq ?? 0),
      });
    }
    return lags;
  });

/** Origin of a replica; null: the pond is not one. */
export const replicaOrigin = (pond: Pond): TaskEither<PondError, ReplicaOrigin | null> =>
  steps(async ({ run }) => {
    const marker = await run(TE.fromIOEither(readReplica(pond.ports, pond.directory)));
    return marker === null ? null : { url: marker.url, pulledAt: marker.pulled_at ?? null };
  });

/** Finds out whether the store of a remote heeds the conditions of writes; an error where it does not. */
export const probeRemote = (pond: Pond, name: string, signal: AbortSignal): TaskEither<PondError, void> =>
  steps(async ({ run }) => {
    const { ports } = pond;
    const remotes = await run(remotesOf(pond, name));
    await run(refuseUntrustedRemotes(pond));
    for (const { settings } of remotes) {
      await run(
        useRemote(ports, storePlaceOf(settings), { signal, trace: callerContext(ports.host) }, (store) =>
          probeStore(store, ports.ids.uuidV7()),
        ),
      );
    }
  });
