import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isLeft, left } from 'fp-ts/lib/Either.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeFileSystem } from '../../../src/adapters/node/files/node-file-system.js';
import { nodeAppendLogs } from '../../../src/adapters/node/node-append-logs.js';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { uuidIds } from '../../../src/adapters/node/uuid-ids.js';
import { sqliteLocks } from '../../../src/adapters/sqlite/sqlite-locks.js';
import { hostPlansIn } from '../../../src/host-plans/host-plans.js';
import type { HostFileSystem } from '../../../src/ports/file-system.js';
import { memoryLogger } from '../../support/memory-logger.js';
import { authorPorts } from '../machinery/author-ports.js';
import { NEVER, planOf } from '../machinery/memory-world.js';

const ANN = authorPorts('ann');

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pond-steward-host-'));
  mkdirSync(join(folder, 'state'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const state = () => join(folder, 'state');
const plansOn = (files: HostFileSystem) => {
  const { logger } = memoryLogger();
  const shared = { logs: nodeAppendLogs, locks: sqliteLocks, ids: uuidIds, clock: nodeClock, ...ANN };
  return hostPlansIn({ ...shared, files, logger, pid: 1 }, state());
};
const onePlan = () => planOf([{ id: 'a', kind: 'DirCreate', path: join(folder, 'new') }]);

describe('beside the checkpoints', () => {
  test('the lock that a crash left without its checkpoint is removed by recovery, one that is held is not', async () => {
    const acquired = ['abandoned', 'held'].map((name) => sqliteLocks.tryAcquire(`${state()}/${name}.lock`)());
    const [abandoned] = acquired;
    if (abandoned === undefined || isLeft(abandoned)) throw new Error('not locked');
    abandoned.right?.release();
    expect(await plansOn(nodeFileSystem).recover({ again: false })()).toMatchObject({ right: [] });
    expect(readdirSync(state())).toEqual(['held.lock']);
  });

  test('nothing is left of one that could not be made durable, and its plan is not executed', async () => {
    const fsyncDirectory: HostFileSystem['fsyncDirectory'] = (path) => () =>
      path === state()
        ? left({ _tag: 'FileSystemError', call: 'fsync', path, code: 'EIO' })
        : nodeFileSystem.fsyncDirectory(path)();
    const { execute } = plansOn({ ...nodeFileSystem, fsyncDirectory });
    const done = await execute(onePlan(), { concurrency: 1, signal: NEVER })();
    expect(done).toMatchObject({ left: { _tag: 'ExecutionFailed', report: { skipped: ['a'] } } });
    expect(readdirSync(state())).toEqual([]);
    expect(readdirSync(folder)).toEqual(['state']);
  });

  test('a plan whose lock is swept away while it begins is not executed without one', async () => {
    // The sweep comes between the creation of the lock's file and its locking.
    const tryAcquire: typeof sqliteLocks.tryAcquire = (path) => () => {
      const acquired = sqliteLocks.tryAcquire(path)();
      sqliteLocks.remove(path)();
      return acquired;
    };
    const { logger } = memoryLogger();
    const ports = { files: nodeFileSystem, logs: nodeAppendLogs, ids: uuidIds, clock: nodeClock, ...ANN };
    const plans = hostPlansIn({ ...ports, logger, pid: 1, locks: { ...sqliteLocks, tryAcquire } }, state());
    const done = await plans.execute(onePlan(), { concurrency: 1, signal: NEVER })();
    expect(done).toMatchObject({ left: { report: { errors: [{ error: { _tag: 'CheckpointFailed' } }] } } });
    expect(readdirSync(folder)).toEqual(['state']);
  });
});
