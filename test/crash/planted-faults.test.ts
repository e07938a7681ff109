import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { crashMatrix, learnSteps, type MatrixReport, type Scenario } from './machinery/crash-matrix.js';
import { crashPairs } from './machinery/crash-pairs.js';
import type { FaultName } from './machinery/planted-faults.js';
import { addTasks, bytes, hostFile, plainPond, TASK_ENDS } from './scenarios/base-ponds.js';

describe('the crash matrix', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-planted-'));
  });
  afterAll(() => removeFolder(folder));

  const commitOf = async (fault: FaultName): Promise<Scenario> => {
    const base = join(folder, `base-${fault}`);
    await addTasks(await plainPond(base));
    const small = await hostFile(join(folder, 'host'), 'small.bin', bytes(1_000, 3));
    return {
      ponds: await buildPonds({ fault }),
      base,
      scratch: join(folder, fault),
      args: ['copy', small.url, '/small.bin'],
      codes: [3],
      expected: { files: {}, writes: { '/small.bin': small.content }, txnSeq: 5, tasks: TASK_ENDS },
    };
  };
  const landing = (steps: readonly string[]): number =>
    steps.findIndex((step) => /^link .*_delta_log/.test(step));
  /** Kills a build with a fault, only around the commit point. */
  const matrixOf = async (fault: FaultName): Promise<MatrixReport> =>
    crashMatrix({
      ...(await commitOf(fault)),
      skips: (steps, point) => Math.abs(point - 1 - landing(steps)) > 2,
    });

  it('finds a plan that is not durable before the commit point', async () => {
    const { faults } = await matrixOf('plan-not-prepared');
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.join('\n')).toMatch(/recover: exit code 1: .*the plan of transaction 5 is missing/);
  });

  it('finds a log entry that is published before the data that it names', async () => {
    const { faults } = await matrixOf('entry-before-data');
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.join('\n')).toMatch(/at "writeNewFile data\/part-<id>\.parquet": directly after: /);
  });

  it('finds, by pairs of crashes, a recovery that records a commit before its tasks', async () => {
    const scenario = await commitOf('recovery-in-two-halves');
    const landed = landing(await learnSteps(scenario)) + 2;
    const alone = await crashMatrix({ ...scenario, skips: (_, point) => point !== landed });
    expect(alone).toMatchObject({ points: 1, faults: [] });
    const { faults } = await crashPairs(scenario, {
      picks: (first, second) => first === landed && second <= 12,
    });
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.join('\n')).toMatch(/after recovery: .*tasks of 5/);
  }, 600_000);
});
