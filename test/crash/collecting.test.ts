import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { monthOf } from '../factories/hydrovu/month.js';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { chosenSeed } from './machinery/chosen-seed.js';
import { crashMatrix } from './machinery/crash-matrix.js';
import { collectingScenario } from './scenarios/collecting-scenario.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 1_200_000;
const seed = chosenSeed();

let folder = '';
let made: Awaited<ReturnType<typeof collectingScenario>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-collecting-'));
  made = await collectingScenario(await buildPonds(), folder);
}, LONG);
afterAll(async () => {
  await made.close();
  await removeFolder(folder);
});

test('a collector that is killed anywhere, and run again, has every reading once', {
  timeout: LONG,
}, async () => {
  const { points, faults } = await crashMatrix(made.scenario);
  expect(faults).toEqual([]);
  expect(points).toBeGreaterThan(10);
});

test(`a month of collecting from a server with faults, and of runs that are ended, loses and doubles nothing (seed ${seed})`, {
  timeout: LONG,
}, async () => {
  const { counts, found, expected } = await monthOf(seed, { days: 30, everyHours: 6 });
  expect(counts.committed).toBeGreaterThan(20);
  expect(found).toEqual(expected);
});
