import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { EntryStat } from '../../ports/file-system.js';
import { at, claims } from '../operations/host-claims.js';
import { callFailed } from '../steps/host-error.js';
import type { HostStep } from '../steps/host-step.js';
import { type HostKind, noContent, noTrees, overWhatIsThere } from './host-kind.js';
import type { HostScene } from './host-scene.js';
import { checkPlace, placeSteps } from './placing.js';
import { checkRemoval, checkSource, movedFor, sourceNow } from './sources.js';

/**
 * The file gets its new name first and loses its old one then, so that it is always somewhere. To another device it
 * is copied, with its mode, its modification time, and, as far as this process may give it away, its owner and group.
 */
export const fileMove: HostKind<'FileMove'> = {
  describe: ({ from, to, replace }) => `FileMove ${from} to ${to}${overWhatIsThere(replace)}`,
  claims: ({ from, to, replace }) =>
    claims({ creates: at('to', to), replaces: replace === true, removes: at('from', from) }),
  trees: noTrees,
  content: noContent,
  check: (view, { from, to, replace = false }) => {
    const kind = checkSource(view, from, ['file', 'symlink']);
    if (isLeft(kind)) return kind;
    const removable = checkRemoval(view, from, kind.right);
    if (isLeft(removable)) return removable;
    const place = checkPlace(view, { path: to, replace });
    if (isLeft(place)) return place;
    view.put(from, null);
    view.put(to, kind.right);
    return right(undefined);
  },
  steps: (scene, { from, to, replace = false }) => {
    const found = sourceNow(scene, from, ['file', 'symlink']);
    if (isLeft(found)) return found;
    const target = scene.staging(to);
    if (isLeft(target)) return target;
    const stage = stageOf(scene, from, found.right, target.right.device);
    if (isLeft(stage)) return stage;
    const placed = placeSteps(scene, { path: to, replace }, ({ staged }) => [stage.right(staged)]);
    if (isLeft(placed)) return placed;
    const names = scene.staging(from);
    if (isLeft(names)) return names;
    return right([
      ...placed.right,
      { step: 'TakeAway', path: from, preserved: names.right.preserved, expected: 'file-or-symlink' },
    ]);
  },
};

const stageOf = (scene: HostScene, from: string, found: EntryStat, device: bigint) => {
  const { mode, modifiedAt } = found;
  const owner = movedFor(found);
  const file = (staged: string) => ({ step: 'StageFile', staged, source: from, mode, modifiedAt }) as const;
  if (found.device === device) {
    return right((staged: string): HostStep => ({ ...file(staged), by: 'second-name' }));
  }
  if (found.kind === 'file')
    return right((staged: string): HostStep => ({ ...file(staged), by: 'copy', owner }));
  const text = scene.files.readLink(from)();
  if (isLeft(text)) return left(callFailed(text.left));
  return right((staged: string): HostStep => ({ step: 'StageLink', staged, text: text.right, owner }));
};
