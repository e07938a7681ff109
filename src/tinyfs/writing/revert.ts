import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { childOf, isWithin, namesOf, type PondPath, parentOf, ROOT } from '../../domain/paths/pond-path.js';
import { type Difference, pathsOfDifference } from '../../domain/tree/difference.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { type Steps, steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import { differencesOver } from '../tree/differences.js';
import type { Tree } from '../tree/tree.js';
import type { WritableTree } from '../tree/writable-tree.js';
import { type AppendedSince, appendedSince, takeOut } from './appended-since.js';
import { makeDirectories } from './make-directory.js';
import { removeRows, rowsBelow } from './remove.js';
import { rename } from './rename.js';
import { entryAt, replace, treeAt } from './restore-entry.js';
import { type EntryIn, isSameEntry } from './same-entry.js';
import { storedEntry } from './stored-entry.js';

/** Part of a transaction that is to be undone. */
export interface Reversion {
  readonly txnSeq: number;
  /** Only what lies at or below one of these; empty: all of it. */
  readonly paths: readonly PondPath[];
  /** Also what later transactions changed. */
  readonly force: boolean;
}

/**
 * Undoes what one transaction changed, entry by entry, and returns what that was. What is as it was before is undone already, whoever did
 * that, and is left out. What is not as the transaction left it either is refused, all of it together, before anything is done; but of a
 * series to which later ones have only come, what came goes alone. A directory that the transaction made stays where something has been
 * put into it since.
 */
export const revert = (
  tree: WritableTree,
  { txnSeq, paths, force }: Reversion,
): TaskEither<TinyFsError, readonly Difference[]> =>
  steps(async (s) => {
    const all = await s.run(differencesOver(tree.view, { since: txnSeq - 1, upTo: txnSeq }));
    const wanted = all.filter(
      (difference) =>
        paths.length === 0 ||
        paths.some((path) => pathsOfDifference(difference).some((touched) => isWithin(path, touched))),
    );
    const past = treeAt(tree, txnSeq - 1);
    const surroundings = { tree, past, removed: removedSince(s, tree, txnSeq) };
    const series: AppendedSince[] = [];
    const others: Difference[] = [];
    const undone: Difference[] = [];
    for (const difference of await notUndone(s, surroundings, txnSeq, wanted)) {
      const appended = force ? null : await appendedSince(s, tree, difference);
      if (appended?.versions.length === 0) continue;
      if (appended === null) others.push(difference);
      else series.push(appended);
      undone.push(difference);
    }
    if (!force) {
      const changed = await changedSince(s, tree, txnSeq, others);
      if (changed.length > 0) return s.fail({ _tag: 'ChangedSince', txnSeq, paths: changed });
    }
    await moveBack(s, tree, txnSeq, others);
    // What goes, goes from the inside out; what comes back, comes from the outside in.
    const touched = [...new Set(others.flatMap(pathsOfDifference))].sort(byDepth);
    const was = new Map<PondPath, NodeRow | null>();
    for (const path of touched) was.set(path, await entryAt(s, past, path));
    for (const path of touched.toReversed()) if (was.get(path) === null) await remove(s, tree, path);
    for (const path of touched) {
      const row = was.get(path) ?? null;
      if (row !== null) await bringBack(s, tree, past, path, row);
    }
    for (const one of series) takeOut(tree, one);
    return undone;
  });

const byDepth = (a: PondPath, b: PondPath): number => namesOf(a).length - namesOf(b).length;

/** The tree as it is and as it was before the transaction, and nodes that are gone since. */
interface Surroundings {
  readonly tree: Tree;
  readonly past: Tree;
  readonly removed: () => Promise<ReadonlySet<string>>;
}

/**
 * Differences that are not undone already. One whose path looks the same before the transaction and after it, a directory in the place of
 * another, is undone where all others are.
 */
