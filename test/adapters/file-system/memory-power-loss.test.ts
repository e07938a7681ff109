import { expect, test } from 'vitest';
import { cutPowerAt } from '../../../src/adapters/memory/file-system/faults.js';
import {
  createMemoryFileSystem,
  type MemoryFileSystem,
} from '../../../src/adapters/memory/file-system/memory-file-system.js';
import {
  loseEverything,
  loseNothing,
  type PowerLoss,
  type Unsynced,
} from '../../../src/adapters/memory/file-system/power-loss.js';
import { bytes, done, refused, text } from './outcomes.js';
import { treeOf } from './tree.js';

const memoryWith = (prepare: (memory: MemoryFileSystem) => void): MemoryFileSystem => {
  const memory = createMemoryFileSystem({ now: () => 7 });
  prepare(memory);
  return memory.crash(loseNothing);
};

/** Two directories and a file, all durable. */
const furnished = () =>
  memoryWith(({ files }) => {
    done(files.makeDirectory('/a', 0o755));
    done(files.makeDirectory('/b', 0o755));
    done(files.writeNewFile('/a/file', bytes('old')));
  });

const pathsOf = ({ onlooker }: MemoryFileSystem) => treeOf(onlooker, '/').map(({ path }) => path);

/** Every tree that a power loss may leave, by trying both answers to every question. */
const outcomes = (memory: MemoryFileSystem): readonly string[] => {
  const found = new Set<string>();
  const explore = (answers: readonly boolean[]): void => {
    let asked = 0;
    const survives = () => {
      asked += 1;
      return answers[asked - 1] ?? false;
    };
    const crashed = memory.crash({ ...loseNothing, survives });
    found.add(pathsOf(crashed).slice(1).join(' '));
    if (asked > answers.length) {
      for (const answer of [false, true]) explore([...answers, answer]);
    }
  };
  explore([]);
  return [...found].sort();
};

test('an entry is lost until its directory is fsynced, the file’s own fsync notwithstanding', () => {
  const { files, crash } = furnished();
  done(files.writeNewFile('/a/new', bytes('x')));
  done(files.fsyncFile('/a/new'));
  refused(crash(loseEverything).files.lstat('/a/new'), 'ENOENT');
  done(files.fsyncDirectory('/a'));
  expect(text(done(crash(loseEverything).files.readFile('/a/new')))).toBe('x');
});

test('an entry in a new directory needs the directory’s own entry', () => {
  const { files, crash } = furnished();
  done(files.makeDirectories('/a/d/e'));
  done(files.fsyncDirectory('/a/d'));
  refused(crash(loseEverything).files.lstat('/a/d'), 'ENOENT');
  done(files.fsyncDirectory('/a'));
  done(crash(loseEverything).files.lstat('/a/d/e'));
});

test('a content that was not fsynced may be cut off anywhere after what was', () => {
  const { files, crash } = furnished();
  done(files.createFile('/a/new', bytes('content'), { mode: 0o600, fsync: false }));
  done(files.fsyncDirectory('/a'));
  const kept = (bytesKept: number) =>
    text(done(crash({ ...loseEverything, keptBytes: () => bytesKept }).files.readFile('/a/new')));
  expect([-1, 0, 3, 7, 99].map(kept)).toEqual(['', '', 'con', 'content', 'content']);
  done(files.fsyncFile('/a/new'));
  expect(kept(0)).toBe('content');
});

test('modes and times are lost until the entry is fsynced', () => {
  const { files, crash } = furnished();
  done(files.chmod('/a', 0o700));
  done(files.chmod('/a/file', 0o600));
  done(files.setModifiedAt('/a/file', 5));
  const survivor = crash(loseEverything).files;
  expect(done(survivor.lstat('/a')).mode).toBe(0o755);
  expect(done(survivor.lstat('/a/file'))).toMatchObject({ mode: 0o644, modifiedAt: 7 });
  done(files.fsyncDirectory('/a'));
  done(files.fsyncFile('/a/file'));
  expect(done(crash(loseEverything).files.lstat('/a')).mode).toBe(0o700);
  expect(done(crash(loseEverything).files.lstat('/a/file'))).toMatchObject({ mode: 0o600, modifiedAt: 5 });
});

