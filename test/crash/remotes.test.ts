import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix } from './machinery/crash-matrix.js';
import { type RemoteScenarios, remoteScenarios } from './scenarios/remote-scenarios.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

/** Every request of a push and call of a pull is tried in memory (`test/remotes/killed.test.ts`): of the commands' own some are enough. */
const MANY = 7;
const FEW = 2;

describe('a command between a pond and a remote, killed at its steps', { timeout: LONG }, () => {
  let folder = '';
  let scenarios: RemoteScenarios;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-remotes-'));
    scenarios = await remoteScenarios(await buildPonds(), folder);
  }, LONG);
  afterAll(() => removeFolder(folder));

  it.each([
    ['push', MANY],
    ['pushJump', MANY],
    ['pull', FEW],
    ['promote', FEW],
    ['verify', 1],
    ['restore', MANY],
    ['restoreAt', MANY],
    ['restoreNothing', 1],
    ['restoreLacking', FEW],
    ['replicate', MANY],
  ] as const)('%s is simply repeated, and what is there then takes commits', async (name, stride) => {
    const { faults, points } = await crashMatrix({
      ...scenarios[name],
      skips: (_, point) => point % stride !== 1 % stride,
    });
    expect(faults).toEqual([]);
    // Comparing writes next to nothing.
    expect(points).toBeGreaterThan(name === 'verify' ? 1 : 5);
  });
});
