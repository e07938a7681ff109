import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from '../machinery/built-ponds.js';
import { chosenSeed } from '../machinery/chosen-seed.js';
import type { Scenario } from '../machinery/crash-matrix.js';
import { sampleOfPairs } from '../machinery/crash-pairs.js';
import { commitScenarios } from '../scenarios/commit-scenarios.js';
import { recoveryScenario } from '../scenarios/recovery-scenario.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

describe('a recovery that is killed, after', () => {
  let folder = '';
  let scenarios: Readonly<Record<string, Scenario>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-pairs-'));
    const commits = await commitScenarios(await buildPonds(), folder);
    scenarios = { ...commits, recovery: await recoveryScenario(commits.withTasks, folder) };
  }, LONG);
  afterAll(() => removeFolder(folder));

  // `npm run test:soak -- pairs` tries every pair.
  it.each([
    ['a commit with tasks', 'withTasks', { firsts: 20, most: 25 }],
    ['a commit without any', 'withoutTasks', { firsts: 5, most: 5 }],
    ['a commit that merges files and makes a checkpoint', 'tenth', { firsts: 6, most: 6 }],
    ['a commit with a task that its policy tries again', 'retriedByPolicy', { firsts: 7, most: 8 }],
    ['a retry', 'retry', { firsts: 5, most: 8 }],
    ['another recovery', 'recovery', { firsts: 6, most: 8 }],
  ])(
    '%s that was killed is completed by the next one',
    { timeout: LONG },
    async (_, name, { firsts, most }) => {
      const scenario = scenarios[name];
      if (scenario === undefined) throw new Error(`no scenario ${name}`);
      const { pairs, faults } = await sampleOfPairs(scenario, { seed: chosenSeed(), firsts, most });
      expect(faults).toEqual([]);
      expect(pairs).toBe(most);
    },
  );
});
