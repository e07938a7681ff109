import { isLeft, left } from 'fp-ts/lib/Either.js';
import { readStoreAddress } from '../../domain/store-address.js';
import { isInPondDirectory } from '../../host-plans/operations/inside-pond.js';
import type { InvalidPlace, ObjectStores, StorePlace } from '../../ports/object-store.js';
import type { StewardPorts } from '../steward-ports.js';

/** Facts of the machine about the places that are compared. */
interface Looking {
  readonly hostFiles: Pick<StewardPorts['hostFiles'], 'realPath'>;
  readonly host: Pick<StewardPorts['host'], 'variables'>;
}

/** Place that a pond lies in: its directory, or a store, and then only copies of it are in the directory. */
export interface OwnPlace {
  readonly directory: string;
  readonly shared: { readonly place: StorePlace } | null;
}

/**
 * Refuses a store in the directory of the pond that is sent there, or at its address or below that: beside the pond's own files it is
 * damage, and in a directory every other file has to be approved before tasks run again. Null: it is elsewhere.
 */
export const refuseInside = (
  machine: Looking,
  { directory, shared }: OwnPlace,
  place: StorePlace,
): InvalidPlace | null => {
  if (isInDirectory(machine, directory, place))
    return {
      _tag: 'InvalidPlace',
      url: place.url,
      problem: "it is in the pond's own directory; name another one",
    };
  return shared !== null && isBelow(machine, shared.place, place)
    ? {
        _tag: 'InvalidPlace',
        url: place.url,
        problem: `the pond itself lies at ${shared.place.url}; name a place that is not there nor below`,
      }
    : null;
};

const isInDirectory = (machine: Looking, directory: string, place: StorePlace): boolean => {
  const named = readStoreAddress(place);
  return (
    !isLeft(named) &&
    named.right._tag === 'Directory' &&
    isInPondDirectory(machine.hostFiles, directory, named.right.directory)
  );
};

/** Tells whether a place is that of a pond in a store, or below it. Servers whose names differ are different ones, and one without a name is Amazon's. */
const isBelow = (machine: Looking, own: StorePlace, place: StorePlace): boolean => {
  const pond = readStoreAddress(own);
  const other = readStoreAddress(place);
  if (isLeft(pond) || isLeft(other)) return false;
  if (pond.right._tag === 'Directory') return isInDirectory(machine, pond.right.directory, place);
  return (
    other.right._tag === 'Bucket' &&
    other.right.bucket === pond.right.bucket &&
    serverOf(machine, own) === serverOf(machine, place) &&
    asFolder(other.right.path).startsWith(asFolder(pond.right.path))
  );
};

/** Name of a place's server, without what addresses of the same one may differ by: case, a default port, a slash at the end. */
const serverOf = ({ host: { variables } }: Looking, { endpoint }: StorePlace): string => {
  const address = endpoint || variables.AWS_ENDPOINT_URL_S3 || variables.AWS_ENDPOINT_URL || '';
  return URL.canParse(address) ? new URL(address).origin : address;
};

/** The beginning of all keys below a path. */
const asFolder = (path: string): string => {
  const bare = path.replace(/\/+$/, '');
  return bare === '' ? '' : `${bare}/`;
};

/** Stores that are opened only outside of where a pond lies. */
export const storesOutside = (stores: ObjectStores, machine: Looking, pond: OwnPlace): ObjectStores => ({
  open: (place) => async () => {
    const refusal = refuseInside(machine, pond, place);
    return refusal === null ? stores.open(place)() : left(refusal);
  },
});
