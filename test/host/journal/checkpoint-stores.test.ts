// What a store of checkpoints promises to whoever undoes a plan by it.

import { describe, expect, test } from 'vitest';
import { createMemoryFileSystem } from '../../../src/adapters/memory/file-system/memory-file-system.js';
import { loseEverything } from '../../../src/adapters/memory/file-system/power-loss.js';
import {
  type CheckpointStore,
  fileCheckpointStore,
  memoryCheckpointStore,
} from '../../../src/host-plans/checkpoint-store.js';
import type { HostStep } from '../../../src/host-plans/steps/host-step.js';

const DIRECTORY = '/state/checkpoints';

const onDisk = (memory = createMemoryFileSystem()) => fileCheckpointStore(memory, DIRECTORY);

const stores: Readonly<Record<string, () => CheckpointStore>> = {
  memory: memoryCheckpointStore,
  files: () => onDisk(),
};

const NEW = { id: 'c-1', checksum: 'abc', operations: 3, startedAt: 1_700_000_000_000_000 };

const step = (path: string): HostStep => ({ step: 'MakeDirectory', path, mode: 0o755 });
const entry = (id: string) => ({ id, kind: 'DirCreate', steps: [step(`/site/${id}`)] });

const NOT_FOUND = { _tag: 'Left', left: { _tag: 'CheckpointNotFound', id: 'c-1' } };

describe.each(Object.entries(stores))('a store in %s', (_, storeOf) => {
  test('returns what was created, with everything that was recorded since, in that order', async () => {
    const store = storeOf();
    expect(await store.create(NEW)()).toMatchObject({ _tag: 'Right' });
    expect(await store.restore('c-1')()).toEqual({ _tag: 'Right', right: { ...NEW, entries: [] } });
    expect(await store.record('c-1', [entry('a'), entry('b')])()).toMatchObject({ _tag: 'Right' });
    expect(await store.record('c-1', [entry('c')])()).toMatchObject({ _tag: 'Right' });
    expect(await store.restore('c-1')()).toEqual({
      _tag: 'Right',
      right: { ...NEW, entries: [entry('a'), entry('b'), entry('c')] },
    });
  });

  test('refuses to create a checkpoint that is there, and keeps what is in it', async () => {
    const store = storeOf();
    await store.create(NEW)();
    await store.record('c-1', [entry('a')])();
    expect(await store.create({ ...NEW, checksum: 'other' })()).toMatchObject({ _tag: 'Left' });
    expect(await store.restore('c-1')()).toMatchObject({
      right: { checksum: 'abc', entries: [entry('a')] },
    });
  });

  test('knows nothing of a checkpoint that nobody created', async () => {
    const store = storeOf();
    expect(await store.restore('c-1')()).toEqual(NOT_FOUND);
    expect(await store.record('c-1', [entry('a')])()).toEqual(NOT_FOUND);
    expect(await store.restore('c-1')()).toEqual(NOT_FOUND);
  });

  test('forgets a checkpoint that is deleted, and deletes one that is not there without complaint', async () => {
    const store = storeOf();
    await store.create(NEW)();
    await store.create({ ...NEW, id: 'c-2' })();
    expect(await store.delete('c-1')()).toMatchObject({ _tag: 'Right' });
    expect(await store.restore('c-1')()).toEqual(NOT_FOUND);
    expect(await store.delete('c-1')()).toMatchObject({ _tag: 'Right' });
    expect(await store.restore('c-2')()).toMatchObject({ right: { id: 'c-2' } });
  });
});

test('what a store in files was told survives the power, and is found by another process', async () => {
  const memory = createMemoryFileSystem();
  memory.onlooker.makeDirectories('/state')();
  memory.onlooker.fsyncDirectory('/')();
  const store = onDisk(memory);
  memory.files.makeDirectories(DIRECTORY)();
  memory.files.fsyncDirectory('/state')();
  await store.create(NEW)();
  await store.record('c-1', [entry('a')])();
  const afterwards = onDisk(memory.crash(loseEverything));
  expect(await afterwards.restore('c-1')()).toMatchObject({ right: { entries: [entry('a')] } });
});

test('a checkpoint file that is damaged is an error that names it, and is not taken for one that is gone', async () => {
  const memory = createMemoryFileSystem();
  const store = onDisk(memory);
  await store.create(NEW)();
  await store.record('c-1', [entry('a'), entry('b')])();
  const path = `${DIRECTORY}/c-1.journal`;
  const bytes = memory.onlooker.readFile(path)();
  if (bytes._tag === 'Left') throw new Error(bytes.left.code);
  const damaged = Buffer.from(Buffer.from(bytes.right).toString().replace('"abc"', '"abd"'));
  memory.onlooker.remove(path)();
  memory.onlooker.writeNewFile(path, damaged)();
  expect(await store.restore('c-1')()).toMatchObject({
    left: { _tag: 'CheckpointFailed', path, problem: expect.stringMatching(/^line 1: /) },
  });
});

test('a full disk is an error of the store that names the call', async () => {
  const memory = createMemoryFileSystem({ fault: ({ call }) => (call === 'write' ? 'ENOSPC' : null) });
  expect(await onDisk(memory).create(NEW)()).toMatchObject({
    left: { _tag: 'HostCallFailed', code: 'ENOSPC' },
  });
});
