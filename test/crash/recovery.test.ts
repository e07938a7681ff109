import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addFlakyTask, addTasks, bytes, hostFile, plainPond, prepare, TASK_ENDS } from './base-ponds.js';
import { type BuiltPonds, buildPonds, removeFolder } from './built-ponds.js';
import { crashedPond, crashMatrix, learnSteps, type Scenario, sideBySide } from './crash-matrix.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

let folder = '';
let ponds: BuiltPonds;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-recovery-'));
  ponds = await buildPonds(folder);
});
afterAll(() => removeFolder(folder));

const taskedPond = async (name: string) => {
  const base = join(folder, name);
  const pond = await plainPond(base);
  const old = await hostFile(join(folder, 'host'), 'old.bin', bytes(300, 1));
  await prepare(pond, ['copy', old.url, '/old.bin']);
  await addTasks(pond);
  return { base, pond, files: { '/old.bin': old.content } };
};

describe('a retry that is killed at any of its steps', () => {
  it('runs no completed task again, and recovery ends what it began', { timeout: LONG }, async () => {
    const { base, pond, files } = await taskedPond('base-retry');
    await addFlakyTask(pond);
    const small = await hostFile(join(folder, 'host'), 'small.bin', bytes(1_000, 3));
    await prepare(pond, ['copy', small.url, '/in/small.bin'], 3);
    await writeFile(join(base, 'go'), '');
    const { steps, faults } = await crashMatrix({
      ponds,
      base,
      scratch: join(folder, 'retry'),
      args: ['control', 'retry', '7'],
      codes: [3],
      expected: {
        files,
        writes: { '/in/small.bin': small.content },
        txnSeq: 7,
        // It had failed before; whether it runs again depends on how far the retry came.
        tasks: { ...TASK_ENDS, '/etc/system.d/40-flaky': ['failed', 'completed'] },
      },
    });
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(10);
  });
});

describe('a recovery that is killed at any of its steps', () => {
  it('is completed by another one, whatever crash it had to do with', { timeout: LONG }, async () => {
    const { base, files } = await taskedPond('base-recover');
    const small = await hostFile(join(folder, 'host'), 'small.bin', bytes(1_000, 3));
    const blob = await hostFile(join(folder, 'host'), 'blob.bin', bytes(66_000, 4));
    const commit: Scenario = {
      ponds,
      base,
      scratch: join(folder, 'crash'),
      args: ['copy', small.url, blob.url, '/in/'],
      codes: [3],
      expected: {
        files,
        writes: { '/in/small.bin': small.content, '/in/blob.bin': blob.content },
        txnSeq: 6,
        tasks: TASK_ENDS,
      },
    };
    const ends = new Set<string>();
    let points = 0;
    const faults: string[] = [];
    for (const { point, crashed } of await distinctCrashes(commit)) {
      const report = await crashMatrix({
        ...commit,
        base: crashed,
        scratch: join(folder, `recover-${point}`),
        args: ['recover'],
        codes: [0, 3],
        // Recoveries that have the same steps before them are in the same place, whoever's lock they clear away.
        skips: ([...steps], at) => {
          const [next, ...rest] = steps.slice(at - 1);
          const end = [next, ...rest.filter((step) => !/^remove runners/.test(step))].join('\n');
          return ends.size === ends.add(end).size;
        },
      });
      points += report.points;
      faults.push(...report.faults.map((fault) => `crash at ${point}, recovery at ${fault}`));
    }
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(40);
  });
});

/**
 * One crash for each way in which a recovery may go: crashes after which a recovery makes the same steps differ in
 * nothing that matters to it.
 */
const distinctCrashes = async (commit: Scenario) => {
  const ways = new Map<string, { readonly point: number; readonly crashed: string }>();
  const points = (await learnSteps(commit)).map((_, index) => index + 1);
  await sideBySide(points, async (point) => {
    const crashed = await crashedPond(commit, `crashed-${point}`, point);
    const tried = await crashedPond(
      { ...commit, base: crashed, args: ['recover'], codes: [0, 3] },
      `tried-${point}`,
      null,
    );
    const way = await readFile(join(tried, 'steps'), 'utf8');
    if (!ways.has(way)) ways.set(way, { point, crashed });
    await removeFolder(tried);
  });
  return [...ways.values()];
};
