import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { EntryStat } from '../../ports/file-system.js';
import type { HostOperationError } from '../steps/host-error.js';
import type { HostStep } from '../steps/host-step.js';
import type { HostScene, StagingNames } from './host-scene.js';
import type { HostView } from './host-view.js';

/** A path at which something is made. */
export interface NewPlace {
  readonly path: string;
  readonly replace: boolean;
}

/** The path must be free, or hold a file or symlink that may be replaced; its directory must take new entries. */
export const checkPlace = (view: HostView, { path, replace }: NewPlace): Either<HostOperationError, void> => {
  const entry = view.entry(path);
  if (isLeft(entry)) return entry;
  const found = entry.right?.kind;
  if (found !== undefined && !(replace && isReplaceable(found))) {
    return left({ _tag: 'TargetOccupied', path, found });
  }
  return view.mayChange(path);
};

/** Steps that put a staged entry to a path, over what is there where that may be. */
export const placeSteps = (
  scene: HostScene,
  { path, replace }: NewPlace,
  stage: (names: StagingNames) => readonly HostStep[],
): Either<HostOperationError, readonly HostStep[]> => {
  const entry = scene.entry(path);
  if (isLeft(entry)) return entry;
  const names = scene.staging(path);
  if (isLeft(names)) return names;
  const { staged, preserved } = names.right;
  if (entry.right === null) return right([...stage(names.right), { step: 'Place', path, staged }]);
  return mayReplace(entry.right, replace)
    ? right([...stage(names.right), { step: 'Replace', path, staged, preserved }])
    : left({ _tag: 'TargetOccupied', path, found: entry.right.kind });
};

const mayReplace = ({ kind }: EntryStat, replace: boolean): boolean => replace && isReplaceable(kind);

/** Directories are removed explicitly or not at all. */
const isReplaceable = (kind: EntryStat['kind']): boolean => kind === 'file' || kind === 'symlink';
