import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildPonds, removeFolder } from '../crash/machinery/built-ponds.js';
import { sampleOfPairs } from '../crash/machinery/crash-pairs.js';
import { everyScenario } from '../crash/scenarios/every-scenario.js';
import { budgetOf, sayProgress, soakFolder, soakOption } from './soak-options.js';

it('any command that was killed is repaired after a pair of crashes of any kind', async () => {
  const folder = await soakFolder('kinds');
  const ponds = await buildPonds();
  const isOver = budgetOf(soakOption('minutes'));
  const scenarios = await everyScenario(ponds, folder);
  const faults: string[] = [];
  for (const [name, scenario] of Object.entries(scenarios)) {
    if (isOver()) {
      faults.push(`${name}: the time was up`);
      continue;
    }
    const report = await sampleOfPairs(scenario, {
      seed: soakOption('seed'),
      firsts: Number.POSITIVE_INFINITY,
      most: Number.POSITIVE_INFINITY,
      isOver,
      onProgress: (done, of) => {
        if (done % 100 === 0) sayProgress(`${name}: ${done} of ${of} kinds`);
      },
    });
    sayProgress(`${name}: a pair of each of ${report.pairs} kinds: ${report.faults.length} faults`);
    faults.push(...report.faults.map((fault) => `${name}: ${fault}`));
    await writeFile(join(folder, 'faults'), faults.join('\n'));
  }
  expect(faults).toEqual([]);
  await removeFolder(folder);
});
