import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addTasks, bytes, hostFile, plainPond, prepare } from './base-ponds.js';
import { type BuiltPonds, buildPonds, removeFolder } from './built-ponds.js';
import { crashMatrix, RECOVER, type Scenario } from './crash-matrix.js';
import { pondIn } from './invariants.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

let folder = '';
let ponds: BuiltPonds;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-beginnings-'));
  ponds = await buildPonds(folder);
});
afterAll(() => removeFolder(folder));

const isPond = (run: string) => existsSync(join(pondIn(run), 'data/_delta_log/00000000000000000000.json'));

describe('an init that is killed at any of its steps', () => {
  it('has made a pond, or can simply be repeated', { timeout: LONG }, async () => {
    const base = join(folder, 'base-init');
    await mkdir(base);
    const { steps, faults } = await crashMatrix({
      ponds,
      base,
      scratch: join(folder, 'init'),
      args: ['init'],
      codes: [0],
      expected: { files: {}, writes: {}, txnSeq: 1, tasks: {} },
      opens: isPond,
      rescue: (run) => [{ args: ['init'], codes: [isPond(run) ? 1 : 0] }, RECOVER],
    });
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
  const SKIPPED = ['10-ok', '20-fail', '30-ok'].map((name) => [`/etc/system.d/${name}`, ['skipped']]);

  /** What is in the way of the control table, and may be of use to somebody. */
  const REMAINS = 'no database';

  const pondToRebuild = async (name: string): Promise<Scenario> => {
    const base = join(folder, name);
    const pond = await plainPond(base);
    const old = await hostFile(join(folder, 'host'), 'old.bin', bytes(300, 1));
    await prepare(pond, ['copy', old.url, '/old.bin']);
    await addTasks(pond);
    await prepare(pond, ['copy', old.url, '/in/old.bin'], 3);
    await rm(join(pond, 'control'), { recursive: true });
    await rm(join(base, 'journal'));
    return {
      ponds,
      base,
      scratch: join(folder, `${name}-runs`),
      args: ['rebuild-control'],
      codes: [0],
      expected: {
        files: { '/old.bin': old.content },
        writes: { '/in/old.bin': old.content },
        txnSeq: 6,
        tasks: Object.fromEntries(SKIPPED),
      },
      opens: () => false,
      rescue: () => [{ args: ['rebuild-control'], codes: [0] }, RECOVER],
    };
  };

  it('can simply be repeated', { timeout: LONG }, async () => {
    const { steps, faults } = await crashMatrix(await pondToRebuild('base-rebuild'));
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(4);
  });

  it('loses nothing of an unusable table that it puts aside', { timeout: LONG }, async () => {
    const scenario = await pondToRebuild('base-unusable');
    const control = join(pondIn(scenario.base), 'control');
    await mkdir(control);
    await writeFile(join(control, 'control.db'), REMAINS);
    const { steps, faults } = await crashMatrix({
      ...scenario,
      andThen: async (run) => {
        const names = await readdir(join(pondIn(run), 'control'));
        const aside = names.filter((name) => name.includes('unusable'));
        const kept = await Promise.all(
          aside.map((name) => readFile(join(pondIn(run), 'control', name), 'latin1')),
        );
        return kept.includes(REMAINS) ? [] : ['the unusable table is lost'];
      },
    });
    expect(faults).toEqual([]);
    expect(steps.filter((step) => step.startsWith('rename')).length).toBe(1);
  });
});
