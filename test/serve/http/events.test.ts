import { afterAll, beforeAll, expect, test } from 'vitest';
import { settableClock } from '../../../src/adapters/memory/settable-clock.js';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { createMemoryPond, type MemoryPond } from '../../../src/memory-pond.js';
import type { ServerReply } from '../../../src/ports/network/http-server.js';
import { type Asking, asking, shownPond, toldChanges } from './asking.js';

let pond: MemoryPond;
let here: Asking;
const changes = toldChanges();
const { clock, advance } = settableClock();

beforeAll(async () => {
  pond = await createMemoryPond();
  here = asking([{ ...shownPond(pond.steward), changes }], { clock, streams: 2 });
});
afterAll(() => pond.promises.close());

/** The events of a stream, one after another. */
const listening = async (asked: { readonly signal: AbortSignal; readonly stopping?: AbortSignal }) => {
  const headers = { authorization: `Bearer ${here.access.token}` };
  const reply = await here.reply('GET', '/api/v1/events', { headers, ...asked });
  return { reply, next: nextOf(reply) };
};

const nextOf = ({ body }: ServerReply) => {
  if (typeof body === 'string' || body instanceof Uint8Array)
    return async () => ({ done: true, value: String(body) });
  const iterator = body[Symbol.asyncIterator]();
  return async () => {
    const { done = false, value = '' } = await iterator.next();
    return { done, value: String(value) };
  };
};

/** Lets time pass, a little at a time, until something has come. */
const meanwhile = async <A>(promise: Promise<A>): Promise<{ readonly value: A; readonly ms: number }> => {
  const state = { isOver: false };
  const seen = promise.finally(() => {
    state.isOver = true;
  });
  let ms = 0;
  for (; !state.isOver; ms += 50) {
    await advance(50);
    await nodeClock.giveWay();
  }
  return { value: await seen, ms };
};

const dataOf = (event: string) => JSON.parse(/^data: (.*)$/m.exec(event)?.[1] ?? 'null');

test('who listens is told the state at first, and after each change that shows; reads are none', async () => {
  const gone = new AbortController();
  const { reply, next } = await listening({ signal: gone.signal });
  expect(reply.headers['content-type']).toContain('text/event-stream');
  expect((await next()).value).toBe('retry: 1000\n\n');
  expect(dataOf((await next()).value)).toMatchObject({ pond: 'pond', newest: { txn_seq: 1 } });

  await pond.promises.write(({ fs }) => fs.write('/a', Buffer.from('1')));
  const told = next();
  changes.tell();
  expect(dataOf((await meanwhile(told)).value.value)).toMatchObject({
    newest: { txn_seq: 2 },
    unfinished: { failed_tasks: [] },
  });

  await pond.promises.read(({ fs }) => fs.list('/'));
  const afterRead = next();
  changes.tell();
  const unchanged = await meanwhile(afterRead);
  expect(unchanged.ms).toBeLessThan(15_000);
  expect(unchanged.value.value).toBe(': nothing new\n\n');

  const quiet = await meanwhile(next());
  expect(quiet.ms).toBeGreaterThan(15_000);
  expect(quiet.value.value).toBe(': nothing new\n\n');

  const last = next();
  gone.abort();
  expect((await meanwhile(last)).value.done).toBe(true);
});

test('a pond that changes all the time is looked at the less often the longer a look takes', async () => {
  let looked = 0;
  const transactions: typeof pond.steward.transactions = (query) => async () => {
    looked += 1;
    await clock.sleep(200);
    return pond.steward.transactions(query)();
  };
  const slow = asking([{ ...shownPond({ ...pond.steward, transactions }), changes }], { clock });
  const gone = new AbortController();
  const headers = { authorization: `Bearer ${slow.access.token}` };
  const next = nextOf(await slow.reply('GET', '/api/v1/events', { headers, signal: gone.signal }));
  for (let ms = 0; ms < 30_000; ) {
    changes.tell();
    ms += (await meanwhile(next())).ms;
  }
  gone.abort();
  await meanwhile(next());
  expect(looked).toBeLessThan(20);
  expect(looked).toBeGreaterThan(5);
});

test('a stream ends when the server is to stop, and more than there are places for are refused', async () => {
  const [gone, stopping] = [new AbortController(), new AbortController()];
  const first = await listening({ signal: gone.signal, stopping: stopping.signal });
  const second = await listening({ signal: gone.signal, stopping: stopping.signal });
  expect((await listening({ signal: gone.signal })).reply.status).toBe(503);
  await first.next();
  await first.next();
  const last = first.next();
  stopping.abort();
  expect((await meanwhile(last)).value.done).toBe(true);
  const again = await listening({ signal: gone.signal });
  expect(again.reply.status).toBe(200);
  gone.abort();
  expect((await second.next()).value).toBe('retry: 1000\n\n');
  const free = await listening({ signal: new AbortController().signal });
  expect(free.reply.status).toBe(200);
});

test('who listens is told of a failed task that was tried again and has failed again, however many have failed', async () => {
  const fails = 'factory: test-executor\nconfig: { message: no, fail: true }\n';
  await pond.promises.write(({ fs }) => fs.write('/etc/system.d/10-fails', Buffer.from(fails)));
  for (let number = 0; number < 25; number += 1)
    await pond.promises.write(({ fs }) => fs.write('/b', Buffer.from(String(number))));
  changes.tell();
  const gone = new AbortController();
  const { next } = await listening({ signal: gone.signal });
  await next();
  const { numbers, newest } = dataOf((await next()).value);
  expect(numbers).toMatchObject({ failed_tasks: 25 });
  await pond.promises.retry({ txnSeq: newest.txn_seq - 1 });
  const told = next();
  changes.tell();
  expect(dataOf((await meanwhile(told)).value.value)).toMatchObject({ numbers: { failed_tasks: 25 } });
  gone.abort();
  await meanwhile(next());
});
