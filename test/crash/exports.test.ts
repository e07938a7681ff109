import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ControlRecord } from '../../src/control/records/control-record.js';
import { eventually } from '../support/condition.js';
import { type BuiltPonds, buildPonds, removeFolder, run, start } from './machinery/built-ponds.js';
import { chosenSeed } from './machinery/chosen-seed.js';
import { copyOf, crashMatrix, faultsAfter, RECOVER, runDying, sideBySide } from './machinery/crash-matrix.js';
import { namesIn } from './machinery/delta-log.js';
import { pondIn } from './machinery/invariants.js';
import { recordsOf } from './scenarios/asking.js';
import { exportByHand, hostExport, metricsFile } from './scenarios/host-scenarios.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

/** Steps, from the first of the export, at which its attempts are killed, one after the other. */
const IN_A_ROW = [
  [2, 2, 2],
  [4, 3, 2],
  [9, 5, 3],
  [14, 14, 3],
  [20, 4, 12],
  [28, 12, 6],
  [34, 2, 20],
  [40, 9, 9],
] as const;

/** Steps between two that are tried, of an export that is run by hand. */
const STRIDE = 4;

/** Both layouts take most of the steps: of one of them every other step is tried, odd ones or even ones, as chance chooses. */
const PARITY = chosenSeed() % 2;

/** Where the export itself begins; before, it is a command like any other. */
const FIRST = 'host-exports';
const begins = (steps: readonly string[]) => steps.findIndex((step) => step.includes(FIRST));

let folder = '';
let ponds: BuiltPonds;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-exports-'));
  ponds = await buildPonds();
});
afterAll(() => removeFolder(folder));

describe.each(['mirror', 'versions'] as const)(
  'an export (%s) that is killed at any of its steps',
  (layout) => {
    it('publishes all of its commit in the end', { timeout: LONG }, async () => {
      const scenario = await hostExport(ponds, folder, layout);
      const { steps, points, faults } = await crashMatrix({
        ...scenario,
        skips: (all, point) => point < begins(all) || (layout === 'versions' && point % 2 !== PARITY),
      });
      expect(faults).toEqual([]);
      expect(points).toBeGreaterThan(layout === 'versions' ? 12 : 25);
      expect(steps.some((step) => step.includes('.journal'))).toBe(true);
    });
  },
);

/** Steps between two at which measuring is killed: its host plan is tried like any other. */
const MEASURING_STRIDE = 6;

describe('measuring that is killed', () => {
  it('leaves a whole file, of a commit that has landed, and nothing on its way', {
    timeout: LONG,
  }, async () => {
    const scenario = await metricsFile(ponds, folder);
    const { points, faults } = await crashMatrix({
      ...scenario,
      skips: (all, point) =>
        point < all.findIndex((step) => step.includes('host-plans')) || point % MEASURING_STRIDE !== 0,
    });
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(3);
  });
});

describe.each(['mirror', 'versions'] as const)(
  'an export (%s) that is killed with each of its attempts',
  (layout) => {
    it('is given up, and recovery leaves nothing of it', { timeout: LONG }, async () => {
      const scenario = await hostExport(ponds, join(folder, `given-up-${layout}`), layout);
      const isGivenUp = ({ errorMessage }: ControlRecord) => errorMessage === 'interrupted 3 times';
      const expected = {
        ...scenario.expected,
        tasks: { '/etc/system.d/10-publish': ['completed', 'failed'] },
      };
      const faults: string[] = [];
      let givenUp = 0;
      await sideBySide(IN_A_ROW, async (points) => {
        const copy = await copyOf(scenario, points.join('-'));
        for (const [attempt, point] of points.entries()) {
          const args = attempt === 0 ? scenario.args : RECOVER.args;
          await runDying(scenario, copy, args, point, FIRST);
        }
        const found = await faultsAfter({ ...scenario, expected }, copy);
        faults.push(...found.map((fault) => `${points}: ${fault}`));
        givenUp += (await recordsOf(pondIn(copy))).filter(isGivenUp).length;
      });
      expect(faults).toEqual([]);
      expect(givenUp).toBeGreaterThan(IN_A_ROW.length / 2);
    });
  },
);

describe('an export that is run by hand', () => {
  it('and killed publishes all or nothing, and recovery leaves nothing of it', {
    timeout: LONG,
  }, async () => {
    const scenario = await exportByHand(ponds, join(folder, 'by-hand'));
    const { points, faults } = await crashMatrix({
      ...scenario,
      skips: (all, point) => point < begins(all) || point % STRIDE !== 0,
    });
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(6);
  });
});

describe('an export that is suspended', () => {
  it('keeps its contents while another process recovers, and publishes them then', {
    timeout: LONG,
  }, async () => {
    const scenario = await hostExport(ponds, join(folder, 'suspended'), 'mirror');
    const copy = await copyOf(scenario, 'copy');
    await scenario.furnish?.(copy);
    const contents = () => namesIn(join(pondIn(copy), 'control/host-exports'));
    const exporting = start(
      ponds.dying,
      pondIn(copy),
      scenario.args.map((word) => word.replaceAll('{folder}', copy)),
      { env: { POND_TEST_DIE_AT: '3', POND_TEST_DIE_FROM: FIRST, POND_TEST_DIE_BY: 'SIGSTOP' } },
    );
    onTestFinished(() => void exporting.child.kill('SIGKILL'));
    await eventually('it stopped', () =>
      readFileSync(`/proc/${exporting.pid}/stat`, 'utf8').includes(') T '),
    );
    const before = contents();
    expect(before).toHaveLength(1);
    expect((await run(ponds.pond, pondIn(copy), ['recover'])).code).toBe(6);
    expect(contents()).toEqual(before);
    exporting.child.kill('SIGCONT');
    expect(await exporting.ended).toMatchObject({ code: 0 });
    expect(contents()).toEqual([]);
    expect(namesIn(join(copy, 'site/in'))).toContain('small.bin');
  });
});
