import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltPonds, buildPonds, removeFolder, run } from './machinery/built-ponds.js';
import { crashedPond, crashMatrix, learnSteps, type Scenario } from './machinery/crash-matrix.js';
import { pondIn } from './machinery/invariants.js';
import { hostApply } from './scenarios/host-scenarios.js';

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
  ponds = await buildPonds();
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
      expect((await recover('--dry-run')).stdout).toContain('1 host plan had not ended');
      expect(JSON.parse((await recover('--post-commit', '--json')).stdout).host_plans).toEqual([]);

      const { code, stdout } = await recover();
      expect(code).toBe(0);
      expect(stdout).toContain(`1 host plan had not ended:\n  ${dry.host_plans[0].id}  `);
      expect(stdout).toMatch(outcome);
      expect(await scenario.andThen?.(copy)).toEqual([]);
      expect(JSON.parse((await recover('--json')).stdout).host_plans).toEqual([]);
    }
  });
});
