import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTasks, bytes, hostFile, plainPond, prepare, TASK_ENDS } from './base-ponds.js';
import { type BuiltPonds, buildPonds, removeFolder } from './built-ponds.js';
import { crashMatrix, type Scenario } from './crash-matrix.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

describe('a commit that is killed at any of its steps', () => {
  let folder = '';
  let ponds: BuiltPonds;
  let scenario: Scenario;
  let withoutTasks: Scenario;
  let tenth: Scenario;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-commit-'));
    ponds = await buildPonds(folder);
    const host = join(folder, 'host');
    const old = await hostFile(host, 'old.bin', bytes(300, 1));
    const oldBlob = await hostFile(host, 'old-blob.bin', bytes(70_000, 2));
    const small = await hostFile(host, 'small.bin', bytes(1_000, 3));
    const blob = await hostFile(host, 'blob.bin', bytes(66_000, 4));

    const makeBase = async (name: string) => {
      const base = join(folder, name);
      const pond = await plainPond(base);
      await prepare(pond, ['copy', old.url, oldBlob.url, '/old/']);
      return { base, pond };
    };
    const common = { ponds, args: ['copy', small.url, blob.url, '/in/'] };
    const files = { '/old/old.bin': old.content, '/old/old-blob.bin': oldBlob.content };
    const writes = { '/in/small.bin': small.content, '/in/blob.bin': blob.content };

    const bare = await makeBase('base-bare');
    withoutTasks = {
      ...common,
      base: bare.base,
      scratch: join(folder, 'bare'),
      codes: [0],
      expected: { files, writes, txnSeq: 3, tasks: {} },
    };

    const crowded = await makeBase('base-crowded');
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      await prepare(crowded.pond, ['copy', old.url, `/crowd/${name}`]);
    }
    tenth = {
      ...common,
      base: crowded.base,
      scratch: join(folder, 'crowded'),
      codes: [0],
      expected: { files: { ...files, '/crowd/g': old.content }, writes, txnSeq: 10, tasks: {} },
    };

    const tasked = await makeBase('base-tasked');
    await addTasks(tasked.pond);
    scenario = {
      ...common,
      base: tasked.base,
      scratch: join(folder, 'tasked'),
      codes: [3],
      expected: { files, writes, txnSeq: 6, tasks: TASK_ENDS },
    };
  });
  afterAll(() => removeFolder(folder));

  it('is there whole or not at all, and recovery ends each of its tasks once', {
    timeout: LONG,
  }, async () => {
    const { steps, faults } = await crashMatrix(scenario);
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(25);
  });

  it('needs no tasks for that', { timeout: LONG }, async () => {
    const { steps, faults } = await crashMatrix(withoutTasks);
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(10);
  });

  it('may be the tenth, which merges files and makes a checkpoint', { timeout: LONG }, async () => {
    const { steps, faults } = await crashMatrix(tenth);
    expect(faults).toEqual([]);
    expect(steps.filter((step) => step.includes('checkpoint')).length).toBeGreaterThan(0);
    expect(steps.filter((step) => step.includes('merged')).length).toBeGreaterThan(0);
  });
});
