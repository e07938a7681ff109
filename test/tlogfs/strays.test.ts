import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { commitFile, newTable, ok } from './table-fixture.js';

const LARGE = 'content that lies in a file of its own '.repeat(4_000);

/** A table in which a writer has died: with what it was about to commit. */
const afterDeath = async () => {
  const { dataDir, log } = await newTable();
  await commitFile(log, LARGE, { name: 'kept' });
  const staged = join(dataDir, '_staging', '01890a5d-ac96-774b-bcce-b302099a8057.json');
  const digest = 'ab'.repeat(32);
  const blob = join(dataDir, '_blobs', 'sha256', 'ab', digest);
  for (const path of [staged, blob]) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, 'left over');
  }
  return { log, left: () => [staged, blob].filter((path) => existsSync(path)).length };
};

test('what a dead writer has left is found without the lock, and removed if nothing was published since', async () => {
  const { log, left } = await afterDeath();
  const strays = await ok(log.strays());
  expect(strays.files.map(({ kind }) => kind).sort()).toEqual(['orphaned_blobs', 'staged_files']);
  expect(await ok(log.removeStrays(strays))).toBe(true);
  expect(left()).toBe(0);
  expect((await ok(log.strays())).files).toEqual([]);
});

test('what was found before somebody committed is left alone: the commit may refer to it', async () => {
  const { log, left } = await afterDeath();
  const strays = await ok(log.strays());
  await commitFile(log, 'another', { name: 'another' });
  expect(await ok(log.removeStrays(strays))).toBe(false);
  expect(left()).toBe(2);
});
