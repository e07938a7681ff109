import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type BuiltPonds, buildPonds, removeFolder } from '../crash/machinery/built-ponds.js';
import { lastTxnSeq, readDeltaLog } from '../crash/machinery/delta-log.js';
import { pondIn } from '../crash/machinery/invariants.js';
import { crowd } from './crowd.js';
import { crowdPond, resultOfCrowd } from './crowd-pond.js';

/** Milliseconds; on two cores with nothing else to do a twentieth of it is enough. */
const LONG = 600_000;

/** The long form is `npm run test:soak -- crowd`. */
const PROCESSES = 4;
const COMMITS = 6;

let folder = '';
let ponds: BuiltPonds;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-soak-crowd-'));
  ponds = await buildPonds();
});
afterAll(() => removeFolder(folder));

it('processes that write at once, two of them killed and restarted, lose no commit and end each task once', {
  timeout: LONG,
}, async () => {
  const place = await crowdPond(join(folder, 'crowd'));
  const base = lastTxnSeq(readDeltaLog(pondIn(place)));
  const report = await crowd({
    ponds,
    folder: place,
    processes: PROCESSES,
    commits: COMMITS,
    seed: 1,
    isOver: () => false,
    say: () => undefined,
  });
  const { faults, tasks, commits } = await resultOfCrowd(ponds, place, base, report);
  expect(faults).toEqual([]);
  expect(report.acknowledged).toHaveLength(PROCESSES * COMMITS);
  expect(commits).toBeGreaterThanOrEqual(PROCESSES * COMMITS);
  expect(tasks).toBe(3 * commits);
  expect(report.kills).toBeGreaterThan(0);
});
