import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix } from './machinery/crash-matrix.js';
import { type CommitScenarios, commitScenarios } from './scenarios/commit-scenarios.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

describe('a commit that is killed at any of its steps', () => {
  let folder = '';
  let scenarios: CommitScenarios;

  beforeAll(async () => {
    // On a disk, also where the others are in memory.
    folder = await mkdtemp(join(process.env.POND_TEST_ON_DISK ?? tmpdir(), 'pond-crash-commit-'));
    scenarios = await commitScenarios(await buildPonds(), folder);
  });
  afterAll(() => removeFolder(folder));

  it('is there whole or not at all, and recovery ends each of its tasks once', {
    timeout: LONG,
  }, async () => {
    const { steps, faults } = await crashMatrix(scenarios.withTasks);
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(25);
  });

  it('may have tasks that run side by side and share transactions: each of them ends once', {
    timeout: LONG,
  }, async () => {
    const { steps, faults } = await crashMatrix({
      ...scenarios.sideBySide,
      // Which of them share one depends on when they end.
      varies: true,
      // Up to its tasks it is a commit like the others.
      skips: (all, point) => point < all.findLastIndex((step) => step.includes('_delta_log')),
    });
    expect(faults).toEqual([]);
    // Four tasks that begin and end, and the end of the transaction, would be nine by themselves.
    const landed = steps.findLastIndex((step) => step.includes('_delta_log'));
    const recorded = steps.slice(landed).filter((step) => step === 'commit of a durable transaction');
    expect(recorded.length).toBeGreaterThan(2);
    expect(recorded.length).toBeLessThan(9);
  });

  it('needs no tasks for that', { timeout: LONG }, async () => {
    const { steps, faults } = await crashMatrix(scenarios.withoutTasks);
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(10);
  });

  it('may be the tenth, which merges files and makes a checkpoint', { timeout: LONG }, async () => {
    const { steps, faults } = await crashMatrix(scenarios.tenth);
    expect(faults).toEqual([]);
    expect(steps.filter((step) => step.includes('checkpoint')).length).toBeGreaterThan(0);
    expect(steps.filter((step) => step.includes('merged')).length).toBeGreaterThan(0);
  });

  it('may have a task that its policy tries again, which then is done once', { timeout: LONG }, async () => {
    const { steps, points, faults } = await crashMatrix({
      ...scenarios.retriedByPolicy,
      // Up to its first attempt it is a commit like the others.
      skips: (all, point) => point <= all.findIndex((step) => step.startsWith('a child')),
    });
    expect(faults).toEqual([]);
    expect(steps.filter((step) => step === 'opening of the gate')).toHaveLength(2);
    expect(points).toBeGreaterThan(8);
  });
});
