import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { EntryStat } from '../../ports/file-system.js';
import { at, claims } from '../operations/host-claims.js';
import { callFailed, type HostOperationError } from '../steps/host-error.js';
import type { HostStep } from '../steps/host-step.js';
import { type HostKind, noContent } from './host-kind.js';
import type { HostScene } from './host-scene.js';
import type { HostView } from './host-view.js';
import { checkPlace } from './placing.js';
import { checkSource, meantFor, sourceNow } from './sources.js';

/** Ports that its owner needs to put entries into a directory. */
const FILLABLE = 0o700;

/**
 * Modes, links and modification times of files are kept; of a symlink its text. All of it belongs to whoever executes the
 * plan; bits that set the user or the group stay where they are the same.
 */
export const dirCopy: HostKind<'DirCopy'> = {
  describe: ({ source, dest }) => `DirCopy ${source} to ${dest}`,
  claims: ({ source, dest }) =>
    claims({ creates: at('dest', dest), reads: { ...at('source', source), extent: 'tree' } }),
  trees: ({ source }) => [source],
  content: noContent,
  check: (view, { source, dest }) => {
    const directory = checkSource(view, source, ['directory']);
    if (isLeft(directory)) return directory;
    const place = checkPlace(view, { path: dest, replace: false });
    return isLeft(place) ? place : checkTree(view, source, dest);
  },
  steps: (scene, { source, dest }) => {
    const free = scene.isFree(dest);
    if (isLeft(free)) return free;
    if (!free.right) return left({ _tag: 'TargetOccupied', path: dest, found: 'directory' });
    return treeSteps(scene, source, dest, dest);
  },
};

const SET_IDS = 0o6000;

const isOwnDirectory = ({ user }: HostScene, { owner, group }: EntryStat): boolean =>
  user === null || (owner === user.id && group === user.group);

/** Every entry must be readable; the copy is put into the view as it is checked. */
const checkTree = (view: HostView, source: string, dest: string): Either<HostOperationError, void> => {
  const children = view.children(source);
  if (isLeft(children)) return children;
  view.put(dest, 'directory');
  for (const name of children.right) {
    const from = `${source}/${name}`;
    const kind = checkSource(view, from, ['file', 'symlink', 'directory']);
    if (isLeft(kind)) return kind;
    if (kind.right === 'directory') {
      const inner = checkTree(view, from, `${dest}/${name}`);
      if (isLeft(inner)) return inner;
    } else {
      view.put(`${dest}/${name}`, kind.right);
    }
  }
  return right(undefined);
};

/** `top` is the copy's root: what is staged lies beside it. */
const treeSteps = (
  scene: HostScene,
  source: string,
  dest: string,
  top: string,
): Either<HostOperationError, readonly HostStep[]> => {
  const found = sourceNow(scene, source, ['directory']);
  if (isLeft(found)) return found;
  const names = scene.files.readDirectory(source)();
  if (isLeft(names)) return left(callFailed(names.left));
  const mode = isOwnDirectory(scene, found.right) ? found.right.mode : found.right.mode & ~SET_IDS;
  const steps: HostStep[] = [{ step: 'MakeDirectory', path: dest, mode: mode | FILLABLE }];
  for (const name of names.right.toSorted()) {
    const inner = entrySteps(scene, `${source}/${name}`, `${dest}/${name}`, top);
    if (isLeft(inner)) return inner;
    for (const step of inner.right) steps.push(step);
  }
  if ((mode | FILLABLE) !== mode) {
    steps.push({ step: 'SetMode', path: dest, before: mode | FILLABLE, after: mode });
  }
  return right(steps);
};

const entrySteps = (
  scene: HostScene,
  source: string,
  dest: string,
  top: string,
): Either<HostOperationError, readonly HostStep[]> => {
  const found = sourceNow(scene, source, ['file', 'symlink', 'directory']);
  if (isLeft(found)) return found;
  const { kind, mode, modifiedAt } = found.right;
  if (kind === 'directory') return treeSteps(scene, source, dest, top);
  if (kind === 'symlink') {
    const text = scene.files.readLink(source)();
    if (isLeft(text)) return left(callFailed(text.left));
    return right([{ step: 'MakeLink', path: dest, text: text.right }]);
  }
  const names = scene.staging(top);
  if (isLeft(names)) return names;
  const { staged } = names.right;
  return right([
    { step: 'StageFile', staged, by: 'copy', source, mode, modifiedAt, owner: meantFor(found.right) },
    { step: 'Place', path: dest, staged },
  ]);
};
