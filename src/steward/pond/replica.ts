import { isLeft } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import * as t from 'io-ts';
import { canonicalJson } from '../../domain/documents/canonical-json.js';
import { sha256 } from '../../domain/documents/sha256.js';
import type { StorePlace } from '../../ports/object-store.js';
import type { PondError } from '../errors.js';
import type { StewardPorts } from '../steward-ports.js';
import { readControlFile } from './place/control-file.js';
import { layout } from './pond.js';

export const ReplicaCodec = t.intersection(
  [
    t.type({
      url: t.string,
      /** `replica`: complete, and stays one. The others are made of it when they are: a replica, or a pond of its own. */
      state: t.keyof({ replica: null, replicating: null, restoring: null }),
    }),
    t.partial({
      endpoint: t.string,
      region: t.string,
      /** The transaction whose state is restored. */
      at: t.number,
      /** Microseconds since the epoch: the newest pull that has ended well. */
      pulled_at: t.number,
    }),
  ],
  'replica',
);

/** Facts that a replica knows about where it comes from. */
export type ReplicaMarker = t.TypeOf<typeof ReplicaCodec>;

export const readReplica = (
  ports: Pick<StewardPorts, 'files'>,
  directory: string,
): IOEither<PondError, ReplicaMarker | null> =>
  readControlFile(ports, layout(directory).replica, ReplicaCodec);

/** Place that a remote of the settings, or the marker of a replica, names. */
export const storePlaceOf = ({
  url,
  endpoint,
  region,
}: {
  readonly url: string;
  readonly endpoint?: string | undefined;
  readonly region?: string | undefined;
}): StorePlace => ({
  url,
  ...(endpoint === undefined ? {} : { endpoint }),
  ...(region === undefined ? {} : { region }),
});

/** Digest by which this user approves an address: equal ones have equal digests, whatever pond comes from there. */
export const originDigest = ({ url, endpoint, region }: StorePlace): string =>
  sha256(
    canonicalJson({
      digest_of: 'pond-steward remote, 1',
      url,
      endpoint: endpoint ?? null,
      region: region ?? null,
    }),
  );

/** Returns why a pond takes no writes; null: it does. What cannot be read or understood is a replica's all the same. */
export const refusalOfReplica = ({
  ports,
  directory,
}: {
  readonly ports: Pick<StewardPorts, 'files'>;
  readonly directory: string;
}): PondError | null => {
  const path = layout(directory).replica;
  const there = ports.files.stat(path)();
  if (isLeft(there) && there.left.code === 'ENOENT') return null;
  const marker = readReplica(ports, directory)();
  if (isLeft(marker)) return marker.left;
  return {
    _tag: 'IsReplica',
    path: directory,
    origin: marker.right?.url ?? 'an unknown place',
    isUnfinished: marker.right !== null && marker.right.state !== 'replica',
  };
};
