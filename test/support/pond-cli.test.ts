import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { whyNotBuilt } from './pond-cli.js';

let project = '';

const fileFrom = async (path: string, second: number) => {
  await mkdir(join(project, path, '..'), { recursive: true });
  await writeFile(join(project, path), '');
  await utimes(join(project, path), second, second);
};

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'pond-steward-test-'));
});
afterEach(() => rm(project, { recursive: true, force: true }));

test('end-to-end tests do not start without an executable', async () => {
  await fileFrom('src/domain/plans/plan.ts', 1);
  expect(whyNotBuilt(project)).toBe('dist/pond.cjs is missing: run `npm run build`');
});

test('end-to-end tests do not judge an executable that is older than a source', async () => {
  await fileFrom('src/domain/old.ts', 1);
  await fileFrom('dist/pond.cjs', 2);
  await fileFrom('src/domain/new.ts', 3);
  expect(whyNotBuilt(project)).toBe('dist/pond.cjs is older than src/domain/new.ts: run `npm run build`');
});

test('end-to-end tests accept an executable that is newer than every source', async () => {
  await fileFrom('src/domain/plans/plan.ts', 1);
  await fileFrom('dist/pond.cjs', 2);
  expect(whyNotBuilt(project)).toBeNull();
});
