import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltPonds, buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix } from './machinery/crash-matrix.js';
import { firingScenario } from './scenarios/firing-scenario.js';
import { watchScenario } from './scenarios/watch-scenario.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 1_200_000;

let folder = '';
let ponds: BuiltPonds;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-background-'));
  ponds = await buildPonds(folder);
}, LONG);
afterAll(() => removeFolder(folder));

describe('killed at any of its steps', { timeout: LONG }, () => {
  test('a firing is recorded once, runs to its end, and writes once', async () => {
    const { scenario, close } = await firingScenario(ponds, folder);
    try {
      const { points, faults } = await crashMatrix(scenario);
      expect(faults).toEqual([]);
      expect(points).toBeGreaterThan(10);
    } finally {
      await close();
    }
  });

  test('a batch of a watched folder arrives once, and each of its files is moved to where it belongs', async () => {
    const { points, faults } = await crashMatrix(await watchScenario(ponds, folder));
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(25);
  });
});
