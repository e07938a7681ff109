import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { acting, changing } from '../acting.js';
import type { PondError } from '../errors.js';
import {
  newestSettings,
  refuseMissingModules,
  refuseUnknownFactory,
} from '../pond/factories/known-factories.js';
import type { Pond } from '../pond/pond.js';
import type { WriteOutcome } from '../shapes/transactions.js';
import type { Steward } from '../steward.js';

/** Calls that read and change the settings, among them the pond's remotes. */
export const settingCalls = (
  pond: Pond,
): Pick<Steward, 'settings' | 'setSetting' | 'addRemote' | 'removeRemote'> => ({
  settings: () =>
    pipe(
      newestSettings(pond),
      TE.flatMap((settings) => acting(({ listSettings }) => TE.right(listSettings(settings)))),
    ),
  setSetting: (key, value) =>
    pipe(
      refuseUnknownFactory(pond, key),
      TE.flatMapEither(() => refuseMissingModules(pond, key, value)),
      TE.flatMap(() => change(pond, 'config set', key, value)),
    ),
  addRemote: (name, remote, { replace = false } = {}) =>
    pipe(
      newestSettings(pond),
      TE.flatMap(({ remotes }) =>
        acting(({ refuseInside, refuseElsewhere }) => {
          const refusal =
            refuseInside(pond.ports, pond, remote) ??
            (replace ? null : refuseElsewhere(remotes, name, remote));
          return refusal === null ? TE.right(undefined) : TE.left<PondError>(refusal);
        }),
      ),
      TE.flatMap(() => change(pond, 'remote add', `remotes.${name}`, JSON.stringify(remote))),
    ),
  removeRemote: (name) =>
    pipe(
      newestSettings(pond),
      TE.filterOrElseW(
        ({ remotes }) => name in remotes,
        ({ remotes }): PondError => ({ _tag: 'NoSuchRemote', name, known: Object.keys(remotes).sort() }),
      ),
      TE.flatMap(() => change(pond, 'remote remove', `remotes.${name}`, 'null')),
    ),
});

/** Commits a change of one setting. */
const change = (
  pond: Pond,
  operation: string,
  key: string,
  value: string,
): TE.TaskEither<PondError, WriteOutcome<void>> =>
  acting(({ writeSetting }) =>
    changing(({ writeTransaction }) =>
      writeTransaction(pond)(({ fs }) => writeSetting(fs)(key, value), { operation }),
    ),
  );
