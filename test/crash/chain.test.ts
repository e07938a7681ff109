import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix, type Scenario } from './machinery/crash-matrix.js';
import { chainScenario, innerKills } from './scenarios/chain-scenario.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 1_200_000;

let folder = '';
let scenario: Scenario;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-chain-'));
  scenario = await chainScenario(await buildPonds(), folder);
}, LONG);
afterAll(() => removeFolder(folder));

it('a chain of three entries over two ponds arrives, or nothing of it was begun, wherever its command is killed', {
  timeout: LONG,
}, async () => {
  const { steps, points, faults } = await crashMatrix({
    ...scenario,
    // Up to its first attempt it is a commit like the others.
    skips: (all, point) => point < all.findIndex((step) => step.startsWith('a child')),
  });
  expect(faults).toEqual([]);
  expect(steps.filter((step) => step === 'opening of the gate')).toHaveLength(2);
  expect(points).toBeGreaterThan(15);
});

it.each(['THERE', 'BACK'] as const)(
  'the chain arrives after the commands inside it (%s) were killed by themselves, at any step, and what failed is run again',
  { timeout: LONG },
  async (inner) => {
    const { points, faults } = await innerKills({ ...scenario, scratch: join(folder, 'inner') }, inner);
    expect(faults).toEqual([]);
    // One step in two of those in between, first or second by chance.
    expect(points).toBeGreaterThan(6);
  },
);
