import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix, type Scenario } from './machinery/crash-matrix.js';
import { packScenario } from './scenarios/pack-scenario.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

/** Steps of packing itself; what comes before and after them is a maintenance like any other. */
const isOfPacking = (step: string | undefined): boolean => /_history|\.pack/.test(step ?? '');
const isEntryRemoved = (step: string | undefined): boolean =>
  /^remove _delta_log\/\d+\.json/.test(step ?? '');

describe('a maintenance that packs old log entries, killed at any step of that', () => {
  let folder = '';
  let scenario: Scenario;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-pack-'));
    scenario = await packScenario(await buildPonds(), folder);
  }, LONG);
  afterAll(() => removeFolder(folder));

  it('loses the text of no entry, and the next one packs the rest', { timeout: LONG }, async () => {
    const { steps, points, faults } = await crashMatrix({
      ...scenario,
      skips: (all, point) => {
        const [before, step, after] = [all[point - 2], all[point - 1], all[point]];
        if (!isEntryRemoved(step)) return !isOfPacking(step) && !isEntryRemoved(before);
        // Of the many entries that go one after another, one is like the other.
        return isEntryRemoved(before) && isEntryRemoved(after) && point % 25 !== 0;
      },
    });
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(7);
    const removed = steps.filter(isEntryRemoved).length;
    expect(removed).toBeGreaterThanOrEqual(50);
    expect(steps.filter(isOfPacking).length).toBeGreaterThan(3);
  });
});
