import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRight } from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canHoldDirectories } from '../../src/adapters/node/files/held-directories.js';
import { holdNodeFiles } from '../../src/adapters/node/files/held-files.js';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import type { HostOperation } from '../../src/host-plans/operations/host-operation.js';
import type { HeldFiles, HostFileSystem } from '../../src/ports/file-system.js';
import { planOf } from './machinery/memory-world.js';
import { onHost } from './machinery/on-host.js';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'pond-steward-exchanged-')));
  for (const directory of ['d', 'victim']) {
    mkdirSync(join(folder, directory, 'tree'), { recursive: true });
    for (const name of ['old', 'tree/f']) writeFileSync(join(folder, directory, name), directory);
  }
  writeFileSync(join(folder, 'source'), 'new');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (path: string) => join(folder, path);

const OPERATIONS: Readonly<Record<string, () => HostOperation>> = {
  FileWrite: () => ({ id: 'a', kind: 'FileWrite', path: at('d/new'), content: 'new' }),
  'FileWrite over something': () => ({
    id: 'a',
    kind: 'FileWrite',
    path: at('d/old'),
    content: 'new',
    replace: true,
  }),
  FileCopy: () => ({ id: 'a', kind: 'FileCopy', source: at('source'), dest: at('d/new') }),
  FileMove: () => ({ id: 'a', kind: 'FileMove', from: at('source'), to: at('d/new') }),
  'FileMove away': () => ({ id: 'a', kind: 'FileMove', from: at('d/old'), to: at('moved') }),
  FileDelete: () => ({ id: 'a', kind: 'FileDelete', path: at('d/old') }),
  DirRemoveAll: () => ({ id: 'a', kind: 'DirRemoveAll', path: at('d/tree') }),
  DirCreate: () => ({ id: 'a', kind: 'DirCreate', path: at('d/new') }),
  DirCopy: () => ({ id: 'a', kind: 'DirCopy', source: at('victim/tree'), dest: at('d/new') }),
  LinkCreate: () => ({ id: 'a', kind: 'LinkCreate', source: at('source'), target: at('d/new') }),
};

/** Exchanges `d` for a symlink to `victim`, or for another directory, just before the first change in it. */
const meddling = (files: HostFileSystem, exchange: () => void): HostFileSystem => {
  let isDone = false;
  const before =
    <Args extends readonly unknown[], A>(call: (...args: Args) => () => A) =>
    (...args: Args) =>
    () => {
      if (!isDone && args.some((path) => typeof path === 'string' && path.startsWith(at('d/')))) {
        isDone = true;
        exchange();
      }
      return call(...args)();
    };
  return {
    ...files,
    makeDirectory: before(files.makeDirectory),
    createFile: before(files.createFile),
    copyFile: before(files.copyFile),
    symlink: before(files.symlink),
    link: before(files.link),
    rename: before(files.rename),
  };
};

const bySymlink = () => {
  renameSync(at('d'), at('was'));
  symlinkSync(at('victim'), at('d'));
};
const byAnother = () => {
  renameSync(at('d'), at('was'));
  renameSync(at('victim'), at('d'));
};
const contentOf = (path: string): readonly string[] =>
  readdirSync(path, { withFileTypes: true, recursive: true })
    .map((entry) => `${entry.parentPath.slice(path.length)}/${entry.name}`)
    .toSorted();

const execute = (operation: HostOperation, held: HeldFiles, exchange: () => void) =>
  onHost(nodeFileSystem, () => ({ ...held, files: meddling(held.files, exchange) })).run(
    planOf([operation]),
  )();

/** Null where it is closed again. */
const whereTo = (file: string): string | null => {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
};

const AS = { mode: 0o644, fsync: false };
const UNTOUCHED = ['/old', '/tree', '/tree/f'];

test.runIf(process.platform === 'linux')('directories are held where the system can', () => {
  expect(canHoldDirectories()).toBe(true);
});

