import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Which pairs are tried. */
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

/**
 * A command is killed at each of its steps, and after each of these crashes what repairs it (the scenario's first
 * rescue) at each of its own; then it is repaired, and the pond looked at. Each pair begins with a copy of the base:
 * what the first crash left may name places beside the pond, and so cannot be copied.
 */
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
      const { isLast, found, at } = await tryPair(scenario, first, second);
      pairs += 1;
      faults.push(...found.map((fault) => `${first} ("${at.first}"), ${second} ("${at.second}"): ${fault}`));
      if (isLast) break;
    }
    done += 1;
    onProgress?.(done, firsts.length);
  });
  return { pairs, faults };
};

/** No rescue has more steps. */
const MOST_STEPS = 400;

const tryPair = async (scenario: Scenario, first: number, second: number) => {
  const folder = await copyOf(scenario, `${first}-${second}`);
  const [{ args }] = [...(scenario.rescue?.(folder) ?? []), RECOVER] as const;
  await runDying(scenario, folder, scenario.args, first);
  const reached = await stepsIn(folder);
  const repair = await runDying(scenario, folder, args, second);
  const steps = await stepsIn(folder);
  const found = await faultsAfter(scenario, folder);
  if (found.length === 0) await removeFolder(folder);
  else await writeFile(join(folder, 'faults'), found.join('\n'));
  return {
    // It has no such step: it came to its end.
    isLast: repair.signal !== 'SIGKILL',
    found,
    at: { first: reached.at(-1) ?? '', second: steps.at(-1) ?? '' },
  };
};
