import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { StorePlace } from '../../ports/object-store.js';
import { addUsage, NO_USAGE, type Usage } from '../../stores/usage.js';
import type { TLogError } from '../../tlogfs/tlog.js';
import type { StewardPorts } from '../steward-ports.js';
import { NEVER_PUSHED, type RemoteState, readRemoteState, writeRemoteState } from './remote-state.js';

/** Knowledge of a remote during a push, which is kept as it changes. */
export interface RemoteAccount {
  readonly state: () => RemoteState;
  /** Use of this day before the push. */
  readonly usedBefore: Usage;
  /** Keeps what has changed, with what the push has used so far. */
  readonly save: (next: Partial<RemoteState>, used: Usage) => TE.TaskEither<TLogError, void>;
}

/** Opens the account of a remote; `now`: microseconds since the epoch, whose day the use counts for. */
export const remoteAccount = (
  ports: StewardPorts,
  directory: string,
  place: StorePlace,
  now: number,
): TE.TaskEither<TLogError, RemoteAccount> =>
  pipe(
    TE.fromIOEither(readRemoteState(ports, directory, place)),
    TE.map((found) => {
      let state = found ?? NEVER_PUSHED(place.url);
      const day = new Date(now / 1000).toISOString().slice(0, 10);
      const usedBefore: Usage = state.used.day === day ? state.used : NO_USAGE;
      return {
        state: () => state,
        usedBefore,
        save: (next, used) => {
          state = { ...state, ...next, used: { ...addUsage(usedBefore, used), day } };
          return TE.fromIOEither(writeRemoteState(ports, directory, place, state));
        },
      };
    }),
  );
