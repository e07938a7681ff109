import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BuiltPonds, buildPonds, removeFolder, run } from './built-ponds.js';
import { crashedPond, crashMatrix, learnSteps, type Scenario } from './crash-matrix.js';
import { hostApply, hostExport } from './host-scenarios.js';
import { pondIn } from './invariants.js';

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

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
