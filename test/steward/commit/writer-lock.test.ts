import { isLeft, right } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import { sqliteLocks } from '../../../src/adapters/sqlite/sqlite-locks.js';
import type { OpenTransaction } from '../../../src/control/records/transaction-summary.js';
import { livePorts } from '../../../src/live-ports.js';
import { refusedByParent } from '../../../src/steward/commit/writers/inside-write.js';
import { withWriterLock } from '../../../src/steward/commit/writers/writer-lock.js';
import { openPond } from '../../../src/steward/pond/opening/open-pond.js';
import type { Pond } from '../../../src/steward/pond/pond.js';
import { findLeftBehind } from '../../../src/steward/recovery/unfinished-work.js';
import { diskPond } from '../../serve/serving.js';
import { eventually } from '../../support/condition.js';
import { memoryLogger } from '../../support/memory-logger.js';
import { ok, writing } from '../memory-steward.js';

const gate = () => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
};

const write: OpenTransaction = {
  txnSeq: 7,
  txnId: 'seven',
  basedOnSeq: 6,
  transactionType: 'write',
  startedAt: 0,
  cliArgs: [],
  environment: {},
  dataCommitted: false,
  traceParent: null,
  intendedVersion: null,
};

describe('the writer’s lock', () => {
  test('goes to who waits before a process that has had it and writes again at once', async () => {
    const pond = await diskPond();
    const busy = await pond.open();
    const waiting = await pond.open();
    const order: string[] = [];
    const first = gate();
    const repeated = (async () => {
      for (let at = 0; at < 5; at += 1) {
        ok(
          await busy.write(({ fs }) => async () => {
            order.push('busy');
            if (at === 0) await first.opened;
            return fs.write(`/a${at}`, Buffer.from('a'))();
          })(),
        );
      }
    })();
    await eventually('the first one writes', () => order.length > 0);
    const other = waiting.write(({ fs }) => {
      order.push('other');
      return fs.write('/b', Buffer.from('b'));
    })();
    await eventually('the other one waits', () =>
      ok(sqliteLocks.isHeld(`${pond.directory}/control/writer.queue`)()),
    );
    first.open();
    ok(await other);
    await repeated;
    expect(order).toEqual(['busy', 'other', 'busy', 'busy', 'busy', 'busy']);
    await busy.close()();
    await waiting.close()();
  });

  test('is waited for as long as writes of the same program get their turns, however many they are', async () => {
    const pond = await diskPond();
    const steward = await pond.open({ lockTimeoutMs: 1_500 });
    const one = (at: number) =>
      steward.write(({ fs }) => async () => {
        await new Promise((done) => setTimeout(done, 250));
        return fs.write(`/a${at}`, Buffer.from('a'))();
      })();
    const all = await Promise.all(Array.from({ length: 9 }, (_, at) => one(at)));
    expect(all.filter(isLeft)).toEqual([]);
    await steward.close()();
  });

  test('names in its message who holds it, also where nothing is written', async () => {
    const disk = await diskPond();
    const ports = livePorts(memoryLogger().logger);
    const holding: Pond = ok(await openPond(ports, disk.directory, { cliArgs: ['maintain'] })());
    const held = gate();
    const done = gate();
    const work = withWriterLock(holding, new AbortController().signal, async () => {
      held.open();
      await done.opened;
      return right(undefined);
    })();
    await held.opened;
    const steward = await disk.open({ lockTimeoutMs: 1 });
    const locked = await writing('/in/a')(steward)();
    expect(isLeft(locked) && locked.left).toMatchObject({
      _tag: 'PondLocked',
      holder: { pid: process.pid, command: 'maintain' },
    });
    done.open();
    ok(await work);
    ok(await writing('/in/a')(steward)());
    await steward.close()();
    holding.control.close();
  });
});

describe('a write while a parent of its process writes', () => {
  const beside = async (begunAt: number) => {
    const environment = { pid: 1, host: 'here' };
    const open: OpenTransaction = { ...write, startedAt: begunAt, environment };
    const ancestry = () => [9, 1].map((pid) => ({ pid, group: 9 }));
    return refusedByParent({
      ports: { host: { hostName: 'here', startedAt: () => 500, ancestry } },
      control: { findIncompleteTransactions: () => async () => right([open]) },
      writerLock: { name: '/pond/control/writer.lock' },
    } as unknown as Pond);
  };

  test('is refused where it was started by that write, and waits where it was there before', async () => {
    expect(await beside(400)).toMatchObject({ _tag: 'RefusedInsideWrite', pid: 1 });
    expect(await beside(600)).toBeNull();
  });
});

describe('what killed processes have left', () => {
  /** A pond as it is found: its open transactions at each look, one after another, and a free lock. */
  const found = (...looks: readonly (readonly OpenTransaction[])[]): Pond => {
    const rest = [...looks];
    return {
      directory: '/pond',
      ports: {
        files: { readDirectory: () => () => right([]) },
        hostPlans: () => ({ countAbandoned: () => right(0) }),
      },
      control: {
        findIncompleteTransactions: () => async () => right(rest.shift()),
        commitsWithTasks: () => async () => right([]),
      },
      writerLock: { isHeld: () => async () => right(false) },
    } as unknown as Pond;
  };
  test('is not a write that was recorded as ended while it was looked for: nobody locks the pond to repair it', async () => {
    expect(ok(await findLeftBehind(found([write], []))())).toEqual({ isInterrupted: false, endless: [] });
    const landed = { ...write, dataCommitted: true };
    expect(ok(await findLeftBehind(found([write], [landed]))())).toEqual({
      isInterrupted: false,
      endless: [],
    });
  });

  test('is a write that is open although nobody holds the lock, and a commit that lacks its last record', async () => {
    expect(ok(await findLeftBehind(found([write], [write]))())).toMatchObject({ isInterrupted: true });
    const landed = { ...write, dataCommitted: true };
    expect(ok(await findLeftBehind(found([landed], [landed]))())).toEqual({
      isInterrupted: false,
      endless: [landed],
    });
  });
});