const notUndone = async (
  s: Steps<TinyFsError>,
  surroundings: Surroundings,
  txnSeq: number,
  differences: readonly Difference[],
): Promise<readonly Difference[]> => {
  const { tree } = surroundings;
  const left = treeAt(tree, txnSeq);
  const open: Difference[] = [];
  let isAny = false;
  for (const difference of differences) {
    const isBack = await isUndone(s, surroundings, difference);
    if (!isBack) isAny = true;
    const is = { tree, row: await entryAt(s, tree, difference.path) };
    if (!isBack || (await isAsLeft(s, is, left, difference))) open.push(difference);
  }
  return isAny ? open : [];
};

/** Tells whether every path that a difference is about is as it was before, and what the transaction left there has not gone elsewhere. */
const isUndone = async (
  s: Steps<TinyFsError>,
  { tree, past, removed }: Surroundings,
  difference: Difference,
): Promise<boolean> => {
  const found: (string | null)[] = [];
  for (const path of pathsOfDifference(difference)) {
    const [row, was] = [await entryAt(s, tree, path), await entryAt(s, past, path)];
    if (!(await isSameEntry(s, { tree, row }, { tree: past, row: was }))) return false;
    found.push(row?.nodeId ?? null);
  }
  const { after } = difference;
  return after === null || found.includes(after.nodeId) || (await removed()).has(after.nodeId);
};

/** Nodes that later transactions have removed; they are looked for once, when they are first asked for. */
const removedSince = (s: Steps<TinyFsError>, tree: Tree, txnSeq: number) => {
  let found: ReadonlySet<string> | null = null;
  return async (): Promise<ReadonlySet<string>> => {
    if (found !== null) return found;
    const newest = new Map<string, NodeRow>();
    for (const row of await s.run(tree.view.rowsAfter(txnSeq)))
      if ((newest.get(row.nodeId)?.version ?? 0) < row.version) newest.set(row.nodeId, row);
    found = new Set([...newest.values()].filter(({ deleted }) => deleted).map(({ nodeId }) => nodeId));
    return found;
  };
};

type Changed = Extract<TinyFsError, { _tag: 'ChangedSince' }>['paths'];

/** Paths that are no longer as the transaction left them. */
const changedSince = async (
  s: Steps<TinyFsError>,
  tree: Tree,
  txnSeq: number,
  differences: readonly Difference[],
): Promise<Changed> => {
  const changed: { path: string; by: number | null }[] = [];
  const left = treeAt(tree, txnSeq);
  const taken = new Set(differences.flatMap(({ path, after }) => (after === null ? [] : [path])));
  for (const difference of differences) {
    const { kind, path, after } = difference;
    // What only moved along with its directory is the directory's concern.
    if (kind === 'renamed' && after.txnSeq < txnSeq) continue;
    // What took the place of something removed speaks for the path.
    if (kind === 'removed' && taken.has(path)) continue;
    const is = await entryAt(s, tree, path);
    if (!(await isAsLeft(s, { tree, row: is }, left, difference)))
      changed.push({ path, by: is === null ? null : is.txnSeq });
    const comesBack = kind === 'removed' ? path : kind === 'renamed' ? difference.from : null;
    const inTheWay = comesBack === null ? null : await takenAbove(s, tree, comesBack);
    if (inTheWay !== null && !taken.has(inTheWay.path) && !changed.some((one) => one.path === inTheWay.path))
      changed.push(inTheWay);
  }
  return changed;
};

/** Tells whether an entry is what a transaction has left there, be it that node or one that is like it. */
const isAsLeft = async (
  s: Steps<TinyFsError>,
  is: EntryIn,
  left: Tree,
  { kind, path, after }: Difference,
): Promise<boolean> => {
  if (after === null || is.row === null) return after === null && is.row === null;
  // What has moved along with a directory has been looked at only if it still is that directory.
  if (kind === 'renamed' && after.entryType === 'directory') return is.row.nodeId === after.nodeId;
  if (is.row.nodeId === after.nodeId && is.row.version === after.version)
    return is.row.fileType === after.entryType;
  return isSameEntry(s, is, { tree: left, row: await entryAt(s, left, path) });
};

