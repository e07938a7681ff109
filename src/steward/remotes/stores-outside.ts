import { isLeft, left } from 'fp-ts/lib/Either.js';
import { readStoreAddress } from '../../domain/store-address.js';
import { isInPondDirectory } from '../../host-plans/operations/inside-pond.js';
import type { FileSystem } from '../../ports/file-system.js';
import type { InvalidPlace, ObjectStores, StorePlace } from '../../ports/object-store.js';

type Looking = Pick<FileSystem, 'realPath'>;

/**
 * Refuses a store in the directory of the pond that is sent there: beside the pond's own files it is damage, and every other file there has
 * to be approved before tasks run again. Null: it is elsewhere.
 */
export const refuseInside = (files: Looking, pond: string, place: StorePlace): InvalidPlace | null => {
  const named = readStoreAddress(place);
  return !isLeft(named) &&
    named.right._tag === 'Directory' &&
    isInPondDirectory(files, pond, named.right.directory)
    ? { _tag: 'InvalidPlace', url: place.url, problem: "it is in the pond's own directory; name another one" }
    : null;
};

/** Stores that are opened only outside of a pond's directory. */
export const storesOutside = (stores: ObjectStores, files: Looking, pond: string): ObjectStores => ({
  open: (place) => async () => {
    const refusal = refuseInside(files, pond, place);
    return refusal === null ? stores.open(place)() : left(refusal);
  },
});
