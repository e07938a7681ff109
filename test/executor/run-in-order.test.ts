import { expect, test } from 'vitest';
import type { Outcome } from '../../src/executor/independent/outcome.js';
import { type Blocking, runInOrder } from '../../src/executor/independent/run-in-order.js';
import type { Operation } from '../../src/executor/operation.js';
import { operation, settle } from './fixture.js';

const EXECUTED: Outcome<never> = { _tag: 'Executed', durationMs: 0 };

/** Runs whose end is up to the test. */
const runs = () => {
  const begun: string[] = [];
  const blocked: Record<string, Blocking> = {};
  const ends = new Map<string, (outcome: Outcome<never>) => void>();
  return {
    begun,
    blocked,
    run: ({ id }: Operation, blockedBy: Blocking | null): Promise<Outcome<never>> => {
      begun.push(id);
      if (blockedBy !== null) blocked[id] = blockedBy;
      return new Promise((resolve) => ends.set(id, resolve));
    },
    end: async (id: string, outcome: Outcome<never> = EXECUTED): Promise<void> => {
      ends.get(id)?.(outcome);
      await settle();
    },
  };
};

test('an operation starts as soon as what it waits for has ended, whatever else is running', async () => {
  const { begun, run, end } = runs();
  const all = runInOrder([operation('a'), operation('b'), operation('c', { after: ['b'] })], 3, run);
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  await end('c');
  await end('a');
  expect([...(await all).keys()]).toEqual(['b', 'c', 'a']);
});

test('among those that may start, the first in the plan does', async () => {
  const { begun, run, end } = runs();
  const plan = [operation('a'), operation('b', { after: ['a'] }), operation('c'), operation('d')];
  const all = runInOrder(plan, 1, run);
  for (const id of ['a', 'b', 'c', 'd']) await end(id);
  await all;
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
});

test('no more run side by side than allowed', async () => {
  const { begun, run, end } = runs();
  const all = runInOrder(
    [...'abcd'].map((id) => operation(id)),
    2,
    run,
  );
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  expect(begun).toEqual(['a', 'b', 'c']);
  for (const id of ['a', 'c', 'd']) await end(id);
  await all;
});

test('what required something that did not succeed is told what and how, and mere order is not', async () => {
  const outcomes: Readonly<Record<string, Outcome<never>>> = {
    failed: { _tag: 'AlreadyFailed' },
    left: { _tag: 'Unfinished', error: null },
    skipped: { _tag: 'Skipped' },
    done: { _tag: 'AlreadyExecuted' },
  };
  const told: Record<string, Blocking | null> = {};
  await runInOrder(
    [
      ...Object.keys(outcomes).map((id) => operation(id)),
      operation('x', { requires: ['done', 'left', 'failed'] }),
      operation('y', { requires: ['left'] }),
      operation('z', { requires: ['skipped'] }),
      operation('after', { after: ['failed', 'left', 'skipped'], requires: ['done'] }),
    ],
    2,
    async ({ id }, blockedBy) => {
      told[id] = blockedBy;
      return outcomes[id] ?? EXECUTED;
    },
  );
  expect(told).toEqual({
    failed: null,
    left: null,
    skipped: null,
    done: null,
    x: { operation: 'failed', by: 'failed' },
    y: { operation: 'left', by: 'unfinished' },
    z: { operation: 'skipped', by: 'failed' },
    after: null,
  });
});

test('what waits for itself, or for what is not in the plan, never starts and keeps nobody from ending', async () => {
  const plan = [
    operation('a'),
    operation('b', { after: ['nowhere'] }),
    operation('c', { requires: ['d'] }),
    operation('d', { requires: ['c'] }),
  ];
  expect([...(await runInOrder(plan, 2, async () => EXECUTED)).keys()]).toEqual(['a']);
});

/** Seconds that running these operations takes, which is all the runner's own work. */
const secondsFor = async (plan: readonly Operation[], concurrency: number): Promise<number> => {
  const begun = performance.now();
  expect((await runInOrder(plan, concurrency, async () => EXECUTED)).size).toBe(plan.length);
  return (performance.now() - begun) / 1000;
};

const COUNT = 10_000;
const ids = Array.from({ length: COUNT }, (_, index) => `${index}`);

test('a chain of 10,000 operations takes no longer than in proportion', async () => {
  const chain = ids.map((id, index) => operation(id, { after: index === 0 ? [] : [`${index - 1}`] }));
  expect(await secondsFor(chain, 1)).toBeLessThan(1);
  expect(await secondsFor(chain, COUNT)).toBeLessThan(1);
});

test('10,000 operations that wait for one, and one that waits for all, take no longer than in proportion', async () => {
  const fan = [
    operation('first'),
    ...ids.map((id) => operation(id, { requires: ['first'] })),
    operation('last', { after: ids, requires: ids }),
  ];
  expect(await secondsFor(fan, 1)).toBeLessThan(1);
  expect(await secondsFor(fan, 64)).toBeLessThan(1);
  expect(await secondsFor(fan, COUNT)).toBeLessThan(1);
});
