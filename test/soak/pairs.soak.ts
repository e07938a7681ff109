import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildPonds, removeFolder } from '../crash/machinery/built-ponds.js';
import { crashMatrix } from '../crash/machinery/crash-matrix.js';
import { crashPairs } from '../crash/machinery/crash-pairs.js';
import { everyScenario } from '../crash/scenarios/every-scenario.js';
import { budgetOf, sayProgress, soakFolder, soakOption } from './soak-options.js';

it('any command, killed at any step, is repaired by a recovery that was itself killed at any step before', async () => {
  const folder = await soakFolder('pairs');
  const ponds = await buildPonds();
  const isOver = budgetOf(soakOption('minutes'));
  const stride = soakOption('stride');
  const offset = soakOption('seed') % stride;
  const scenarios = await everyScenario(ponds, folder);
  const faults: string[] = [];
  for (const [name, scenario] of Object.entries(scenarios)) {
    const singles = await crashMatrix(scenario);
    sayProgress(`${name}: killed at each of ${singles.points} steps: ${singles.faults.length} faults`);
    const report = await crashPairs(scenario, {
      picks: (first, second) => (first + second) % stride === offset,
      isOver,
      onProgress: (done, of) => {
        if (done % 10 === 0) sayProgress(`${name}: ${done} of ${of} steps, with each of recovery's`);
      },
    });
    sayProgress(`${name}: ${report.pairs} pairs: ${report.faults.length} faults`);
    faults.push(...[...singles.faults, ...report.faults].map((fault) => `${name}: ${fault}`));
    await writeFile(join(folder, 'faults'), faults.join('\n'));
  }
  expect(faults).toEqual([]);
  await removeFolder(folder);
});
