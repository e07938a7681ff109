import { isLeft } from 'fp-ts/lib/Either.js';
import { modeBits } from '../plan/host-operation.js';
import type { HostKind } from './host-kind.js';
import { checkPlace, placeSteps } from './placing.js';

const DEFAULT_MODE = '0644';

export const fileWrite: HostKind<'FileWrite'> = {
  check: (view, { path, replace = false }) => {
    const place = checkPlace(view, { path, replace });
    if (!isLeft(place)) view.put(path, 'file');
    return place;
  },
  steps: (scene, { path, replace = false, mode = DEFAULT_MODE }) =>
    placeSteps(scene, { path, replace }, ({ staged }) => [
      { step: 'StageFile', staged, by: 'content', source: null, mode: modeBits(mode), modifiedAt: null },
    ]),
};
