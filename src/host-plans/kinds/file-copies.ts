import { isLeft } from 'fp-ts/lib/Either.js';
import { at, claims } from '../operations/host-claims.js';
import { modeBits } from '../operations/host-operation.js';
import { type HostKind, noContent, noTrees, overWhatIsThere } from './host-kind.js';
import { checkPlace, placeSteps } from './placing.js';
import { checkSource, meantFor, sourceNow } from './sources.js';

/**
 * A new file with the content of another one, and its mode where none is given. It belongs to whoever executes the plan,
 * also where it replaces something; bits of its original that set the user or the group stay only where both are the same.
 */
export const fileCopy: HostKind<'FileCopy'> = {
  describe: ({ source, dest, replace }) => `FileCopy ${source} to ${dest}${overWhatIsThere(replace)}`,
  claims: ({ source, dest, replace }) =>
    claims({
      creates: at('dest', dest),
      replaces: replace === true,
      reads: { ...at('source', source), extent: 'entry' },
    }),
  trees: noTrees,
  content: noContent,
  check: (view, { source, dest, replace = false }) => {
    const readable = checkSource(view, source, ['file']);
    if (isLeft(readable)) return readable;
    const place = checkPlace(view, { path: dest, replace });
    if (!isLeft(place)) view.put(dest, 'file');
    return place;
  },
  steps: (scene, { source, dest, mode, replace = false }) => {
    const found = sourceNow(scene, source, ['file']);
    if (isLeft(found)) return found;
    const bits =
      mode === undefined
        ? { mode: found.right.mode, owner: meantFor(found.right) }
        : { mode: modeBits(mode) };
    return placeSteps(scene, { path: dest, replace }, ({ staged }) => [
      { step: 'StageFile', staged, by: 'copy', source, ...bits, modifiedAt: null },
    ]);
  },
};

/** A copy that is as old as its original; whose it is, and its bits, are as those of `FileCopy`. */
export const fileBackup: HostKind<'FileBackup'> = {
  describe: ({ source, backup }) => `FileBackup ${source} to ${backup}`,
  claims: ({ source, backup }) =>
    claims({ creates: at('backup', backup), reads: { ...at('source', source), extent: 'entry' } }),
  trees: noTrees,
  content: noContent,
  check: (view, { source, backup }) => {
    const readable = checkSource(view, source, ['file']);
    if (isLeft(readable)) return readable;
    const place = checkPlace(view, { path: backup, replace: false });
    if (!isLeft(place)) view.put(backup, 'file');
    return place;
  },
  steps: (scene, { source, backup }) => {
    const found = sourceNow(scene, source, ['file']);
    if (isLeft(found)) return found;
    const { mode, modifiedAt } = found.right;
    return placeSteps(scene, { path: backup, replace: false }, ({ staged }) => [
      { step: 'StageFile', staged, by: 'copy', source, mode, modifiedAt, owner: meantFor(found.right) },
    ]);
  },
};
