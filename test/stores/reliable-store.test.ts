import { getEventListeners } from 'node:events';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { describe, expect, test, vi } from 'vitest';
import { NO_TELEMETRY } from '../../src/ports/no-telemetry.js';
import type { Telemetry } from '../../src/ports/telemetry.js';
import type { StoreAccess } from '../../src/stores/one-request.js';
import { probeStore } from '../../src/stores/probe.js';
import { rangesOf } from '../../src/stores/ranges-of.js';
import { reliableStore } from '../../src/stores/reliable-store.js';
import { PART_SIZE, sendLarge } from '../../src/stores/send-large.js';
import { memoryLogger } from '../support/memory-logger.js';
import { type MemoryStore, memoryStore, type StoreFault } from '../support/memory-store.js';

/** Time that passes by being waited for. */
const clockOfWaits = () => {
  const waits: number[] = [];
  return {
    waits,
    clock: {
      nowMicros: () => 0,
      monotonicMs: () => 0,
      giveWay: async () => undefined,
      sleep: async (milliseconds: number, signal?: AbortSignal) => {
        // A deadline is longer than any pause, and passes only where nothing else happens.
        if (milliseconds >= 30_000) {
          await new Promise<void>((resolve) => {
            signal?.addEventListener('abort', () => resolve());
            setImmediate(() => setImmediate(() => setImmediate(resolve)));
          });
          return;
        }
        waits.push(milliseconds);
      },
    },
  };
};

const over = (store: MemoryStore, given: Partial<StoreAccess> = {}) => {
  const { clock, waits } = clockOfWaits();
  const access = {
    clock,
    random: { fraction: () => 0.5 },
    telemetry: NO_TELEMETRY,
    trace: null,
    signal: new AbortController().signal,
    ...given,
  };
  return { reliable: reliableStore(store, access), waits };
};

/** Faults of the first requests, in order. */
const first = (...faults: readonly StoreFault[]) => ({
  fault: ({ count }: { readonly count: number }) => faults[count - 1] ?? null,
});

const absent = { _tag: 'Absent' } as const;

