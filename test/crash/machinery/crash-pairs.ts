import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { seededRandom } from '../../soak/seeded-random.js';
import { removeFolder } from './built-ponds.js';
import {
  copyOf,
  faultsAfter,
  learnSteps,
  RECOVER,
  runDying,
  type Scenario,
  sideBySide,
} from './crash-matrix.js';
import { stepsIn } from './steps-file.js';

/*
 * Pairs of crashes: a command is killed at a step, and what repairs it (the scenario's first rescue) at a step of its
 * own; then it is repaired, and the pond looked at. Each pair begins with a copy of the base: what the first crash left
 * may name places and inodes beside the pond, and so cannot be copied.
 */

/** The pairs that are tried. */
export interface PairOptions {
  /** Whether a pair of steps, from 1, is tried. Default: all are. */
  readonly picks?: (first: number, second: number) => boolean;
  /** Whether the time is up: then no other pair is begun, and that is a fault. */
  readonly isOver?: () => boolean;
  readonly onProgress?: (done: number, of: number) => void;
}

export interface PairsReport {
  /** Pairs of crashes that were tried. */
  readonly pairs: number;
  readonly faults: readonly string[];
}

/** Every pair, or those that are picked. */
export const crashPairs = async (
  scenario: Scenario,
  { picks = () => true, isOver = () => false, onProgress }: PairOptions = {},
): Promise<PairsReport> => {
  const firsts = (await learnSteps(scenario)).map((_, index) => index + 1);
  const faults: string[] = [];
  let [pairs, done] = [0, 0];
  await sideBySide(firsts, async (first) => {
    for (let second = 1; ; second += 1) {
      if (isOver()) {
        faults.push(`the time was up before ${first}, ${second}`);
        return;
      }
      if (!picks(first, second)) {
        if (second > MOST_STEPS) break;
        continue;
      }
      const { isLast, found } = await tryPair(scenario, { first, second });
      pairs += 1;
      faults.push(...found);
      if (isLast) break;
    }
    done += 1;
    onProgress?.(done, firsts.length);
  });
  return { pairs, faults };
};

/** No rescue has more steps. */
const MOST_STEPS = 400;

/** How many pairs a sample has. */
export interface SampleOptions extends Pick<PairOptions, 'isOver' | 'onProgress'> {
  /** Chooses the pairs; a number of the run, to be said where something is wrong. */
  readonly seed: number;
  /**
   * First crashes after which a repair is looked at, at least; at more of them where these have too few kinds. Infinite:
   * at all of them.
   */
  readonly firsts: number;
  /** Pairs, where there are as many kinds. Infinite: one of every kind. */
  readonly most: number;
}

/**
 * One pair of each kind. Two pairs are of a kind when the repairs, where they are killed, had the same steps before
 * them: equal states always have, and states that have are taken to differ in nothing that matters. Which pair stands
 * for its kind is a matter of chance, and where there are too many kinds, which of them are tried.
 */
export const sampleOfPairs = async (
  scenario: Scenario,
  { seed, firsts: fewestFirsts, most, isOver = () => false, onProgress }: SampleOptions,
): Promise<PairsReport> => {
  const random = seededRandom(seed);
  const shuffled = <A>(all: readonly A[]): readonly A[] =>
    all
      .map((one) => ({ one, key: random.fraction() }))
      .sort((a, b) => a.key - b.key)
      .map(({ one }) => one);

  const firsts = shuffled((await learnSteps(scenario)).map((_, index) => index + 1));
  const kinds = new Map<string, Pair>();
  for (let from = 0, to = fewestFirsts; from < firsts.length; from = to, to += MORE_FIRSTS) {
    const repairs = new Map<number, readonly string[]>();
    const some = firsts.slice(from, to);
    await sideBySide(some, async (first) => {
      repairs.set(first, await stepsOfRepair(scenario, first));
    });
    const found = some.flatMap((first) => pairsOf(first, repairs.get(first) ?? []));
    for (const pair of shuffled(found)) kinds.set(pair.ahead, pair);
    if (kinds.size >= most) break;
  }

  const faults: string[] = [];
  const chosen = shuffled([...kinds.values()]).slice(0, most);
  let pairs = 0;
  await sideBySide(chosen, async (pair) => {
    if (isOver()) return;
    faults.push(...(await tryPair(scenario, pair)).found);
    pairs += 1;
    onProgress?.(pairs, chosen.length);
  });
  if (pairs < chosen.length) faults.push(`the time was up after ${pairs} of ${chosen.length} pairs`);
  return { pairs, faults: faults.map((fault) => `seed ${seed}: ${fault}`) };
};

const pairsOf = (first: number, repair: readonly string[]): readonly Pair[] =>
  repair.map((_, index) => ({ first, second: index + 1, ahead: aheadOf(repair, index + 1) }));

/** What a repair still has to do at a step. Whose lock it clears away does not matter. */
const aheadOf = (steps: readonly string[], second: number): string => {
  const [next, ...rest] = steps.slice(second - 1);
  return [next, ...rest.filter((step) => !/^remove runners/.test(step))].join('\n');
};

interface Pair {
  readonly first: number;
  readonly second: number;
  /** What the repair still has to do there. */
  readonly ahead: string;
}

/** Number of further ones that are looked at where there are too few kinds. */
const MORE_FIRSTS = 4;

const stepsOfRepair = async (scenario: Scenario, first: number): Promise<readonly string[]> => {
  const { folder, args } = await crashedFirst(scenario, `${first}-learnt`, first);
  await rm(join(folder, 'steps'));
  await runDying(scenario, folder, args, null);
  // A crash before anything was done leaves nothing to repair, and so no step.
  const steps = existsSync(join(folder, 'steps')) ? await stepsIn(folder) : [];
  await removeFolder(folder);
  return steps;
};

const crashedFirst = async (scenario: Scenario, name: string, first: number) => {
  const folder = await copyOf(scenario, name);
  const { signal, code, stderr } = await runDying(scenario, folder, scenario.args, first);
  if (signal !== 'SIGKILL')
    throw new Error(`${scenario.args[0]}, to be killed at ${first}: ${code} ${stderr}`);
  await scenario.settle?.(folder);
  const [{ args }] = [...(scenario.rescue?.(folder) ?? []), RECOVER] as const;
  return { folder, args };
};

const tryPair = async (scenario: Scenario, { first, second }: Omit<Pair, 'ahead'>) => {
  const { folder, args } = await crashedFirst(scenario, `${first}-${second}`, first);
  const reached = await stepsIn(folder);
  const repair = await runDying(scenario, folder, args, second);
  const steps = await stepsIn(folder);
  await scenario.settle?.(folder);
  const found = await faultsAfter(scenario, folder);
  if (found.length === 0) await removeFolder(folder);
  else await writeFile(join(folder, 'faults'), found.join('\n'));
  return {
    // It has no such step: it came to its end.
    isLast: repair.signal !== 'SIGKILL',
    found: found.map((fault) => `${first} ("${reached.at(-1)}"), ${second} ("${steps.at(-1)}"): ${fault}`),
  };
};