test('a rename within a directory leaves the old name or the new one', () => {
  const memory = furnished();
  done(memory.files.rename('/a/file', '/a/renamed'));
  expect(outcomes(memory)).toEqual(['/a /a/file /b', '/a /a/renamed /b']);
  done(memory.files.fsyncDirectory('/a'));
  expect(outcomes(memory)).toEqual(['/a /a/renamed /b']);
});

test('a file moved to another directory may be in both, and is never in none', () => {
  const memory = furnished();
  done(memory.files.rename('/a/file', '/b/file'));
  expect(outcomes(memory)).toEqual(['/a /a/file /b', '/a /a/file /b /b/file', '/a /b /b/file']);
  done(memory.files.fsyncDirectory('/b'));
  expect(outcomes(memory)).toEqual(['/a /a/file /b /b/file', '/a /b /b/file']);
  done(memory.files.fsyncDirectory('/a'));
  expect(outcomes(memory)).toEqual(['/a /b /b/file']);
});

test('a directory that was moved is in one place', () => {
  const memory = furnished();
  done(memory.files.rename('/a', '/b/a'));
  expect(outcomes(memory)).toEqual(['/a /a/file /b', '/b /b/a /b/a/file']);
  done(memory.files.fsyncDirectory('/b'));
  expect(outcomes(memory)).toEqual(['/b /b/a /b/a/file']);
});

test('changes of different names may be lost in any combination, those of one name only from the end', () => {
  const memory = furnished();
  done(memory.files.symlink('x', '/b/one'));
  done(memory.files.symlink('x', '/b/two'));
  expect(outcomes(memory)).toHaveLength(4);
  done(memory.files.removeFile('/b/one'));
  done(memory.files.rename('/b/two', '/b/three'));
  const both = ['/a /a/file /b', '/a /a/file /b /b/one', '/a /a/file /b /b/one /b/three'];
  const rest = ['/a /a/file /b /b/one /b/two', '/a /a/file /b /b/three', '/a /a/file /b /b/two'];
  expect(outcomes(memory)).toEqual([...both, ...rest]);
});

test('what is chosen from is named in the order in which it was done', () => {
  const { files, crash } = furnished();
  done(files.symlink('x', '/a/link'));
  done(files.rename('/a/file', '/b/file'));
  const asked: Unsynced[] = [];
  const loss: PowerLoss = {
    ...loseNothing,
    survives: (what) => {
      asked.push(what);
      return true;
    },
  };
  crash(loss);
  expect(asked).toEqual([
    { _tag: 'Entries', call: 'symlink', path: '/a/link' },
    { _tag: 'Entries', call: 'rename', path: '/a/file' },
    { _tag: 'Entries', call: 'rename', path: '/a/file' },
  ]);
});

test('one moment can be lost in many ways, and goes on as if none of them had been', () => {
  const { files, onlooker, crash } = furnished();
  done(files.link('/a/file', '/b/second'));
  const before = treeOf(onlooker, '/');
  const [lost, kept] = [crash(loseEverything), crash(loseNothing)];
  done(kept.files.removeFile('/a/file'));
  expect(treeOf(onlooker, '/')).toEqual(before);
  expect(done(lost.files.lstat('/a/file')).links).toBe(1);
  expect(done(kept.files.lstat('/b/second'))).toMatchObject({
    links: 1,
    inode: done(files.lstat('/b/second')).inode,
  });
});

test('a process that is cut off in the middle of a file leaves as much of it as was written', () => {
  const first = furnished();
  const { files, crash } = first.crash(loseNothing, cutPowerAt(3));
  expect(() => files.writeNewFile('/a/new', bytes('content'))()).toThrow('fsync');
  expect(outcomes(first)).toEqual(['/a /a/file /b']);
  refused(crash(loseEverything).files.lstat('/a/new'), 'ENOENT');
  expect(text(done(crash(loseNothing).files.readFile('/a/new')))).toBe('content');
  expect(text(done(crash({ ...loseNothing, keptBytes: () => 2 }).files.readFile('/a/new')))).toBe('co');
});
