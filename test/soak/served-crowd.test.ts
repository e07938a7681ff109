import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  type BuiltPonds,
  buildPonds,
  type Running,
  removeFolder,
  start,
} from '../crash/machinery/built-ponds.js';
import { lastTxnSeq, readDeltaLog } from '../crash/machinery/delta-log.js';
import { pondIn } from '../crash/machinery/invariants.js';
import { askJson } from '../crash/scenarios/asking.js';
import { prepare } from '../crash/scenarios/base-ponds.js';
import { eventually } from '../support/condition.js';
import { crowd } from './crowd.js';
import { crowdPond, resultOfCrowd } from './crowd-pond.js';

/** Milliseconds; on two cores with nothing else to do a twentieth of it is enough. */
const LONG = 600_000;

const WRITERS = 6;
const COMMITS = 3;

let folder = '';
let ponds: BuiltPonds;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pond-soak-served-'));
  ponds = await buildPonds();
}, LONG);
afterAll(() => removeFolder(folder));

it('two processes that serve a pond, one of them killed and started again, run the tasks of six writers once each, and nobody recovers by hand', {
  timeout: LONG,
}, async () => {
  const place = await crowdPond(join(folder, 'crowd'));
  const pond = pondIn(place);
  await prepare(pond, ['config', 'set', 'post_commit', 'background']);
  const base = lastTxnSeq(readDeltaLog(pond));
  const servers: Running[] = [];
  const serve = async () => {
    const server = start(ponds.pond, pond, ['serve', '--no-web']);
    servers.push(server);
    await eventually(`it serves: ${server.said()}`, () => server.said().includes('serving'), 120_000);
    return server;
  };
  try {
    await serve();
    const first = await serve();
    const report = await crowd({
      ponds,
      folder: place,
      processes: WRITERS,
      commits: COMMITS,
      seed: 2,
      isOver: () => false,
      say: () => undefined,
    });
    first.child.kill('SIGKILL');
    await first.ended;
    await serve();
    await eventually(
      'all tasks have ended',
      async () => {
        const { incomplete } = (await askJson(pond, 'status')) as { incomplete: Record<string, number> };
        return incomplete.transactions === 0 && incomplete.tasks === 0;
      },
      LONG / 2,
    );
    for (const { child, ended } of servers.filter((server) => server !== first)) {
      child.kill('SIGTERM');
      expect((await ended).code).toBe(0);
    }
    const { faults, commits, tasks } = await resultOfCrowd(ponds, place, base, report);
    expect(faults).toEqual([]);
    expect(commits).toBeGreaterThanOrEqual(WRITERS * COMMITS);
    expect(tasks).toBe(3 * commits);
  } finally {
    for (const { child } of servers) child.kill('SIGKILL');
    await Promise.all(servers.map(({ ended }) => ended));
  }
});
