import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix } from './machinery/crash-matrix.js';
import { bytes, hostFile, plainPond, prepare } from './scenarios/base-ponds.js';
import { type BeginningScenarios, beginningScenarios } from './scenarios/beginning-scenarios.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

let folder = '';
let scenarios: BeginningScenarios;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-beginnings-'));
  scenarios = await beginningScenarios(await buildPonds(), folder);
});
afterAll(() => removeFolder(folder));

describe('an init that is killed at any of its steps', () => {
  it('has made a pond, or can simply be repeated', { timeout: LONG }, async () => {
    const { steps, faults } = await crashMatrix(scenarios.init);
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(10);
  });
});

describe('an init where a pond has lost its log', () => {
  it('removes none of its data', async () => {
    const base = join(folder, 'base-lost');
    const pond = await plainPond(base);
    const old = await hostFile(join(folder, 'host'), 'old.bin', bytes(300, 1));
    await prepare(pond, ['copy', old.url, '/old.bin']);
    const files = async () => (await readdir(join(pond, 'data'))).filter((name) => name.endsWith('.parquet'));
    const before = await files();
    await rm(join(pond, 'data/_delta_log'), { recursive: true });
    await rm(join(pond, 'control'), { recursive: true });
    await prepare(pond, ['init']);
    expect(before).toHaveLength(2);
    expect(await files()).toEqual(expect.arrayContaining(before));
  });
});

describe('a rebuild of the control table that is killed at any of its steps', () => {
  it('can simply be repeated', { timeout: LONG }, async () => {
    const { steps, faults } = await crashMatrix(scenarios.rebuild);
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(4);
  });

  it('loses nothing of an unusable table that it puts aside', { timeout: LONG }, async () => {
    const { steps, faults } = await crashMatrix(scenarios.rebuildAside);
    expect(faults).toEqual([]);
    expect(steps.filter((step) => /^rename.*control\.db/.test(step)).length).toBe(1);
  });
});
