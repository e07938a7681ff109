import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix, type Scenario } from './machinery/crash-matrix.js';
import { forgetScenario } from './scenarios/forget-scenario.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

describe('giving up old contents, killed at any of its steps', () => {
  let folder = '';
  let scenario: Scenario;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-forget-'));
    scenario = await forgetScenario(await buildPonds(), folder);
  }, LONG);
  afterAll(() => removeFolder(folder));

  it('takes nothing away that is kept, and is ended by who repeats it', { timeout: LONG }, async () => {
    const { steps, points, faults } = await crashMatrix(scenario);
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(20);
    const published = steps.filter((step) => /^link .*_delta_log/.test(step)).length;
    expect(published).toBeGreaterThanOrEqual(2);
    expect(steps.some((step) => /^remove ([0-9a-f]{2})\/\1[0-9a-f]{62}$/.test(step))).toBe(true);
  });
});
