import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { at, claims } from '../operations/host-claims.js';
import { modeBits } from '../operations/host-operation.js';
import { type HostKind, noContent, noTrees } from './host-kind.js';

const DEFAULT_MODE = '0755';

/** A directory that is there already is left as it is, by undoing, too. */
export const dirCreate: HostKind<'DirCreate'> = {
  describe: ({ path }) => `DirCreate ${path}`,
  claims: ({ path }) => claims({ creates: at('path', path) }),
  trees: noTrees,
  content: noContent,
  check: (view, { path }) => {
    const entry = view.entry(path);
    if (isLeft(entry)) return entry;
    if (entry.right?.kind === 'directory') return right(undefined);
    if (entry.right !== null) return left({ _tag: 'TargetOccupied', path, found: entry.right.kind });
    const allowed = view.mayChange(path);
    if (!isLeft(allowed)) view.put(path, 'directory');
    return allowed;
  },
  steps: (scene, { path, mode = DEFAULT_MODE }) => {
    const entry = scene.entry(path);
    if (isLeft(entry)) return entry;
    if (entry.right === null) return right([{ step: 'MakeDirectory', path, mode: modeBits(mode) }]);
    return entry.right.kind === 'directory'
      ? right([])
      : left({ _tag: 'TargetOccupied', path, found: entry.right.kind });
  },
};
