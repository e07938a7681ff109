import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildPonds, removeFolder } from '../crash/machinery/built-ponds.js';
import { filesUpTo, runShort, type Scarcity } from '../crash/machinery/full-disk.js';
import { everyScenario } from '../crash/scenarios/every-scenario.js';
import { scarceScenarios } from '../crash/scenarios/full-disk-scenarios.js';
import { tmpfsWith, whyNoTmpfs } from './small-tmpfs.js';
import { budgetOf, sayProgress, soakFolder, soakOption } from './soak-options.js';

const KIB = 1024;

const every = (step: number, upTo: number): readonly number[] =>
  Array.from({ length: Math.ceil(upTo / step) }, (_, index) => index * step);

it('any command says that it has too little room, whatever there is, and nothing is lost', async () => {
  const folder = await soakFolder('room');
  const ponds = await buildPonds();
  const isOver = budgetOf(soakOption('minutes'));
  const step = soakOption('step') * KIB;
  const upTo = soakOption('upto') * KIB;
  const unmountable = await whyNoTmpfs();
  const ways: Readonly<Record<string, readonly Scarcity[]>> = {
    'a limit for each file': every(step, upTo).map(filesUpTo),
    ...(unmountable === null ? { 'a small filesystem': every(step, upTo).map(tmpfsWith) } : {}),
  };
  const notRun = `NOT RUN on a small filesystem, which takes root: ${unmountable}`;
  if (unmountable !== null) sayProgress(notRun);
  const scenarios = { ...(await everyScenario(ponds, folder)), ...(await scarceScenarios(ponds, folder)) };
  const faults: string[] = [];
  for (const [name, scenario] of Object.entries(scenarios)) {
    for (const [way, all] of Object.entries(ways)) {
      if (isOver()) {
        faults.push(`the time was up before ${name}, ${way}`);
        continue;
      }
      const report = await runShort(scenario, all);
      sayProgress(
        `${name}, ${way}: ${all.length} sizes, ${report.faults.length} faults; ${report.said.join(' ')}`,
      );
      faults.push(...report.faults.map((fault) => `${name}, ${way}: ${fault}`));
      await writeFile(join(folder, 'faults'), faults.join('\n'));
    }
  }
  if (unmountable !== null) sayProgress(notRun);
  expect(faults).toEqual([]);
  await removeFolder(folder);
});
