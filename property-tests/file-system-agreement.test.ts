import * as fc from 'fast-check';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import {
  createMemoryFileSystem,
  type MemoryFileSystem,
} from '../src/adapters/memory/file-system/memory-file-system.js';
import type { EntryStat, FileSystemError, HostFileSystem } from '../src/ports/file-system.js';
import { anyCall, make, type PortCall } from '../test/adapters/file-system/calls.js';
import { nodeTrial, type User } from '../test/adapters/file-system/file-systems.js';
import { done } from '../test/adapters/file-system/outcomes.js';
import { treeOf } from '../test/adapters/file-system/tree.js';
import { testLaw } from '../test/planner/law.js';

const MOST_CALLS = 16;
/** Each symlink climbs one directory at most, so that no sequence of calls gets out of so many. */
const NEST = '/n'.repeat(MOST_CALLS + 2);
/** Times that are set are older, those of a clock are newer. Microseconds. */
const LONG_AGO = 1_600_000_000_000_000;

/** A memory filesystem as it is, or with a fault. */
type Version = (memory: MemoryFileSystem) => HostFileSystem;

/** Every result, errno by errno, and in the end every path. */
const agreesAs = (user: User) => (version: Version) =>
  fc.asyncProperty(fc.array(anyCall, { maxLength: MOST_CALLS, size: 'max' }), async (calls) => {
    const real = nodeTrial(user);
    try {
      const memory = createMemoryFileSystem({ user, umask: process.umask(), now: ticking() });
      done(memory.onlooker.makeDirectories(real.root));
      done(memory.onlooker.chmod(real.root, 0o755));
      const root = `${real.root}${NEST}`;
      for (const files of [real.files, memory.files]) done(files.makeDirectories(root));
      const files = version(memory);
      for (const call of calls.filter(({ call }) => call !== 'access' || real.accessAsksForUser)) {
        const expected = comparable(call, await make(real.files, root, call));
        expect(comparable(call, await make(files, root, call)), JSON.stringify(call)).toEqual(expected);
      }
      expect(picture(memory.onlooker, real.root)).toEqual(picture(real.onlooker, real.root));
    } finally {
      real.dispose();
    }
  });

const ticking = () => {
  let time = LONG_AGO;
  return () => {
    time += 1;
    return time;
  };
};

/** A result without what may differ: the order of names, the clock's times, numbers that identify, sizes of directories. */
const comparable = (
  { call }: PortCall,
  outcome: Either<FileSystemError, unknown>,
): Either<FileSystemError, unknown> => {
  if (outcome._tag === 'Left') return left(outcome.left);
  const value = outcome.right;
  if (value instanceof Uint8Array) return right(Buffer.from(value).toString());
  if (Array.isArray(value)) return right([...value].sort());
  if (call === 'stat' || call === 'lstat') return right(comparableStat(value as EntryStat));
  return right(value ?? null);
};

const comparableStat = ({ kind, size, mode, modifiedAt, links }: EntryStat) => ({
  kind,
  mode,
  ...(kind === 'directory' ? {} : { size, links, modifiedAt: comparableTime(modifiedAt) }),
});

const comparableTime = (modifiedAt: number | null) =>
  modifiedAt !== null && modifiedAt >= LONG_AGO ? 'the clock’s' : modifiedAt;

/** The tree, and which paths are one file. */
const picture = (files: HostFileSystem, root: string) => {
  const firstNames = new Map<bigint, string>();
  return treeOf(files, root).map(({ modifiedAt, ...entry }) => {
    const { inode, links, kind } = done(files.lstat(`${root}${entry.path}`));
    const sameAs = firstNames.get(inode) ?? entry.path;
    firstNames.set(inode, sameAs);
    const identity = kind === 'directory' ? {} : { links, sameAs };
    return { ...entry, ...identity, modifiedAt: comparableTime(modifiedAt) };
  });
};

const sound: Version = ({ files }) => files;

testLaw('for root the memory filesystem answers and ends as the host’s does', agreesAs('root'), sound, {
  'a rename onto a taken path that fails': ({ files }) => ({
    ...files,
    rename: (from, to) => () => {
      const taken = files.lstat(to)();
      const code = 'EEXIST';
      if (taken._tag === 'Left') return files.rename(from, to)();
      return left({ _tag: 'FileSystemError', call: 'rename', path: from, code });
    },
  }),
  'a hard link that is a copy': ({ files }) => ({
    ...files,
    link: (from, to) => () => {
      const content = files.readFile(from)();
      return content._tag === 'Left' ? content : files.writeNewFile(to, content.right)();
    },
  }),
  'a mode that follows symlinks': ({ files }) => ({
    ...files,
    chmod: (path, mode) => () => {
      const place = files.realPath(path)();
      return place._tag === 'Left' ? place : files.chmod(place.right, mode)();
    },
  }),
  'a removal that is not heard of': ({ files }) => ({ ...files, removeFile: () => () => right(undefined) }),
});

testLaw(
  'for someone who is not root the memory filesystem answers and ends as the host’s does',
  agreesAs('owner'),
  sound,
  { 'an owner who is held to no bits': ({ onlooker }) => onlooker },
);
