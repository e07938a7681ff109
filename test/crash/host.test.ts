import { readFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ControlRecord } from '../../src/control/control-table.js';
import { eventually } from '../support/condition.js';
import { recordsOf } from './asking.js';
import { type BuiltPonds, buildPonds, removeFolder, run, start } from './built-ponds.js';
import {
  copyOf,
  crashedPond,
  crashMatrix,
  faultsAfter,
  learnSteps,
  RECOVER,
  runDying,
  type Scenario,
  sideBySide,
} from './crash-matrix.js';
import { namesIn } from './delta-log.js';
import { hostApply, hostExport } from './host-scenarios.js';
import { pondIn } from './invariants.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

/** The point after the last record of a host plan's journal, which says that everything was executed. */
const afterLastRecord = (steps: readonly string[]): number =>
  steps.findLastIndex((step) => step.startsWith('half of append to')) + 2;

/** Beginning and end of a host plan are tried at every step, what is between at every so many. */
const EDGE = 7;
const STRIDE = 5;

let folder = '';
let ponds: BuiltPonds;
let applying: Scenario;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-crash-host-'));
  ponds = await buildPonds(folder);
  applying = await hostApply(ponds, folder);
});
afterAll(() => removeFolder(folder));

describe('a host plan that is killed at any of its steps', () => {
  it('is undone or completed by host recover, and leaves nothing beside the tree', {
    timeout: LONG,
  }, async () => {
    // `test/host/faults.test.ts` tries every call, in memory; `npm run test:soak` every step of the executable.
    const { steps, points, faults } = await crashMatrix({
      ...applying,
      skips: ({ length }, point) => point > EDGE && point <= length - EDGE && point % STRIDE !== 0,
    });
    expect(faults).toEqual([]);
    expect(steps.length).toBeGreaterThan(90);
    expect(points).toBeGreaterThan(25);
  });
});

describe('a host plan that was killed', () => {
  it('is undone or completed once by two host recovers at once', { timeout: LONG }, async () => {
    const scenario = { ...applying, scratch: join(folder, 'host-apply-shared') };
    const steps = await learnSteps(scenario);
    const recovered: string[][] = [];
    for (const share of [0.3, 0.5, 0.7, 0.9]) {
      const copy = await crashedPond(scenario, `at-${share}`, Math.round(share * steps.length));
      const both = [0, 1].map(() => run(ponds.pond, pondIn(copy), ['host', 'recover', '--json']));
      const ended = await Promise.all(both);
      expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual([
        [0, ''],
        [0, ''],
      ]);
      recovered.push(
        ended.flatMap(({ stdout }) =>
          JSON.parse(stdout).recovered.map(({ outcome }: { readonly outcome: string }) => outcome),
        ),
      );
      expect(await scenario.andThen?.(copy)).toEqual([]);
    }
    // One of the two, whoever comes first, deals with the plan; the other one finds nothing.
    expect(recovered).toEqual(recovered.map(([outcome = 'nobody']) => [outcome]));
    expect(recovered.flat()).toContain('rolled_back');
  });
});

describe('pond recover', () => {
  it('undoes or completes a host plan of the pond that was killed, and says so', {
    timeout: LONG,
  }, async () => {
    const scenario = { ...applying, scratch: join(folder, 'host-apply-recovered') };
    const steps = await learnSteps(scenario);
    const ends = [
      { point: Math.round(steps.length * 0.6), outcome: /rolled back \(\d+ operations\)/ },
      { point: afterLastRecord(steps), outcome: /completed/ },
    ];
    for (const { point, outcome } of ends) {
      const copy = await crashedPond(scenario, `at-${point}`, point);
      const recover = (...more: readonly string[]) => run(ponds.pond, pondIn(copy), ['recover', ...more]);
      const { stderr } = await run(ponds.pond, pondIn(copy), ['list', '--json']);
      expect(JSON.parse(stderr)).toMatchObject({ event: 'unfinished_work', host_plans: 1, tasks: 0 });
      const dry = JSON.parse((await recover('--dry-run', '--json')).stdout);
      expect(dry.host_plans).toMatchObject([{ outcome: 'abandoned', rolled_back: [], errors: [] }]);
      expect((await recover('--dry-run')).stdout).toContain('1 host plan would be undone, or completed');
      expect(JSON.parse((await recover('--post-commit', '--json')).stdout).host_plans).toEqual([]);

      const { code, stdout } = await recover();
      expect(code).toBe(0);
      expect(stdout).toContain(`1 host plan recovered:\n  ${dry.host_plans[0].id}  `);
      expect(stdout).toMatch(outcome);
      expect(await scenario.andThen?.(copy)).toEqual([]);
      expect(JSON.parse((await recover('--json')).stdout).host_plans).toEqual([]);
    }
  });

  it('leaves what a live process exports, also when that is suspended', { timeout: LONG }, async () => {
    const scenario = await hostExport(ponds, join(folder, 'suspended'), 'mirror');
    const copy = await copyOf(scenario, 'copy');
    await scenario.furnish?.(copy);
    const contents = () => namesIn(join(pondIn(copy), 'control/host-exports'));
    const exporting = start(
      ponds.dying,
      pondIn(copy),
      scenario.args.map((word) => word.replaceAll('{folder}', copy)),
      { env: { POND_TEST_DIE_AT: '3', POND_TEST_DIE_FROM: 'host-exports', POND_TEST_DIE_BY: 'SIGSTOP' } },
    );
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

describe.each(['mirror', 'versions'] as const)(
  'an export (%s) that is killed at any of its steps',
  (layout) => {
    it('publishes all of its commit in the end', { timeout: LONG }, async () => {
      const scenario = await hostExport(ponds, folder, layout);
      // Before its task begins it is a commit like any other.
      const begins = (steps: readonly string[]) => steps.findIndex((step) => step.includes('host-exports'));
      const { steps, points, faults } = await crashMatrix({
        ...scenario,
        skips: (all, point) => point < begins(all),
      });
      expect(faults).toEqual([]);
      expect(points).toBeGreaterThan(25);
      expect(steps.some((step) => step.includes('.journal'))).toBe(true);
    });
  },
);

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
          await runDying(scenario, copy, args, point, 'host-exports');
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
