import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix } from './machinery/crash-matrix.js';
import { type NoticeScenarios, noticeScenarios } from './scenarios/notice-scenarios.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 1_200_000;

describe('wherever its process is killed', () => {
  let folder = '';
  let scenarios: NoticeScenarios;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-notices-'));
    scenarios = await noticeScenarios(await buildPonds(), folder);
  }, LONG);
  afterAll(() => removeFolder(folder));

  it('a failure is told at least once, always under the same id, and its episode is open', {
    timeout: LONG,
  }, async () => {
    const { steps, points, faults } = await crashMatrix({
      ...scenarios.told,
      // Up to its first attempt it is a commit like the others.
      skips: (all, point) => point < all.findIndex((step) => step.startsWith('a child')),
    });
    expect(faults).toEqual([]);
    expect(steps.filter((step) => step === 'opening of the gate')).toHaveLength(2);
    expect(points).toBeGreaterThan(5);
  });

  it('a recovery is told at least once, always under the same id, and its episode is closed', {
    timeout: LONG,
  }, async () => {
    const { points, faults } = await crashMatrix({
      ...scenarios.recovered,
      skips: (all, point) => point < all.findIndex((step) => step.startsWith('a child')),
    });
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(5);
  });

  it('a dismissal has been recorded with the end of its episode, or neither has, and can be repeated', {
    timeout: LONG,
  }, async () => {
    const { points, faults } = await crashMatrix(scenarios.dismissed);
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(1);
  });
});
