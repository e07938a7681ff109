import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { commitFile, newTable, ok, START } from './table-fixture.js';

const LARGE = 'content that lies in a file of its own '.repeat(4_000);
const OTHER = LARGE.replaceAll('content', 'another');

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
  return { dataDir, log, left: () => [staged, blob].filter((path) => existsSync(path)).length };
};

test('what a dead writer has left is found without the lock, and removed', async () => {
  const { log, left } = await afterDeath();
  const strays = await ok(log.strays());
  expect(strays.files.map(({ kind }) => kind).sort()).toEqual(['orphaned_blobs', 'staged_files']);
  expect((await ok(log.removeStrays(strays))).removed).toMatchObject({ orphaned_blobs: 1, staged_files: 1 });
  expect(left()).toBe(0);
  expect((await ok(log.strays())).files).toEqual([]);
});

test('what was found and then committed stays, as a row and as a file, also after its row was merged into another file', async () => {
  const { dataDir, log, left } = await afterDeath();
  const digest = createHash('sha256').update(OTHER).digest('hex');
  const blob = join(dataDir, '_blobs', 'sha256', digest.slice(0, 2), digest);
  mkdirSync(dirname(blob), { recursive: true });
  writeFileSync(blob, OTHER);
  const strays = await ok(log.strays());
  expect(strays.files.map(({ path }) => path)).toContain(blob);
  for (let at = 0; at < 100; at += 1) await commitFile(log, OTHER, { name: `f${at}` });
  await ok(log.maintain(START));
  expect((await ok(log.removeStrays(strays))).removed).toMatchObject({ orphaned_blobs: 1, staged_files: 1 });
  expect(left()).toBe(0);
  expect(readFileSync(blob, 'utf8')).toBe(OTHER);
  expect((await ok(log.strays())).files).toEqual([]);
});
