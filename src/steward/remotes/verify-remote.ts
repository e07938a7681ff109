import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { StorePlace } from '../../ports/object-store.js';
import { verify } from '../../remotes/pull/verify.js';
import type { PondError } from '../errors.js';
import { callerContext } from '../pond/in-span.js';
import { layout, type Pond } from '../pond/pond.js';
import { readReplica, storePlaceOf } from '../pond/replica.js';
import type { VerifiedRemote } from '../shapes/remote-reports.js';
import type { LogReadingOptions } from '../shapes/transfer-options.js';
import { refuseUntrustedOrigin } from './origin-trust.js';
import { refuseUntrustedRemotes, remotesOf } from './remote-settings.js';
import { logBound, transferReports } from './transfer-reports.js';
import { useRemote } from './use-remote.js';

/** Compares the pond with one of its remotes, or with all; a replica with where it comes from. */
export const verifyRemotes = (
  pond: Pond,
  name: string | null,
  options: LogReadingOptions = {},
): TaskEither<PondError, readonly VerifiedRemote[]> =>
  steps(async ({ run, take }) => {
    const { ports, directory } = pond;
    const { data, queries } = layout(directory);
    const { signal = new AbortController().signal } = options;
    const compared = (place: StorePlace) => {
      const { onUse, onStep } = transferReports(place.url, options);
      return ports.workspaces.use(queries, (scratch) =>
        useRemote(ports, place, { signal, trace: callerContext(ports.host), onUse }, (store) =>
          verify({
            files: ports.hostFiles,
            dataDir: data,
            store,
            ids: ports.ids,
            scratch,
            onStep,
            ...logBound(options),
            now: () => Math.floor(ports.clock.nowMicros() / 1000),
          }),
        ),
      );
    };
    const marker = await run(TE.fromIOEither(readReplica(ports, directory)));
    if (marker !== null && name === null) {
      const place = storePlaceOf(marker);
      take(refuseUntrustedOrigin(ports, directory, place, pond.options.trust));
      return [{ name: null, url: place.url, ...(await run(compared(place))) }];
    }
    const remotes = await run(remotesOf(pond, name));
    await run(refuseUntrustedRemotes(pond));
    const verified: VerifiedRemote[] = [];
    for (const remote of remotes) {
      const { url } = remote.settings;
      verified.push({ name: remote.name, url, ...(await run(compared(storePlaceOf(remote.settings)))) });
    }
    return verified;
  });
