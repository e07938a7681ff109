import type { IOEither } from 'fp-ts/lib/IOEither.js';
import * as t from 'io-ts';
import { sha256 } from '../../domain/documents/sha256.js';
import type { StorePlace } from '../../ports/object-store.js';
import { type KnownRemote, UNKNOWN_REMOTE } from '../../remotes/push/pushing.js';
import type { Usage } from '../../stores/usage.js';
import type { TLogError } from '../../tlogfs/tlog.js';
import { readControlFile, writeControlFile } from '../pond/place/control-file.js';
import { layout } from '../pond/pond.js';
import type { StewardPorts } from '../steward-ports.js';

const StateCodec = t.type(
  {
    url: t.string,
    known: t.type({
      version: t.number,
      txnSeq: t.number,
      etag: t.string,
      isProbed: t.boolean,
      isUnfinished: t.boolean,
      checkpoint: t.number,
      pendingPointer: t.union([t.string, t.null]),
    }),
    /** Microseconds since the epoch: the newest push that has ended well, and the newest look for what is not needed there. */
    pushed_at: t.union([t.number, t.null]),
    pruned_at: t.union([t.number, t.null]),
    /** Use of the day, by its date in UTC. */
    used: t.type({ day: t.string, requests: t.number, bytesSent: t.number, bytesReceived: t.number }),
  },
  'remote state',
);

/**
 * Knowledge that this place of the pond has of one remote. It is a shortcut and an account: lost, the next push looks for all of it
 * again, and the day's budget begins again.
 */
export interface RemoteState {
  readonly url: string;
  readonly known: KnownRemote;
  readonly pushed_at: number | null;
  readonly pruned_at: number | null;
  readonly used: Usage & { readonly day: string };
}

/** The name of what is kept of a remote: another endpoint is another remote. */
export const stateName = ({ url, endpoint }: StorePlace): string =>
  sha256(`${url}\n${endpoint ?? ''}`).slice(0, 16);

const statePath = (directory: string, place: StorePlace): string =>
  `${layout(directory).remotes}/${stateName(place)}.json`;

export const NEVER_PUSHED = (url: string): RemoteState => ({
  url,
  known: UNKNOWN_REMOTE,
  pushed_at: null,
  pruned_at: null,
  used: { day: '', requests: 0, bytesSent: 0, bytesReceived: 0 },
});

export const readRemoteState = (
  ports: Pick<StewardPorts, 'files'>,
  directory: string,
  place: StorePlace,
): IOEither<TLogError, RemoteState | null> => readControlFile(ports, statePath(directory, place), StateCodec);

export const writeRemoteState = (
  ports: Pick<StewardPorts, 'files' | 'ids'>,
  directory: string,
  place: StorePlace,
  state: RemoteState,
): IOEither<TLogError, void> => writeControlFile(ports, statePath(directory, place), state);
