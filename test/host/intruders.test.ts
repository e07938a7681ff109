import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import type { HostOperation } from '../../src/host-plans/operations/host-operation.js';
import type { HostFileSystem } from '../../src/ports/file-system.js';
import { memoryWorld, NEVER, planOf, ROOT, type World } from './machinery/memory-world.js';
import { buildTree } from './machinery/scenario.js';

const contentAt = (world: World, path: string) => {
  const content = world.memory.onlooker.readFile(`${ROOT}/${path}`)();
  return isLeft(content) ? content.left.code : Buffer.from(content.right).toString();
};
const put = (files: HostFileSystem, path: string) =>
  files.createFile(`${ROOT}/${path}`, Buffer.from('not yours'), { mode: 0o644, fsync: false })();

/** Executes operations; just before the `at`-th change somebody does something, and `fail` makes a later one fail. */
const executeAmid = async (
  operations: readonly HostOperation[],
  intrude: (files: HostFileSystem) => void,
  when: (path: string) => boolean,
) => {
  const world = memoryWorld(buildTree);
  const start = world.tree();
  const { files } = world.memory;
  let intruded = false;
  const meddling = { ...files };
  const before =
    <Args extends readonly string[], A>(call: (...args: Args) => () => A) =>
    (...args: Args) =>
    () => {
      if (!intruded && args.some((path) => typeof path === 'string' && when(path))) {
        intruded = true;
        intrude(world.memory.onlooker);
      }
      return call(...args)();
    };
  Object.assign(meddling, {
    symlink: before(files.symlink),
    link: before(files.link),
    rename: before(files.rename),
  });
  Object.assign(world.memory.files, meddling);
  const { plans } = world.process();
  const done = await plans.execute(planOf(operations), { concurrency: 1, signal: NEVER })();
  return { world, start, done, intruded };
};

describe('what the plan did not make stays', () => {
  test('a file that was put where the plan makes a link, between prepare and execution', async () => {
    const { world, done, intruded } = await executeAmid(
      [
        { id: 'a', kind: 'DirCreate', path: `${ROOT}/new` },
        { id: 'b', kind: 'LinkCreate', source: `${ROOT}/conf`, target: `${ROOT}/new/l` },
      ],
      (files) => put(files, 'new/l'),
      (path) => path === `${ROOT}/new/l`,
    );
    expect(intruded).toBe(true);
    expect(done).toMatchObject({
      left: {
        _tag: 'ExecutionFailed',
        report: {
          failed: ['b'],
          rollbackFailures: [{ operation: 'a', error: { _tag: 'DirectoryNotEmpty' } }],
        },
      },
    });
    expect(contentAt(world, 'new/l')).toBe('not yours');
  });

  test('a file in the place of one that was removed, and what was removed is kept', async () => {
    const { world, done } = await executeAmid(
      [
        { id: 'a', kind: 'FileDelete', path: `${ROOT}/gone` },
        { id: 'b', kind: 'DirCreate', path: `${ROOT}/new` },
        { id: 'c', kind: 'LinkCreate', source: `${ROOT}/conf`, target: `${ROOT}/new/l` },
      ],
      (files) => {
        put(files, 'gone');
        put(files, 'new/l');
      },
      (path) => path === `${ROOT}/new/l`,
    );
    expect(done).toMatchObject({ left: { _tag: 'ExecutionFailed' } });
    expect(contentAt(world, 'gone')).toBe('not yours');
    expect(
      world.tree().some((line) => line.includes('.preserved') && line.includes('dG8gYmUgZGVsZXRlZA==')),
    ).toBe(true);
    world.memory.onlooker.removeFile(`${ROOT}/gone`)();
    world.memory.onlooker.removeFile(`${ROOT}/new/l`)();
    const recovered = await world.process().plans.recover({ again: true })();
    expect(recovered).toMatchObject({ right: [{ outcome: 'rolled_back', failures: [] }] });
    expect(contentAt(world, 'gone')).toBe('to be deleted');
    expect(world.tree().filter((line) => line.includes('.pond-host-plan'))).toEqual([]);
  });
});

describe('prepare reports everything and touches nothing', () => {
  test('for all kinds of preconditions at once', async () => {
    const world = memoryWorld(buildTree);
    const start = world.tree();
    const { plans } = world.process();
    const done = await plans.execute(
      planOf([
        { id: 'a', kind: 'LinkDelete', target: `${ROOT}/conf` },
        { id: 'b', kind: 'FileWrite', path: `${ROOT}/nowhere/f`, content: '' },
        { id: 'c', kind: 'FileWrite', path: `${ROOT}/gone`, content: '' },
        { id: 'd', kind: 'FileCopy', source: `${ROOT}/absent`, dest: `${ROOT}/g` },
        { id: 'e', kind: 'FileWrite', path: `${ROOT}/stale/f`, content: '' },
        { id: 'f', kind: 'DirDelete', path: `${ROOT}/old` },
        { id: 'g', kind: 'FileWrite', path: `${ROOT}/here/f`, content: '' },
        { id: 'h', kind: 'DirCreate', path: `${ROOT}/fine` },
      ]),
      { concurrency: 1, signal: NEVER },
    )();
    expect(done).toMatchObject({
      left: {
        _tag: 'PrepareFailed',
        report: {
          executed: [],
          failed: ['a', 'b', 'c', 'd', 'e', 'f', 'g'],
          skipped: ['h'],
          errors: [
            { operation: 'a', error: { _tag: 'WrongKind' } },
            { operation: 'b', error: { _tag: 'ParentNotFound' } },
            { operation: 'c', error: { _tag: 'TargetOccupied' } },
            { operation: 'd', error: { _tag: 'SourceNotFound' } },
            { operation: 'e', error: { _tag: 'SymlinkInPath' } },
            { operation: 'f', error: { _tag: 'DirectoryNotEmpty' } },
            { operation: 'g', error: { _tag: 'ParentNotADirectory' } },
          ],
        },
      },
    });
    expect(world.tree()).toEqual(start);
    expect(plans.list()).toMatchObject({ right: [] });
  });
});

test('an interrupt rolls back, and says so', async () => {
  const world = memoryWorld(buildTree);
  const start = world.tree();
  const { plans } = world.process();
  const interrupt = new AbortController();
  const done = await plans.execute(
    planOf([
      { id: 'a', kind: 'FileDelete', path: `${ROOT}/gone` },
      { id: 'b', kind: 'DirCreate', path: `${ROOT}/new` },
      { id: 'c', kind: 'DirCreate', path: `${ROOT}/new/er` },
    ]),
    { concurrency: 1, signal: interrupt.signal, onProgress: () => interrupt.abort() },
  )();
  expect(done).toMatchObject({
    left: { _tag: 'Interrupted', report: { rolledBack: ['a'], skipped: ['b', 'c'], rollbackFailures: [] } },
  });
  expect(world.tree()).toEqual(start);
  expect(plans.list()).toMatchObject({ right: [{ state: 'rolled_back' }] });
});
