import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix } from './machinery/crash-matrix.js';
import { type MaintainScenarios, maintainScenarios } from './scenarios/maintain-scenarios.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

const isRemoval = (step: string | undefined): boolean => /^remove data\/part/.test(step ?? '');

describe('a maintenance that is killed at any of its steps', () => {
  let folder = '';
  let scenarios: MaintainScenarios;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-maintain-'));
    scenarios = await maintainScenarios(await buildPonds(), folder);
  });
  afterAll(() => removeFolder(folder));

  it('has taken nothing away that is needed, and the next one ends it', { timeout: LONG }, async () => {
    const { steps, faults } = await crashMatrix({
      ...scenarios.maintain,
      // Of the many files that were merged away one is like the other.
      skips: (all, point) => isRemoval(all[point - 2]) && isRemoval(all[point - 1]) && point % 5 !== 0,
    });
    expect(faults).toEqual([]);
    const removing = (what: string) => steps.filter((step) => step.startsWith(`remove ${what}`)).length;
    expect([removing('data/part'), removing('_delta_log'), removing('_staging')]).toEqual([
      expect.toSatisfy((count: number) => count > 10),
      1,
      1,
    ]);
  });

  it('may have been making a wrong checkpoint again', { timeout: LONG }, async () => {
    const { steps, points, faults } = await crashMatrix({
      ...scenarios.maintainRepairs,
      // After that it is a maintenance like the other.
      skips: (all, point) => isRemoval(all[point - 1]),
    });
    expect(points).toBeGreaterThan(10);
    expect(faults).toEqual([]);
    expect(steps.some((step) => step.includes('checkpoint.parquet'))).toBe(true);
  });
});
