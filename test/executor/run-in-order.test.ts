import { expect, test } from 'vitest';
import type { Outcome } from '../../src/executor/independent/outcome.js';
import { type Blocking, runInOrder, type Turn } from '../../src/executor/independent/run-in-order.js';
import type { Operation } from '../../src/executor/operation.js';
import { operation, settle } from './fixture.js';

const EXECUTED: Outcome<never> = { _tag: 'Executed', durationMs: 0 };

/** Runs whose end is up to the test. */
const runs = () => {
  const begun: string[] = [];
  const blocked: Record<string, Blocking> = {};
  const ends = new Map<string, (outcome: Outcome<never>) => void>();
  const places = new Map<string, () => void>();
  return {
    begun,
    blocked,
    run: ({ id }: Operation, { blockedBy, giveUpPlace }: Turn): Promise<Outcome<never>> => {
      places.set(id, giveUpPlace);
      begun.push(id);
      if (blockedBy !== null) blocked[id] = blockedBy;
      return new Promise((resolve) => ends.set(id, resolve));
    },
    giveUpPlace: (id: string): void => places.get(id)?.(),
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
    skipped: { _tag: 'Skipped', satisfies: false },
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
    async ({ id }, { blockedBy }) => {
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

test('an operation that gives up its place lets the next one start, and keeps what waits for it waiting', async () => {
  const { begun, run, end, giveUpPlace } = runs();
  const plan = [operation('a'), operation('b'), operation('c', { after: ['a'] }), operation('d')];
  const all = runInOrder(plan, 1, run);
  giveUpPlace('a');
  giveUpPlace('a');
  expect(begun).toEqual(['a', 'b']);
  giveUpPlace('b');
  // Not d: c comes before it, and may start in a moment.
  expect(begun).toEqual(['a', 'b']);
  await end('b');
  expect(begun).toEqual(['a', 'b']);
  await end('a');
  expect(begun).toEqual(['a', 'b', 'c']);
  for (const id of ['c', 'd']) await end(id);
  expect([...(await all).keys()]).toEqual(['b', 'a', 'c', 'd']);
});

test('a place that was given up is taken once', async () => {
  const { begun, run, end, giveUpPlace } = runs();
  const all = runInOrder(
    [...'abcd'].map((id) => operation(id)),
    1,
    run,
  );
  giveUpPlace('a');
  await end('a');
  expect(begun).toEqual(['a', 'b']);
  for (const id of ['b', 'c', 'd']) await end(id);
  await all;
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

/** How often running a plan looks at its operations, and at what they wait for: the runner's own work in steps. */
const looksAt = async (plan: readonly Operation[], concurrency: number): Promise<number> => {
  let looks = 0;
  const counted = <A extends object>(value: A): A =>
    new Proxy(value, {
      get: (target, key, receiver) => {
        looks += 1;
        return Reflect.get(target, key, receiver);
      },
    });
  const watched = plan.map((one) =>
    counted({ ...one, after: counted([...one.after]), requires: counted([...one.requires]) }),
  );
  expect((await runInOrder(watched, concurrency, async () => EXECUTED)).size).toBe(plan.length);
  return looks;
};

const idsOf = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);

const chainOf = (count: number) =>
  idsOf(count).map((id, index) => operation(id, { after: index === 0 ? [] : [`${index - 1}`] }));

/** Operations that wait for one, and one that waits for all. */
const fanOf = (count: number) => [
  operation('first'),
  ...idsOf(count).map((id) => operation(id, { requires: ['first'] })),
  operation('last', { after: idsOf(count), requires: idsOf(count) }),
];

test.each([
  ['a chain', chainOf],
  ['operations that wait for one, and one that waits for all', fanOf],
] as const)('%s: ten times as many operations are ten times as much work', async (_, planOf) => {
  const [few, many] = [1_000, 10_000];
  for (const concurrency of [1, 64, many]) {
    const ratio = (await looksAt(planOf(many), concurrency)) / (await looksAt(planOf(few), concurrency));
    expect(ratio).toBeGreaterThan(5);
    expect(ratio).toBeLessThan(11);
  }
});