describe('a reliable store', () => {
  test('what may succeed later is tried again, after waits that grow', async () => {
    const { reliable, waits } = over(memoryStore(first('unreached', 'conflict', 'unreached')));
    expect(isRight(await reliable.put({ key: 'a', content: Buffer.from('x') })())).toBe(true);
    expect(waits).toEqual([100, 200, 400]);
  });

  test('what cannot succeed is not tried again', async () => {
    const store = memoryStore(first('denied'));
    const { reliable } = over(store);
    expect(await reliable.get({ key: 'a' })()).toMatchObject({ left: { code: 'AccessDenied' } });
    expect(store.requests).toHaveLength(1);
  });

  test('a request that stalls ends at its deadline, and is repeated', async () => {
    const store = memoryStore(first('stall'));
    const { reliable } = over(store);
    expect(isRight(await reliable.put({ key: 'a', content: Buffer.from('x') })())).toBe(true);
    expect(store.requests).toHaveLength(2);
  });

  test('a store that is silent is said to be, at once and once until it answers again', async () => {
    const { logger, lines } = memoryLogger();
    const stalls = [1, 2, 3, 6];
    const store = memoryStore({ fault: ({ count }) => (stalls.includes(count) ? 'stall' : null) });
    const { reliable } = over(store, { logger });
    for (const key of ['a', 'b']) await reliable.put({ key, content: Buffer.from('x') })();
    const said = {
      level: 'warn',
      event: 'store_silent',
      fields: { request: 'put a', error: 'no answer within 30 s; it goes on being asked, at most 6 times' },
    };
    expect(lines).toMatchObject([said]);
    await reliable.put({ key: 'c', content: Buffer.from('x') })();
    expect(lines).toMatchObject([said, { event: 'store_silent', fields: { request: 'put c' } }]);
  });

  test('a store that never answers is given up in bounded tries', async () => {
    const store = memoryStore({ fault: () => 'unreached' });
    const { reliable } = over(store);
    expect(await reliable.get({ key: 'a' })()).toMatchObject({ left: { code: 'ECONNREFUSED' } });
    expect(store.requests).toHaveLength(6);
  });

  test('a conditional put whose answer got lost has succeeded, and nothing is written twice', async () => {
    const store = memoryStore(first('lost'));
    const { reliable } = over(store);
    expect(isRight(await reliable.put({ key: 'a', content: Buffer.from('x'), condition: absent })())).toBe(
      true,
    );
    expect(store.requests.map(({ call }) => call)).toEqual(['put', 'get']);
  });

  test('a conditional put whose answer got lost, before which somebody else was faster, has failed', async () => {
    const objects = new Map<string, Uint8Array>();
    const store = memoryStore(
      {
        fault: ({ count }) => {
          if (count > 1) return null;
          objects.set('a', Buffer.from('theirs'));
          return 'unreached';
        },
      },
      objects,
    );
    const { reliable } = over(store);
    expect(await reliable.put({ key: 'a', content: Buffer.from('mine'), condition: absent })()).toMatchObject(
      {
        left: { _tag: 'ConditionFailed', key: 'a' },
      },
    );
    expect(Buffer.from(objects.get('a') ?? []).toString()).toBe('theirs');
  });

  test('a request beyond the budget of the day is not made', async () => {
    const store = memoryStore();
    const used = { requests: 8, bytesSent: 50, bytesReceived: 40 };
    const { reliable } = over(store, { budget: { maxBytes: 100, maxRequests: 10, usedBefore: used } });
    const put = (bytes: number) => reliable.put({ key: 'a', content: Buffer.alloc(bytes) })();
    expect(await put(11)).toMatchObject({ left: { _tag: 'BudgetSpent', what: 'bytes', limit: 100 } });
    expect(isRight(await put(10))).toBe(true);
    expect(isRight(await reliable.head('a')())).toBe(true);
    expect(await reliable.head('a')()).toMatchObject({
      left: { _tag: 'BudgetSpent', what: 'requests', limit: 10 },
    });
    expect(store.requests).toHaveLength(2);
  });

  test('requests under way count for the budget: those that are made at once do not go beyond it together', async () => {
    const none = { requests: 0, bytesSent: 0, bytesReceived: 0 };
    const atOnce = async (maxBytes: number | null, maxRequests: number | null) => {
      const store = memoryStore();
      const { reliable } = over(store, { budget: { maxBytes, maxRequests, usedBefore: none } });
      const puts = ['a', 'b', 'c'].map((key) => reliable.put({ key, content: Buffer.alloc(6) })());
      const made = (await Promise.all(puts)).map((put) => (isLeft(put) ? put.left._tag : 'made'));
      return [made, store.requests.length];
    };
    expect(await atOnce(13, null)).toEqual([['made', 'made', 'BudgetSpent'], 2]);
    expect(await atOnce(null, 1)).toEqual([['made', 'BudgetSpent', 'BudgetSpent'], 1]);
  });

  test('requests and bytes are counted, and each request is a span of its class', async () => {
    const spans: string[] = [];
    const counted: Record<string, number> = {};
    const telemetry: Telemetry = {
      ...NO_TELEMETRY,
      startSpan: (start) => {
        spans.push(start.name);
        return NO_TELEMETRY.startSpan(start);
      },
      add: (counter, amount) => {
        counted[counter] = (counted[counter] ?? 0) + amount;
      },
    };
    const { reliable } = over(memoryStore(first('unreached')), { telemetry });
    await reliable.put({ key: 'a', content: Buffer.alloc(7) })();
    await reliable.get({ key: 'a' })();
    expect(spans).toEqual(['store.Put', 'store.Put', 'store.Get']);
    expect(counted).toEqual({
      'pond.store.requests': 3,
      'pond.store.bytes.sent': 14,
      'pond.store.bytes.received': 7,
    });
    expect(reliable.usage()).toEqual({ requests: 3, bytesSent: 14, bytesReceived: 7 });
  });

  test('after an interruption no request is made', async () => {
    const ending = new AbortController();
    const store = memoryStore();
    const { reliable } = over(store, { signal: ending.signal });
    ending.abort();
    expect(await reliable.get({ key: 'a' })()).toMatchObject({ left: { code: 'INTERRUPTED' } });
    expect(store.requests).toEqual([]);
  });

  test('nobody listens for an interruption where no request is under way, however many stores were opened', async () => {
    const ending = new AbortController();
    for (const key of ['a', 'b', 'c']) {
      const { reliable } = over(memoryStore(), { signal: ending.signal });
      expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
      const put = reliable.put({ key, content: Buffer.from('x') })();
      const get = reliable.get({ key })();
      expect(getEventListeners(ending.signal, 'abort')).toHaveLength(1);
      await Promise.all([put, get]);
    }
    expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
  });

  test('however many requests wait to be made again, one listens for an interruption, which ends all their waits', async () => {
    const ending = new AbortController();
    const { clock } = clockOfWaits();
    let asleep = 0;
    const sleep = (milliseconds: number, signal?: AbortSignal) => {
      if (milliseconds >= 30_000) return clock.sleep(milliseconds, signal);
      asleep += 1;
      return new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
    };
    const { reliable } = over(memoryStore({ fault: () => 'unreached' }), {
      signal: ending.signal,
      clock: { ...clock, sleep },
    });
    const probed = probeStore(reliable, 'x')();
    await vi.waitFor(() => expect(asleep).toBe(16));
    expect(getEventListeners(ending.signal, 'abort').length).toBeLessThanOrEqual(2);
    ending.abort();
    expect(await probed).toMatchObject({ left: { code: 'INTERRUPTED' } });
    expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
  });

  test('a list takes as many pages as there are', async () => {
    const store = memoryStore({ pageSize: 2 });
    for (const key of ['p/1', 'p/2', 'p/3', 'p/4', 'p/5']) store.objects.set(key, Buffer.from(key));
    const listed = await over(store).reliable.list({ prefix: 'p/' })();
    if (isLeft(listed)) throw new Error(listed.left._tag);
    expect(listed.right.map(({ key }) => key)).toEqual(['p/1', 'p/2', 'p/3', 'p/4', 'p/5']);
  });
});

