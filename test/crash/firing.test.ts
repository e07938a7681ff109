import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix } from './machinery/crash-matrix.js';
import { firingScenario } from './scenarios/firing-scenario.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 1_200_000;

let folder = '';
let made: Awaited<ReturnType<typeof firingScenario>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-firing-'));
  made = await firingScenario(await buildPonds(folder), folder);
}, LONG);
afterAll(async () => {
  await made.close();
  await removeFolder(folder);
});

test('a firing that is killed anywhere is recorded once, runs to its end, and writes once', {
  timeout: LONG,
}, async () => {
  const { points, faults } = await crashMatrix(made.scenario);
  expect(faults).toEqual([]);
  expect(points).toBeGreaterThan(10);
});
