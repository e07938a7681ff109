import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildPonds, removeFolder } from '../crash/machinery/built-ponds.js';
import { killsPond } from './kill-invariants.js';
import { randomKills } from './random-kills.js';
import { budgetOf, sayProgress, soakFolder, soakOption } from './soak-options.js';

/** Number of ponds at once. */
const LANES = 2;

/** A pond dies so often before the next one is made: long histories are another part's business. */
const KILLS_OF_ONE = 125;

it('any command killed at any moment leaves a pond that recovery makes whole', async () => {
  const folder = await soakFolder('kills');
  const kills = soakOption('kills');
  const ponds = await buildPonds();
  const isOver = budgetOf(soakOption('minutes'));
  const numbers = Array.from({ length: Math.ceil(kills / KILLS_OF_ONE) }, (_, index) => index).values();
  const totals = new Map<string, number>();
  const faults: string[] = [];
  const lane = async () => {
    for (const number of numbers) {
      const place = await killsPond(join(folder, `pond-${number}`));
      const seed = soakOption('seed') + number;
      const report = await randomKills({
        ponds,
        folder: place,
        seed,
        isOver,
        kills: Math.min(KILLS_OF_ONE, kills - number * KILLS_OF_ONE),
        say: (line) => sayProgress(`pond ${number}: ${line}`),
      });
      for (const [kind, count] of report.killed) totals.set(kind, (totals.get(kind) ?? 0) + count);
      sayProgress(
        `pond ${number}: done; ${report.landed} commits landed although killed, ${report.survived} were too fast`,
      );
      faults.push(...report.faults.map((fault) => `${place}, seed ${seed}: ${fault}`));
      if (report.faults.length === 0) await removeFolder(place);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  sayProgress(`killed: ${[...totals].map(([kind, count]) => `${kind} ${count}`).join(', ')}`);
  expect(faults).toEqual([]);
  expect([...totals.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(kills);
  await removeFolder(folder);
});
