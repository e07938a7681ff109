import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sqliteLocks } from '../../src/adapters/sqlite/sqlite-locks.js';
import type { Lock } from '../../src/ports/locks.js';
import { startChild } from '../control/child-process.js';
import { temporaryDirectory } from '../control/table.js';

const take = (path: string): Lock | null => {
  const taken = sqliteLocks.tryAcquire(path)();
  if (taken._tag === 'Left') throw new Error(taken.left.message);
  return taken.right;
};
const isHeld = (path: string) => sqliteLocks.isHeld(path)();

const held = { _tag: 'Right', right: true };
const free = { _tag: 'Right', right: false };

const takeInChild = (path: string, then: string) =>
  startChild(`
    import { sqliteLocks } from './src/adapters/sqlite/sqlite-locks.ts';
    const path = ${JSON.stringify(path)};
    const taken = sqliteLocks.tryAcquire(path)();
    console.log(taken._tag === 'Right' && taken.right !== null ? 'taken' : 'refused');
    ${then}
  `);

test('a lock in an existing directory makes none: where its path leads elsewhere by then, nothing is made there', () => {
  const directory = join(temporaryDirectory(), 'locks');
  const path = join(directory, 'a.lock');
  expect(sqliteLocks.tryAcquire(path, { inExisting: true })()).toMatchObject({
    left: { _tag: 'LockFailed', path },
  });
  expect(existsSync(directory)).toBe(false);
  mkdirSync(directory);
  const taken = sqliteLocks.tryAcquire(path, { inExisting: true })();
  expect(taken).toMatchObject({ _tag: 'Right', right: { release: expect.any(Function) } });
  expect(isHeld(path)).toEqual(held);
});

test('a lock is held by one at a time, also within one process', () => {
  const path = join(temporaryDirectory(), 'deep', 'er', 'a.lock');
  const lock = take(path);
  expect(lock).not.toBeNull();
  expect(take(path)).toBeNull();
  expect(isHeld(path)).toEqual(held);
  lock?.release();
  expect(isHeld(path)).toEqual(free);
  const again = take(path);
  expect(again).not.toBeNull();
  lock?.release();
  expect(isHeld(path)).toEqual(held);
  again?.release();
});

test('asking for a lock neither makes its file nor takes it nor writes to it', () => {
  const path = join(temporaryDirectory(), 'a.lock');
  expect(isHeld(path)).toEqual(free);
  expect(isHeld(join(path, 'nowhere', 'b.lock'))).toEqual(free);
  expect(existsSync(path)).toBe(false);
  take(path)?.release();
  expect(statSync(path).size).toBe(0);
});

test('asking in the process that holds a lock does not let go of it', async () => {
  const path = join(temporaryDirectory(), 'a.lock');
  const lock = take(path);
  for (let asked = 0; asked < 20; asked += 1) isHeld(path);
  const child = await takeInChild(path, '');
  expect(await child.line()).toBe('refused');
  lock?.release();
});

test('a lock is let go when its holder is killed with SIGKILL, and not before', async () => {
  const path = join(temporaryDirectory(), 'a.lock');
  const child = await takeInChild(path, 'setInterval(() => undefined, 1000);');
  expect(await child.line()).toBe('taken');
  expect(isHeld(path)).toEqual(held);
  expect(take(path)).toBeNull();
  await child.kill();
  expect(isHeld(path)).toEqual(free);
  const lock = take(path);
  expect(lock).not.toBeNull();
  lock?.release();
});

test('who asks all the time does not keep others from a free lock', async () => {
  const path = join(temporaryDirectory(), 'a.lock');
  take(path)?.release();
  const child = await startChild(`
    import { sqliteLocks } from './src/adapters/sqlite/sqlite-locks.ts';
    console.log('asking');
    for (;;) sqliteLocks.isHeld(${JSON.stringify(path)})();
  `);
  await child.line();
  for (let tries = 0; tries < 300; tries += 1) {
    const lock = take(path);
    expect(lock).not.toBeNull();
    lock?.release();
  }
  await child.kill();
});

test('a file that is not a lock is an error, not a free lock', () => {
  const path = join(temporaryDirectory(), 'a.lock');
  writeFileSync(path, 'something else that is long enough to be read as a header'.repeat(20));
  expect(isHeld(path)).toMatchObject({ _tag: 'Left', left: { _tag: 'LockFailed', path } });
  expect(sqliteLocks.tryAcquire(path)()).toMatchObject({ _tag: 'Left' });
});

test('what cannot be opened as a lock is an error, and a missing file or directory a free lock', () => {
  const path = join(temporaryDirectory(), 'a.lock');
  mkdirSync(path);
  expect(isHeld(path)).toMatchObject({ _tag: 'Left', left: { _tag: 'LockFailed', path } });
  expect(isHeld(join(path, 'b.lock'))).toEqual(free);
  expect(isHeld(join(path, 'missing/b.lock'))).toEqual(free);
});

test('a lock that was let go is taken again on the file that is there by then', async () => {
  const path = join(temporaryDirectory(), 'a.lock');
  take(path)?.release();
  rmSync(path);
  const lock = take(path);
  expect(lock).not.toBeNull();
  const child = await takeInChild(path, '');
  expect(await child.line()).toBe('refused');
  lock?.release();
});
