import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { at, claims } from '../operations/host-claims.js';
import type { HostStepOf } from '../steps/host-step.js';
import { type HostKind, noContent, noTrees } from './host-kind.js';
import type { HostScene } from './host-scene.js';
import { checkRemoval } from './sources.js';

type Expected = HostStepOf<'TakeAway'>['expected'];

/** Everything that is removed is renamed into the staging directory, and deleted when the plan has been executed. */
const takeAway = (scene: HostScene, path: string, expected: Expected) => {
  const entry = scene.entry(path);
  if (isLeft(entry)) return entry;
  if (entry.right === null) return left({ _tag: 'TargetNotFound', path } as const);
  const names = scene.staging(path);
  if (isLeft(names)) return names;
  return right([{ step: 'TakeAway', path, preserved: names.right.preserved, expected } as const]);
};

export const linkDelete: HostKind<'LinkDelete'> = {
  describe: ({ target }) => `LinkDelete ${target}`,
  claims: ({ target }) => claims({ removes: at('target', target) }),
  trees: noTrees,
  content: noContent,
  check: (view, { target }) => {
    const removable = checkRemoval(view, target, 'symlink');
    if (!isLeft(removable)) view.put(target, null);
    return removable;
  },
  steps: (scene, { target }) => takeAway(scene, target, 'symlink'),
};

export const fileDelete: HostKind<'FileDelete'> = {
  describe: ({ path }) => `FileDelete ${path}`,
  claims: ({ path }) => claims({ removes: at('path', path) }),
  trees: noTrees,
  content: noContent,
  check: (view, { path }) => {
    const removable = checkRemoval(view, path, 'file');
    if (!isLeft(removable)) view.put(path, null);
    return removable;
  },
  steps: (scene, { path }) => takeAway(scene, path, 'file'),
};

export const dirDelete: HostKind<'DirDelete'> = {
  describe: ({ path }) => `DirDelete ${path}`,
  claims: ({ path }) => claims({ removes: at('path', path) }),
  trees: ({ path }) => [path],
  content: noContent,
  check: (view, { path }) => {
    const removable = checkRemoval(view, path, 'directory');
    if (isLeft(removable)) return removable;
    const children = view.children(path);
    if (isLeft(children)) return children;
    if (children.right.length > 0) return left({ _tag: 'DirectoryNotEmpty', path });
    const removed = view.mayRemoveTree(path);
    if (!isLeft(removed)) view.put(path, null);
    return removed;
  },
  steps: (scene, { path }) => takeAway(scene, path, 'empty-directory'),
};

export const dirRemoveAll: HostKind<'DirRemoveAll'> = {
  describe: ({ path }) => `DirRemoveAll ${path}`,
  claims: ({ path }) => claims({ removes: at('path', path) }),
  trees: ({ path }) => [path],
  content: noContent,
  check: (view, { path }) => {
    const removable = checkRemoval(view, path, 'directory');
    if (isLeft(removable)) return removable;
    const removed = view.mayRemoveTree(path);
    if (!isLeft(removed)) view.put(path, null);
    return removed;
  },
  steps: (scene, { path }) => takeAway(scene, path, 'directory'),
};
