import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { userOfProcess } from '../../src/adapters/node/node-host.js';
import { unremovableIn } from '../../src/host-plans/steps/removable-tree.js';
import { memoryWorld, NEVER, planOf, ROOT } from './machinery/memory-world.js';
import { executeOnHost, onHost } from './machinery/on-host.js';
import { buildTree } from './machinery/scenario.js';

const asRoot = userOfProcess()?.id === 0;
const STRANGER = 4242;

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pond-steward-removals-'));
  mkdirSync(join(folder, 'd/inner'), { recursive: true });
  writeFileSync(join(folder, 'd/inner/f'), 'x');
});
let unmount = (): unknown => undefined;
afterEach(() => {
  unmount();
  unmount = () => undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Tries to remove `d`, which must be refused, with nothing touched. */
const refused = async () => {
  const done = await onHost().run(planOf([{ id: 'a', kind: 'DirRemoveAll', path: join(folder, 'd') }]))();
  expect(readFileSync(join(folder, 'd/inner/f'), 'utf8')).toBe('x');
  expect(readdirSync(folder)).toEqual(['d']);
  return isLeft(done) && done.left._tag === 'PrepareFailed' ? done.left.cause.error : done;
};

/** Whether the machine lets root do that. */
const may = (command: string, ...args: readonly string[]): boolean =>
  asRoot && spawnSync(command, [...args]).status === 0;

describe('a tree is not begun to be removed', () => {
  test('while something in it is immutable', async (context) => {
    const file = join(folder, 'd/inner/f');
    context.skip(!may('chattr', '+i', file), 'only root may make files immutable, on some filesystems');
    try {
      expect(await refused()).toMatchObject({ _tag: 'NotRemovable', path: file });
    } finally {
      execFileSync('chattr', ['-i', file]);
    }
  });

  test('while something is mounted in it, be it from its own device', async (context) => {
    const [at, from] = [join(folder, 'd/inner/at'), mkdtempSync(join(tmpdir(), 'pond-steward-mounted-'))];
    mkdirSync(at);
    onTestFinished(() => rmSync(from, { recursive: true }));
    context.skip(!may('mount', '--bind', from, at), 'only root may mount');
    unmount = () => execFileSync('umount', [at]);
    writeFileSync(join(from, 'f'), 'of somebody else');
    expect(await refused()).toMatchObject({
      _tag: 'NotRemovable',
      path: at,
      why: 'something is mounted there',
    });
    expect(readFileSync(join(from, 'f'), 'utf8')).toBe('of somebody else');
  });

  test.runIf(asRoot)('while a directory in it is another user’s, who lets nobody change it', () => {
    chownSync(join(folder, 'd/inner'), STRANGER, STRANGER);
    const files = {
      ...nodeFileSystem,
      // As anyone but root would hear it.
      access: (path: string) => () =>
        path.endsWith('inner')
          ? ({
              _tag: 'Left',
              left: { _tag: 'FileSystemError', call: 'access', path, code: 'EACCES' },
            } as const)
          : nodeFileSystem.access(path, [])(),
    };
    expect(unremovableIn(files, { id: 1000, group: 1000 }, join(folder, 'd'))).toMatchObject({
      path: join(folder, 'd/inner'),
    });
    // One’s own may be closed: it is opened when it is removed.
    expect(unremovableIn(files, { id: STRANGER, group: STRANGER }, join(folder, 'd'))).toBeNull();
    chmodSync(join(folder, 'd/inner'), 0o1777);
    expect(unremovableIn(nodeFileSystem, { id: 1000, group: 1000 }, join(folder, 'd'))).toMatchObject({
      path: join(folder, 'd/inner/f'),
    });
  });
});

describe('what turns out not to be removable', () => {
  const stubborn = async () => {
    const world = memoryWorld(buildTree);
    const { files } = world.memory;
    const { removeDirectory } = files;
    let isStubborn = true;
    Object.assign(files, {
      removeDirectory: (path: string) => () =>
        isStubborn && path.endsWith('/deep')
          ? { _tag: 'Left', left: { _tag: 'FileSystemError', call: 'rmdir', path, code: 'EBUSY' } }
          : removeDirectory(path)(),
    });
    const done = await world.process().plans.execute(
      planOf([
        { id: 'a', kind: 'DirRemoveAll', path: `${ROOT}/old` },
        { id: 'b', kind: 'FileDelete', path: `${ROOT}/gone` },
      ]),
      { concurrency: 1, signal: NEVER },
    )();
    const yields = () => {
      isStubborn = false;
    };
    return { world, done, yields };
  };

  test('makes its operation fail, and what is left is named', async () => {
    const { done } = await stubborn();
    expect(done).toMatchObject({
      left: {
        _tag: 'ExecutionFailed',
        report: {
          executed: ['b'],
          failed: ['a'],
          rolledBack: [],
          errors: [{ operation: 'a', error: { _tag: 'NotRemoved', path: `${ROOT}/old`, code: 'EBUSY' } }],
        },
      },
    });
  });

  test('is tried again by recovery that is asked to, which says what is true and comes to an end', async () => {
    const { world, yields } = await stubborn();
    const { plans } = world.process();
    // Not by every command that recovers what a crash left.
    expect(await plans.recover({ again: false })()).toMatchObject({ right: [] });
    expect(plans.list()).toMatchObject({ right: [{ state: 'incomplete', failures: [{ operation: 'a' }] }] });
    expect(await plans.recover({ again: true })()).toMatchObject({
      right: [{ outcome: 'incomplete', failures: [{ operation: 'a', error: { _tag: 'NotRemoved' } }] }],
    });
    // Never put back: half of it is gone.
    expect(world.tree().filter((line) => line.startsWith(`${ROOT}/old`))).toEqual([]);
    yields();
    expect(await plans.recover({ again: true })()).toMatchObject({ right: [{ outcome: 'completed' }] });
    expect(await plans.recover({ again: true })()).toMatchObject({ right: [] });
    expect(world.tree().filter((line) => line.includes('.pond-host-plan'))).toEqual([]);
  });
});

describe('names that are not UTF-8', () => {
  const stray = (...bytes: readonly number[]) =>
    Buffer.concat([Buffer.from(`${folder}/d/caf`), Buffer.from(bytes)]);

  test('are copied as they are', async () => {
    mkdirSync(stray(0xe9));
    writeFileSync(Buffer.concat([stray(0xe9), Buffer.from([0x2f, 0xff])]), 'x');
    symlinkSync(Buffer.from([0xfe]), stray(0x80));
    await executeOnHost([
      { id: 'a', kind: 'DirCopy', source: join(folder, 'd'), dest: join(folder, 'copy') },
    ]);
    const names = (path: string) =>
      readdirSync(path, { encoding: 'buffer' })
        .map((name) => name.toString('hex'))
        .toSorted();
    expect(names(join(folder, 'copy'))).toEqual(names(join(folder, 'd')));
    const copied = Buffer.concat([Buffer.from(`${folder}/copy/caf`), Buffer.from([0xe9, 0x2f, 0xff])]);
    expect(readFileSync(copied, 'utf8')).toBe('x');
  });

  test('are removed, and stand in nothing’s way', async () => {
    mkdirSync(stray(0xe9));
    writeFileSync(Buffer.concat([stray(0xe9), Buffer.from([0x2f, 0xff])]), 'x');
    await executeOnHost([{ id: 'a', kind: 'DirRemoveAll', path: join(folder, 'd') }]);
    expect(existsSync(join(folder, 'd'))).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });
});
