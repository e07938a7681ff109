import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type BuiltPonds, buildPonds, removeFolder } from '../machinery/built-ponds.js';
import { chosenSeed } from '../machinery/chosen-seed.js';
import { crashMatrix } from '../machinery/crash-matrix.js';
import { firingScenario } from '../scenarios/firing-scenario.js';
import { watchScenario } from '../scenarios/watch-scenario.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 1_200_000;

let folder = '';
let ponds: BuiltPonds;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-background-'));
  ponds = await buildPonds();
}, LONG);
afterAll(() => removeFolder(folder));

/** Every other step is tried, odd ones or even ones, as chance chooses. */
const PARITY = chosenSeed() % 2;
const isBetween = (_: readonly string[], point: number): boolean => point % 2 !== PARITY;

describe('killed at any of its steps', { timeout: LONG }, () => {
  test('a firing is recorded once, runs to its end, and writes once', async () => {
    const { scenario, close } = await firingScenario(ponds, folder);
    try {
      const { points, faults } = await crashMatrix({ ...scenario, skips: isBetween });
      expect(faults).toEqual([]);
      expect(points).toBeGreaterThan(8);
    } finally {
      await close();
    }
  });

  test('a batch of a watched folder arrives once, and each of its files is moved to where it belongs', async () => {
    const { points, faults } = await crashMatrix({
      ...(await watchScenario(ponds, folder)),
      skips: isBetween,
    });
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(15);
  });
});