describe('the probe of a store', () => {
  test('passes one that heeds conditions, and leaves nothing', async () => {
    const store = memoryStore();
    expect(isRight(await probeStore(over(store).reliable, 'x')())).toBe(true);
    expect([...store.objects.keys()]).toEqual([]);
  });

  test('refuses one that ignores them', async () => {
    const { reliable } = over(memoryStore({ ignoresConditions: true }));
    expect(await probeStore(reliable, 'x')()).toMatchObject({
      left: { _tag: 'ConditionsIgnored', racers: 16, winners: 16 },
    });
  });
});

describe('a large object', () => {
  const content = Buffer.alloc(2 * PART_SIZE + 5, 'abc');
  const object = (onRead: () => void = () => undefined) => ({
    key: 'blob',
    size: content.length,
    read: (offset: number, length: number) => async () => {
      onRead();
      return { _tag: 'Right', right: content.subarray(offset, offset + length) } as const;
    },
  });

  test("arrives in parts, and a killed sender's parts are not sent again", async () => {
    const store = memoryStore({
      fault: ({ call, count }) => (call === 'upload' && count === 4 ? 'denied' : null),
    });
    expect(isLeft(await sendLarge(over(store).reliable, object(), { resume: false })())).toBe(true);
    const second = over(store).reliable;
    expect(isRight(await sendLarge(second, object(), { resume: true })())).toBe(true);
    expect(Buffer.compare(store.objects.get('blob') ?? Buffer.alloc(0), content)).toBe(0);
    expect(second.usage().bytesSent).toBeLessThan(content.length);
  });

  test('takes no more room than what of it is under way, on its way out and in, however large it is', async () => {
    const store = memoryStore();
    const large = Buffer.concat([content, content, content]);
    const rooms = new Set<ArrayBufferLike>();
    const read = (offset: number, length: number, room?: Uint8Array) => async () => {
      const bytes = room?.subarray(0, length) ?? new Uint8Array(length);
      rooms.add(bytes.buffer);
      bytes.set(large.subarray(offset, offset + length));
      return { _tag: 'Right', right: bytes } as const;
    };
    const sent = { key: 'blob', size: large.length, read };
    expect(isRight(await sendLarge(over(store).reliable, sent, { resume: false })())).toBe(true);
    expect(Buffer.compare(store.objects.get('blob') ?? Buffer.alloc(0), large)).toBe(0);
    expect(rooms.size).toBe(3);

    rooms.clear();
    const failed = { thrown: null };
    let at = 0;
    for await (const chunk of rangesOf(over(store).reliable, { key: 'blob', size: large.length }, failed)) {
      expect(Buffer.compare(chunk, large.subarray(at, at + chunk.length))).toBe(0);
      at += chunk.length;
      rooms.add(chunk.buffer);
    }
    expect(at).toBe(large.length);
    expect(rooms.size).toBe(2);
  });

  const completing = (store: MemoryStore) =>
    store.requests.filter(({ call }) => call === 'upload').findLast(() => true);

  test('whose completion was not answered is there: it is looked at, and not sent again', async () => {
    // The fifth call of an upload: begin, three parts, complete.
    let uploads = 0;
    const store = memoryStore({
      fault: ({ call }) => {
        if (call !== 'upload') return null;
        uploads += 1;
        return uploads === 5 ? 'lost' : null;
      },
    });
    const { reliable } = over(store);
    expect(isRight(await sendLarge(reliable, object(), { resume: false })())).toBe(true);
    expect(Buffer.compare(store.objects.get('blob') ?? Buffer.alloc(0), content)).toBe(0);
    expect(completing(store)?.count).toBe(5);
    expect(store.requests.at(-1)?.call).toBe('head');
  });

  test('that replaces nothing is refused where another one came before, also after an answer that got lost', async () => {
    let uploads = 0;
    const store = memoryStore({
      fault: ({ call }) => {
        if (call !== 'upload') return null;
        uploads += 1;
        if (uploads !== 5) return null;
        store.objects.set('blob', Buffer.from('theirs'));
        return 'lost';
      },
    });
    const { reliable } = over(store);
    const condition = { _tag: 'Absent' } as const;
    expect(await sendLarge(reliable, object(), { resume: false, condition })()).toMatchObject({
      left: { _tag: 'ConditionFailed' },
    });
    expect(Buffer.from(store.objects.get('blob') ?? []).toString()).toBe('theirs');
  });

  test.each(['cut', 'unreached', 'conflict'] as const)(
    'a range of it that is %s is asked for again',
    async (fault) => {
      const store = memoryStore({
        fault: ({ call, count }) => (call === 'get' && count === 2 ? fault : null),
      });
      store.objects.set('blob', content);
      const failed = { thrown: null };
      const chunks: Uint8Array[] = [];
      for await (const chunk of rangesOf(
        over(store).reliable,
        { key: 'blob', size: content.length },
        failed,
      )) {
        chunks.push(Uint8Array.from(chunk));
      }
      expect(failed.thrown).toBeNull();
      expect(Buffer.compare(Buffer.concat(chunks), content)).toBe(0);
    },
  );
});
