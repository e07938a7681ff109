import { isLeft } from 'fp-ts/lib/Either.js';
import { at, claims } from '../operations/host-claims.js';
import { modeBits } from '../operations/host-operation.js';
import { type HostKind, noTrees, overWhatIsThere } from './host-kind.js';
import { checkPlace, placeSteps } from './placing.js';

const DEFAULT_MODE = '0644';

export const fileWrite: HostKind<'FileWrite'> = {
  describe: ({ path, replace }) => `FileWrite ${path}${overWhatIsThere(replace)}`,
  claims: ({ path, replace }) => claims({ creates: at('path', path), replaces: replace === true }),
  trees: noTrees,
  content: ({ content = '', content_base64 }) =>
    content_base64 === undefined ? Buffer.from(content) : Buffer.from(content_base64, 'base64'),
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