describe.skipIf(!canHoldDirectories())('a directory that is exchanged while a plan works in it', () => {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    test(`leads ${name} nowhere else, be it for a symlink`, async () => {
      await execute(operation(), holdNodeFiles(), bySymlink);
      expect(contentOf(at('victim'))).toEqual(UNTOUCHED);
      expect(readFileSync(at('victim/old'), 'utf8')).toBe('victim');
    });

    test(`leads ${name} nowhere else, be it for another directory`, async () => {
      await execute(operation(), holdNodeFiles(), byAnother);
      expect(contentOf(at('d'))).toEqual(UNTOUCHED);
      expect(readFileSync(at('d/old'), 'utf8')).toBe('victim');
    });
  }

  test('is another one also when more directories than stay open were worked in meanwhile', () => {
    const held = holdNodeFiles();
    const write = (path: string) => held.files.createFile(at(path), Buffer.from('new'), AS)();
    expect(isRight(write('d/new'))).toBe(true);
    for (let other = 0; other < 300; other += 1) {
      mkdirSync(at(`other-${other}`));
      expect(isRight(write(`other-${other}/new`))).toBe(true);
    }
    byAnother();
    expect(write('d/newer')).toMatchObject({ left: { code: 'ESTALE' } });
    held.release();
    expect(contentOf(at('d'))).toEqual(UNTOUCHED);
  });

  test('is opened once, also where a plan works in two hundred by turns, and let go of at the end', () => {
    const openFiles = () => readdirSync('/proc/self/fd').length;
    const before = openFiles();
    const held = holdNodeFiles();
    for (let other = 0; other < 200; other += 1) {
      mkdirSync(at(`other-${other}`));
      held.files.createFile(at(`other-${other}/new`), Buffer.from('new'), AS)();
    }
    expect(openFiles() - before).toBeGreaterThanOrEqual(200);
    held.release();
    expect(openFiles()).toBe(before);
  });

  test('stays open longest where it was used last', () => {
    const isOpen = (directory: string) =>
      readdirSync('/proc/self/fd').some((file) => whereTo(`/proc/self/fd/${file}`) === at(directory));
    const held = holdNodeFiles();
    const use = (directory: string) => held.files.lstat(at(`${directory}/new`))();
    for (let other = 0; other < 400; other += 1) {
      mkdirSync(at(`other-${other}`));
      use(`other-${other}`);
      if (other === 200) use('other-0');
    }
    expect(['other-399', 'other-0', 'other-1'].map(isOpen)).toEqual([true, true, false]);
    held.release();
  });

  test('would lead elsewhere without being held', async () => {
    const plain = { files: nodeFileSystem, release: () => undefined };
    const done = await execute({ id: 'a', kind: 'DirCreate', path: at('d/new') }, plain, bySymlink);
    expect(isRight(done)).toBe(true);
    expect(contentOf(at('victim'))).toContain('/new');
  });
});

describe('a symlink on the way', () => {
  test('that was there before the plan is followed, once', async () => {
    symlinkSync(at('d'), at('link'));
    const done = await onHost().run(
      planOf([
        { id: 'write', kind: 'FileWrite', path: at('link/sub/f'), content: 'x' },
        // What comes before what follows from where the paths lead.
        { id: 'zzz', kind: 'DirCreate', path: at('d/sub') },
        { id: 'current', kind: 'LinkCreate', source: at('link/sub/f'), target: at('link/current') },
        {
          id: 'relative',
          kind: 'LinkCreate',
          source: at('link/sub'),
          target: at('link/r'),
          mode: 'relative',
        },
      ]),
    )();
    expect(done).toMatchObject({ right: { executed: ['zzz', 'write', 'current', 'relative'] } });
    expect(readFileSync(at('d/current'), 'utf8')).toBe('x');
    expect(realpathSync(at('d/r'))).toBe(at('d/sub'));
  });

  test('that the plan makes or replaces is not', async () => {
    symlinkSync(at('d'), at('link'));
    const done = await onHost().run(
      planOf([
        { id: 'flip', kind: 'LinkCreate', source: at('victim'), target: at('link'), replace: true },
        { id: 'write', kind: 'FileWrite', path: at('link/f'), content: 'x' },
      ]),
    )();
    expect(done).toMatchObject({
      left: { _tag: 'PrepareFailed', cause: { error: { _tag: 'SymlinkInPath' } } },
    });
    expect(contentOf(at('d'))).toEqual(UNTOUCHED);
  });

  test('does not hide that two operations make the same', async () => {
    symlinkSync(at('d'), at('link'));
    const done = await onHost().run(
      planOf([
        { id: 'a', kind: 'FileWrite', path: at('link/new'), content: 'x' },
        { id: 'b', kind: 'FileWrite', path: at('d/new'), content: 'y' },
      ]),
    )();
    expect(done).toMatchObject({
      left: { _tag: 'PrepareFailed', report: { failed: ['b'], errors: [{ error: { _tag: 'SamePlace' } }] } },
    });
    expect(contentOf(at('d'))).toEqual(UNTOUCHED);
  });
});
