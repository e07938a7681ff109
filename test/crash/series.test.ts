import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix } from './machinery/crash-matrix.js';
import { type SeriesScenarios, seriesScenarios } from './scenarios/series-scenarios.js';

/** A commit of a series is killed at its commit point, and at every so many of the steps that it shares with others. */
const STRIDE = 3;

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

describe('a series, killed at any step of what is done to it', () => {
  let folder = '';
  let scenarios: SeriesScenarios;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-series-'));
    scenarios = await seriesScenarios(await buildPonds(), folder);
  }, LONG);
  afterAll(() => removeFolder(folder));

  for (const [name, title] of [
    ['seriesAppend', 'has one more version, or has not'],
    ['versionOut', 'has lost the version that is taken out, or has it'],
    ['revert', 'is what it was before a commit that is undone, or what it was'],
  ] as const)
    it(`${title}: as rows, as one file and reduced`, { timeout: LONG }, async () => {
      const { steps, points, faults } = await crashMatrix({
        ...scenarios[name],
        skips: (all, point) => !all[point - 1]?.includes('_delta_log') && point % STRIDE !== 0,
      });
      expect(faults).toEqual([]);
      expect(points).toBeGreaterThanOrEqual(Math.floor(steps.length / STRIDE));
      expect(steps.length).toBeGreaterThan(15);
      expect(steps.some((step) => step.includes('_delta_log'))).toBe(true);
    });

  it('a version with which a block is joined is there or not, and the block is whole or not believed', {
    timeout: LONG,
  }, async () => {
    const { steps, faults } = await crashMatrix({
      ...scenarios.seriesJoined,
      skips: (all, point) => !/_delta_log|merged|queries/.test(all[point - 1] ?? ''),
    });
    expect(faults).toEqual([]);
    expect(steps.some((step) => step.includes('merged'))).toBe(true);
  });

  for (const [name, title] of [
    ['seriesMerged', 'its small versions are merged to be read'],
    ['reduced', 'its reduction is computed again where a version was added'],
  ] as const)
    it(`${title}: what is kept is whole or not believed`, { timeout: LONG }, async () => {
      const { steps, points, faults } = await crashMatrix(scenarios[name]);
      expect(faults).toEqual([]);
      expect(points).toBeGreaterThan(3);
      expect(steps.some((step) => /merged|derived/.test(step))).toBe(true);
    });
});
