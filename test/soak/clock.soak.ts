import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildPonds, removeFolder } from '../crash/machinery/built-ponds.js';
import { lastTxnSeq, readDeltaLog } from '../crash/machinery/delta-log.js';
import { pondIn } from '../crash/machinery/invariants.js';
import { crowd } from './crowd.js';
import { crowdPond, resultOfCrowd } from './crowd-pond.js';
import { budgetOf, sayProgress, soakFolder, soakOption } from './soak-options.js';

const HOUR = 3_600_000;

it('a crowd of which half live with clocks that jump by an hour loses no commit and ends each task once', async () => {
  const folder = await soakFolder('clock');
  const built = await buildPonds();
  const place = await crowdPond(join(folder, 'crowd'));
  const base = lastTxnSeq(readDeltaLog(pondIn(place)));
  const [processes, commits] = [soakOption('processes'), soakOption('commits')];
  const report = await crowd({
    ponds: { ...built, pond: built.jumping },
    env: { POND_TEST_CLOCK: `0,${HOUR},${-HOUR}`, POND_TEST_CLOCK_LOOKS: '4' },
    folder: place,
    processes,
    commits,
    isOver: budgetOf(soakOption('minutes')),
    seed: soakOption('seed'),
    say: sayProgress,
  });
  const { faults, ...counts } = await resultOfCrowd(built, place, base, report);
  sayProgress(
    `${report.acknowledged.length} acknowledged commits, ${report.kills} kills; ${JSON.stringify(counts)}`,
  );
  expect(faults).toEqual([]);
  expect(report.acknowledged).toHaveLength(processes * commits);
  await removeFolder(folder);
});
