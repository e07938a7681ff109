import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from '../machinery/built-ponds.js';
import { chosenSeed } from '../machinery/chosen-seed.js';
import type { Scenario } from '../machinery/crash-matrix.js';
import { sampleOfPairs } from '../machinery/crash-pairs.js';
import { beginningScenarios } from '../scenarios/beginning-scenarios.js';
import { chainScenario } from '../scenarios/chain-scenario.js';
import { gateScenarios } from '../scenarios/gate-scenarios.js';
import { hostApply, hostExport } from '../scenarios/host-scenarios.js';
import { maintainScenarios } from '../scenarios/maintain-scenarios.js';
import { noticeScenarios } from '../scenarios/notice-scenarios.js';
import { remoteScenarios } from '../scenarios/remote-scenarios.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

describe('what repairs it may be killed, too, after a crash of', () => {
  let folder = '';
  let scenarios: Readonly<Record<string, Scenario>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-pairs-'));
    const ponds = await buildPonds();
    scenarios = {
      ...(await beginningScenarios(ponds, folder)),
      ...(await maintainScenarios(ponds, folder)),
      ...(await gateScenarios(ponds, folder)),
      ...(await noticeScenarios(ponds, folder)),
      ...(await remoteScenarios(ponds, folder)),
      chain: await chainScenario(ponds, folder),
      hostApply: await hostApply(ponds, folder),
      mirror: await hostExport(ponds, folder, 'mirror'),
      versions: await hostExport(ponds, folder, 'versions'),
    };
  }, LONG);
  afterAll(() => removeFolder(folder));

  // `npm run test:soak -- pairs` tries every pair.
  it.each([
    ['an init', 'init', { firsts: 5, most: 6 }],
    ['a rebuild of the control table', 'rebuild', { firsts: 3, most: 4 }],
    ['a rebuild that puts an unusable table aside', 'rebuildAside', { firsts: 3, most: 4 }],
    ['a maintenance', 'maintain', { firsts: 5, most: 5 }],
    ['a maintenance that makes a checkpoint again', 'maintainRepairs', { firsts: 5, most: 5 }],
    ['a commit whose gate moves rows', 'quarantined', { firsts: 4, most: 4 }],
    ['a commit that a gate refuses', 'refused', { firsts: 3, most: 3 }],
    ['a failure that is told', 'told', { firsts: 5, most: 6 }],
    ['a dismissal', 'dismissed', { firsts: 3, most: 3 }],
    ['a restore', 'restore', { firsts: 5, most: 6 }],
    ['a restore that fails', 'restoreNothing', { firsts: 5, most: 4 }],
    ['a pull', 'pull', { firsts: 3, most: 3 }],
    ['a chain over two ponds', 'chain', { firsts: 5, most: 3 }],
    ['a host plan', 'hostApply', { firsts: 6, most: 8 }],
    ['an export (mirror)', 'mirror', { firsts: 5, most: 7 }],
    ['an export (versions)', 'versions', { firsts: 5, most: 7 }],
  ])('%s', { timeout: LONG }, async (_, name, { firsts, most }) => {
    const scenario = scenarios[name];
    if (scenario === undefined) throw new Error(`no scenario ${name}`);
    const { pairs, faults } = await sampleOfPairs(scenario, { seed: chosenSeed(), firsts, most });
    expect(faults).toEqual([]);
    expect(pairs).toBe(most);
  });
});
