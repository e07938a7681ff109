import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix } from './machinery/crash-matrix.js';
import { type GateScenarios, gateScenarios } from './scenarios/gate-scenarios.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

describe('a commit with gates that is killed at any of its steps', () => {
  let folder = '';
  let scenarios: GateScenarios;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-gates-'));
    scenarios = await gateScenarios(await buildPonds(), folder);
  });
  afterAll(() => removeFolder(folder));

  it('has landed with the rows that keep the rules, or not at all', { timeout: LONG }, async () => {
    const { steps, faults } = await crashMatrix(scenarios.quarantined);
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(10);
  });

  it('that a gate refuses has never landed', { timeout: LONG }, async () => {
    const { steps, faults } = await crashMatrix(scenarios.refused);
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(3);
  });
});