/** The nearest entry above a path, where that is a file or a link, so that nothing can come back below it; null: it is a directory. */
const takenAbove = async (
  s: Steps<TinyFsError>,
  tree: Tree,
  path: PondPath,
): Promise<{ readonly path: PondPath; readonly by: number } | null> => {
  for (let above = parentOf(path); above !== ROOT; above = parentOf(above)) {
    const row = await entryAt(s, tree, above);
    if (row !== null) return row.fileType === 'directory' ? null : { path: above, by: row.txnSeq };
  }
  return null;
};

/** A node that was taken out of its place, and has not been put into the other one yet. */
interface Detached {
  readonly aside: PondPath;
  readonly path: PondPath;
  readonly from: PondPath;
}

/**
 * Moves nodes back under their old paths, where these are free: so they stay the same nodes. All are taken out of their
 * places before the first is put back, from the inside out, together with what the transaction made: nothing that is
 * to be found by its path has then moved along with a directory.
 */
const moveBack = async (
  s: Steps<TinyFsError>,
  tree: WritableTree,
  txnSeq: number,
  differences: readonly Difference[],
): Promise<void> => {
  const detached: Detached[] = [];
  for (const difference of differences.toSorted((a, b) => byDepth(b.path, a.path))) {
    const { kind, path, after } = difference;
    // Whichever node it is by now: what is left where it is would move along with its directory.
    if (kind === 'added') await remove(s, tree, path);
    if (kind !== 'renamed' || after.txnSeq < txnSeq) continue;
    if ((await entryAt(s, tree, path))?.nodeId !== after.nodeId) continue;
    const aside = await freeName(s, tree);
    await s.run(rename(tree, path, aside));
    detached.push({ aside, path, from: difference.from });
  }
  for (const { aside, path, from } of detached.toSorted((a, b) => byDepth(a.from, b.from))) {
    const to = await firstFree(s, tree, [from, path]);
    const row = await entryAt(s, tree, aside);
    if (to === null) {
      // Later transactions have taken both places; its content comes back as that of a node of its own, or not at all.
      if (row !== null) removeRows(tree, await s.run(rowsBelow(tree, row)));
      continue;
    }
    await s.run(makeDirectories(tree, parentOf(to)));
    await s.run(rename(tree, aside, to));
  }
};

const firstFree = async (
  s: Steps<TinyFsError>,
  tree: Tree,
  paths: readonly PondPath[],
): Promise<PondPath | null> => {
  for (const path of paths) if ((await entryAt(s, tree, path)) === null) return path;
  return null;
};

/** A path in the root at which nothing is. */
const freeName = async (s: Steps<TinyFsError>, tree: Tree): Promise<PondPath> => {
  for (let number = 1; ; number += 1) {
    const path = childOf(ROOT, `.reverting-${number}`);
    if ((await entryAt(s, tree, path)) === null) return path;
  }
};

/** A directory that has something in it stays. */
const remove = async (s: Steps<TinyFsError>, tree: WritableTree, path: PondPath): Promise<void> => {
  const row = await entryAt(s, tree, path);
  if (row === null) return;
  const rows = await s.run(rowsBelow(tree, row));
  if (rows.length === 1) removeRows(tree, rows);
};

const bringBack = async (
  s: Steps<TinyFsError>,
  tree: WritableTree,
  past: Tree,
  path: PondPath,
  was: NodeRow,
): Promise<void> => {
  const is = await entryAt(s, tree, path);
  if (was.fileType !== 'directory') {
    await replace(s, tree, path, await s.run(storedEntry(past, was, path)), is);
    return;
  }
  if (is?.fileType === 'directory') return;
  if (is !== null) removeRows(tree, [is]);
  await s.run(makeDirectories(tree, path));
};
