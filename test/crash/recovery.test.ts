import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix } from './machinery/crash-matrix.js';
import { type CommitScenarios, commitScenarios } from './scenarios/commit-scenarios.js';
import { recoveryScenario } from './scenarios/recovery-scenario.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

let folder = '';
let scenarios: CommitScenarios;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-recovery-'));
  scenarios = await commitScenarios(await buildPonds(), folder);
});
afterAll(() => removeFolder(folder));

describe('a retry that is killed at any of its steps', () => {
  it('runs no completed task again, and recovery ends what it began', { timeout: LONG }, async () => {
    const { steps, faults } = await crashMatrix(scenarios.retry);
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(10);
  });
});

describe('a recovery that is killed at any of its steps', () => {
  it('is completed by another one', { timeout: LONG }, async () => {
    const { steps, faults } = await crashMatrix(await recoveryScenario(scenarios.withTasks, folder));
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(25);
  });
});
