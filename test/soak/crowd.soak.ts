import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildPonds, removeFolder } from '../crash/machinery/built-ponds.js';
import { lastTxnSeq, readDeltaLog } from '../crash/machinery/delta-log.js';
import { pondIn } from '../crash/machinery/invariants.js';
import { crowd } from './crowd.js';
import { crowdPond, resultOfCrowd } from './crowd-pond.js';
import { budgetOf, sayProgress, soakFolder, soakOption } from './soak-options.js';

it('a crowd of processes, two of them killed and restarted, loses no commit and ends each task once', async () => {
  const folder = await soakFolder('crowd');
  const [processes, commits] = [soakOption('processes'), soakOption('commits')];
  const ponds = await buildPonds();
  const place = await crowdPond(join(folder, 'crowd'));
  const base = lastTxnSeq(readDeltaLog(pondIn(place)));
  const isOver = budgetOf(soakOption('minutes'));
  sayProgress(`${processes} processes, ${commits} commits each, in ${place}`);
  const report = await crowd({
    ponds,
    folder: place,
    processes,
    commits,
    isOver,
    seed: soakOption('seed'),
    say: sayProgress,
  });
  sayProgress(`${report.kills} kills; now recovery, and everything is looked at`);
  const { faults, ...counts } = await resultOfCrowd(ponds, place, base, report);
  sayProgress(`${report.acknowledged.length} acknowledged commits; ${JSON.stringify(counts)}`);
  expect(faults).toEqual([]);
  expect(report.acknowledged).toHaveLength(processes * commits);
  expect(counts.tasks).toBe(3 * counts.commits);
  await removeFolder(folder);
});
