import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutEverywhere } from '../power-loss/protocols.js';
import { commitProtocol } from '../power-loss/scenarios.js';
import { seededRandom } from '../soak/seeded-random.js';
import { buildPonds, removeFolder } from './machinery/built-ponds.js';
import { chosenSeed } from './machinery/chosen-seed.js';
import { crashMatrix, type Scenario } from './machinery/crash-matrix.js';
import { beginningScenarios } from './scenarios/beginning-scenarios.js';
import { commitScenarios } from './scenarios/commit-scenarios.js';
import { hostApply, hostExport } from './scenarios/host-scenarios.js';

/** Milliseconds; on two cores with nothing else to do a twentieth of it is enough. */
const LONG = 600_000;

/** The power is cut at one of so many steps. */
const STRIDE = 4;

const seed = chosenSeed();

/** Steps that are chosen by chance, and those on both sides of the first one that `around` matches. */
const some = (count: number, around: RegExp | null): Pick<Scenario, 'skips'> => {
  let chosen: ReadonlySet<number> | null = null;
  const choose = (steps: readonly string[]): ReadonlySet<number> => {
    const random = seededRandom(seed);
    const landing = around === null ? -1 : steps.findIndex((step) => around.test(step));
    return new Set([
      ...(landing < 0 ? [] : [landing, landing + 1, landing + 2]),
      ...Array.from({ length: count }, () => 1 + Math.floor(random.fraction() * steps.length)),
    ]);
  };
  return {
    skips: (steps, point) => {
      chosen ??= choose(steps);
      return !chosen.has(point);
    },
  };
};

/** Other commands, of which so many are tried. */
const OTHERS = [
  { title: 'a commit that merges files takes nothing away', name: 'tenth' },
  { title: 'a retry runs no completed task again', name: 'retry' },
  { title: 'an init has made a pond, or can simply be repeated', name: 'init' },
  { title: 'a rebuild of the control table can simply be repeated', name: 'rebuild' },
  { title: 'a host plan is undone or completed', name: 'hostApply' },
  { title: 'an export publishes all of its commit in the end', name: 'mirror' },
];
const OTHERS_TRIED = 2;

/** Some of `all`, chosen by chance, in their order. */
const chosenOf = <A>(all: readonly A[], count: number): readonly A[] => {
  const random = seededRandom(seed);
  const byChance = all.map((one) => ({ one, place: random.fraction() })).sort((a, b) => a.place - b.place);
  const chosen = new Set(byChance.slice(0, count).map(({ one }) => one));
  return all.filter((one) => chosen.has(one));
};

const COMMIT_POINT = /^link .*_delta_log/;

describe(`a sample of what \`npm run test:crash\` tries, with the seed ${seed}:`, { timeout: LONG }, () => {
  let folder = '';
  let scenarios: Readonly<Record<string, Scenario>>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-sample-'));
    const ponds = await buildPonds({ fewDie: true });
    scenarios = {
      ...(await commitScenarios(ponds, folder)),
      ...(await beginningScenarios(ponds, folder)),
      hostApply: await hostApply(ponds, folder),
      mirror: await hostExport(ponds, folder, 'mirror'),
    };
  }, LONG);
  afterAll(() => removeFolder(folder));

  it.each([
    { title: 'a commit with tasks is there whole or not at all', name: 'withTasks', around: COMMIT_POINT },
    ...chosenOf(OTHERS, OTHERS_TRIED).map((other) => ({ ...other, around: null })),
  ])('killed at some of its steps, $title', async ({ name, around }) => {
    const scenario = scenarios[name];
    if (scenario === undefined) throw new Error(`no scenario ${name}`);
    const { points, faults } = await crashMatrix({ ...scenario, ...some(1, around) });
    expect(faults).toEqual([]);
    expect(points).toBeGreaterThan(around === null ? 0 : 2);
  });

  it('a commit whose power is cut at some of its steps is there whole or not at all', async () => {
    const { disks, faults } = await cutEverywhere(await commitProtocol(), {
      most: 2,
      seed,
      cuts: (step) => step % STRIDE === seed % STRIDE,
    });
    expect(faults).toEqual([]);
    expect(disks).toBeGreaterThan(5);
  });
});
