import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { NOTHING_BEGINS, type ReadyClaim } from '../../src/control/fleet-table.js';
import { changeSignal } from '../../src/serve/change-signal.js';
import { readyClaims } from '../../src/serve/tasks/ready-claims.js';
import { runningClaims } from '../../src/serve/tasks/running-claims.js';
import { ok } from '../steward/memory-steward.js';

const place = { runnerId: 'r', host: 'h', queues: [] };

const claimed: ReadyClaim = {
  token: 1,
  txnId: 'a',
  runnerId: 'r',
  parentTxnSeq: 1,
  executionSeq: 1,
  configPath: '/etc/system.d/1',
  attempts: 0,
  needsCompleted: true,
  dataFsVersion: 1,
  begun: null,
};

/** A worker with two places, and what it does: waits, and questions, which say whether it is asked first if anything is ready. */
const worker = () => {
  const seen: string[] = [];
  const over = new AbortController();
  let meanwhile = (): void => undefined;
  const arrivals = changeSignal();
  const running = runningClaims(() => new Promise((resolve) => setImmediate(resolve)));
  let found: readonly ReadyClaim[] = [];
  const ready = readyClaims(
    {
      news: changeSignal(),
      arrivals,
      pond: {
        ports: {
          clock: {
            monotonicMs: () => 0,
            nowMicros: () => 0,
            sleep: async (ms) => {
              seen.push(`waits ${ms}`);
              meanwhile();
            },
          },
        },
      },
    },
    {
      claimReady: (_place, { limit, isAnyReady }) => {
        seen.push(`${isAnyReady ? 'claims' : 'asks'} ${limit}`);
        return TE.right(found);
      },
    },
    {
      concurrency: 2,
      tasks: { beginning: () => NOTHING_BEGINS },
      running,
    },
  );
  return {
    running,
    ready,
    over,
    /** What happens while it waits. */
    during: (what: () => void) => {
      meanwhile = what;
    },
    /** Tasks come to be, of which these are for this worker when it asks. */
    arrives: async (claims: readonly ReadyClaim[]) => {
      arrivals.tell();
      found = claims;
      ok(await ready.claim(place, over.signal)());
      await new Promise(setImmediate);
      return seen.splice(0);
    },
    looks: async () => {
      ok(await ready.claim(place, over.signal)());
      await new Promise(setImmediate);
      return seen.splice(0);
    },
  };
};

test('a worker claims at once what arrives, and lets others go first once it has come too late, until something is for it again', async () => {
  const { arrives, looks } = worker();
  expect(await arrives([claimed])).toEqual(['claims 2']);
  expect(await arrives([])).toEqual(['claims 2']);
  expect(await arrives([])).toEqual(['waits 4', 'asks 2']);
  expect(await arrives([claimed])).toEqual(['waits 4', 'asks 2']);
  expect(await arrives([claimed])).toEqual(['claims 2']);
  // What does not arrive is nobody else's.
  expect(await looks()).toEqual(['asks 2']);
});

test('a worker that finds something by itself is first again', async () => {
  const { arrives, looks } = worker();
  await arrives([]);
  await arrives([claimed]);
  expect(await looks()).toEqual(['asks 2']);
  expect(await arrives([claimed])).toEqual(['claims 2']);
});

test('a worker whose places are taken while it lets others go first asks for nothing; nor does one that is to stop meanwhile', async () => {
  const { arrives, during, running, ready, over } = worker();
  await arrives([]);
  during(() => {
    // Two tasks run, and the end of one is recorded, for whose place another is asked.
    running.begin([claimed, { ...claimed, token: 2 }], over.signal);
    expect(ready.orderFor(place, over.signal).wanted([claimed])).toBe(1);
  });
  expect(await arrives([claimed])).toEqual(['waits 4']);
  const stopped = worker();
  await stopped.arrives([]);
  stopped.during(() => stopped.over.abort());
  expect(await stopped.arrives([claimed])).toEqual(['waits 4']);
});
