import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltPonds, buildPonds, removeFolder } from './built-ponds.js';
import { crashMatrix } from './crash-matrix.js';
import { hostApply, hostExport } from './host-scenarios.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

/** Beginning and end of a host plan are tried at every step, what is between at every so many. */
const EDGE = 7;
const STRIDE = 5;

let folder = '';
let ponds: BuiltPonds;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-host-'));
  ponds = await buildPonds(folder);
});
afterAll(() => removeFolder(folder));

describe('a host plan that is killed at any of its steps', () => {
  it('is undone or completed by host recover, and leaves nothing beside the tree', {
    timeout: LONG,
  }, async () => {
    // `test/host/faults.test.ts` tries every call, in memory; `npm run test:soak` every step of the executable.
    const { steps, points, faults } = await crashMatrix({
      ...(await hostApply(ponds, folder)),
      skips: ({ length }, point) => point > EDGE && point <= length - EDGE && point % STRIDE !== 0,
    });
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(90);
    expect(points).toBeGreaterThan(25);
  });
});

describe.each(['mirror', 'versions'] as const)(
  'an export (%s) that is killed at any of its steps',
  (layout) => {
    it('publishes all of its commit in the end', { timeout: LONG }, async () => {
      const scenario = await hostExport(ponds, folder, layout);
      // Before its task begins it is a commit like any other.
      const begins = (steps: readonly string[]) => steps.findIndex((step) => step.includes('host-exports'));
      const { steps, points, faults } = await crashMatrix({
        ...scenario,
        skips: (all, point) => point < begins(all),
      });
      expect(faults).toEqual([]);
      expect(points).toBeGreaterThan(25);
      expect(steps.some((step) => step.includes('.journal'))).toBe(true);
    });
  },
);
