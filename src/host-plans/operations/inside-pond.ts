import { isRight } from 'fp-ts/lib/Either.js';
import { isStoreAddress } from '../../domain/pond-address.js';
import { readStoreAddress } from '../../domain/store-address.js';
import type { FileSystem } from '../../ports/file-system.js';
import { isWithin, parentOf } from './host-path.js';

/** Names that a pond keeps in its directory, for itself. */
const OWN = ['data', 'control'];

/** The pond's own directory, `pond` being its directory or its address in a store, that a place of the host's lies in, links on the way resolved; null: in neither of them. */
export const insidePond = (
  files: Pick<FileSystem, 'realPath'>,
  pond: string,
  place: string,
): string | null => {
  const real = realPlace(files, place);
  return ownDirectories(pond).find((own) => isWithin(real, realPlace(files, own))) ?? null;
};

/** The directories that a pond keeps for itself; of one in a store all of that, where it is a directory. */
export const ownDirectories = (pond: string): readonly string[] =>
  isStoreAddress(pond) ? storeDirectories(pond) : OWN.map((name) => `${pond}/${name}`);

const storeDirectories = (url: string): readonly string[] => {
  const store = readStoreAddress({ url });
  return isRight(store) && store.right._tag === 'Directory' ? [store.right.directory] : [];
};

/** Tells whether a place of the host's lies anywhere in the pond's directory, or is it, links on the way resolved. `pond`: no address. */
export const isInPondDirectory = (
  files: Pick<FileSystem, 'realPath'>,
  pond: string,
  place: string,
): boolean => isWithin(realPlace(files, place), realPlace(files, pond));

/** The same place without links, as far as it is there. */
const realPlace = (files: Pick<FileSystem, 'realPath'>, place: string): string => {
  const found = files.realPath(place)();
  if (isRight(found)) return found.right;
  const parent = parentOf(place);
  if (parent === place) return place;
  const above = realPlace(files, parent);
  return `${above === '/' ? '' : above}${place.slice(parent === '/' ? 0 : parent.length)}`;
};
