import { relative } from 'node:path/posix';
import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { at, claims } from '../operations/host-claims.js';
import type { HostOperationOf } from '../operations/host-operation.js';
import { parentOf } from '../operations/host-path.js';
import { type HostKind, noContent, noTrees, overWhatIsThere } from './host-kind.js';
import { checkPlace, placeSteps } from './placing.js';

export const linkCreate: HostKind<'LinkCreate'> = {
  describe: ({ source, target, replace }) => `LinkCreate ${target} -> ${source}${overWhatIsThere(replace)}`,
  claims: ({ source, target, replace }) =>
    claims({ creates: at('target', target), replaces: replace === true, leadsTo: at('source', source) }),
  trees: noTrees,
  content: noContent,
  check: (view, { source, target, replace = false }) => {
    if (!view.leadsSomewhere(source)) return left({ _tag: 'SourceNotFound', path: source });
    const place = checkPlace(view, { path: target, replace });
    if (isLeft(place)) return place;
    view.put(target, 'symlink');
    return right(undefined);
  },
  steps: (scene, operation) => {
    const { target, replace = false } = operation;
    const text = linkText(operation);
    // Making a link fails where something is: whether something is needs asking only where it may be replaced.
    const free = replace ? scene.isFree(target) : scene.way(target);
    if (isLeft(free)) return free;
    return free.right !== false
      ? right([{ step: 'MakeLink', path: target, text }])
      : placeSteps(scene, { path: target, replace }, ({ staged }) => [{ step: 'StageLink', staged, text }]);
  },
};

/** Absolute unless the operation says otherwise. */
const linkText = ({ source, target, mode }: HostOperationOf<'LinkCreate'>): string =>
  mode === 'relative' ? relative(parentOf(target), source) || '.' : source;
