import { expect, test } from 'vitest';
import type { ReadyClaim } from '../../src/control/fleet-table.js';
import { type RunTogether, runningClaims } from '../../src/serve/tasks/running-claims.js';

const claim = (token: number, txnId: string, isBegun: boolean): ReadyClaim => ({
  token,
  txnId,
  runnerId: 'runner',
  parentTxnSeq: 1,
  executionSeq: token,
  configPath: `/etc/system.d/${token}`,
  attempts: 0,
  needsCompleted: true,
  dataFsVersion: 1,
  begun: isBegun
    ? {
        _tag: 'Started',
        attempt: 1,
        supersededBy: null,
        outcomes: [],
        nothingDerived: true,
        traceParent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`,
      }
    : null,
});

/** What has been begun together, and how each of these is ended. */
const held = () => {
  const groups: {
    readonly tokens: number[];
    readonly over: (token: number) => void;
    readonly end: () => void;
  }[] = [];
  const run: RunTogether = (claims, _signal, over) =>
    new Promise((resolve) => {
      groups.push({
        tokens: claims.map(({ token }) => token),
        over: (token) => over({ token }),
        end: resolve,
      });
    });
  return { groups, running: runningClaims(run) };
};

const isSettled = async (promise: Promise<void>): Promise<boolean> => {
  const pending = Symbol('pending');
  const turn = new Promise((resolve) => setImmediate(() => resolve(pending)));
  return (await Promise.race([promise, turn])) !== pending;
};

test('tasks of a commit that have begun with their claims go together, all others by themselves', () => {
  const { groups, running } = held();
  const claims = [
    claim(1, 'a', true),
    claim(2, 'b', true),
    claim(3, 'a', true),
    claim(4, 'a', false),
    claim(5, 'a', false),
  ];
  running.begin(claims, new AbortController().signal);
  expect(groups.map(({ tokens }) => tokens).toSorted()).toEqual([[1, 3], [2], [4], [5]]);
  expect(running.size()).toBe(5);
});

test('the place of one that is over is free while those that were begun with it go on', async () => {
  const { groups, running } = held();
  running.begin([claim(1, 'a', true), claim(2, 'a', true)], new AbortController().signal);
  const freed = running.nextFreed();
  expect(await isSettled(freed)).toBe(false);
  groups[0]?.over(1);
  await freed;
  expect([running.size(), running.has(1), running.tokens(), running.areOver()]).toEqual([
    1,
    false,
    [2],
    false,
  ]);
  groups[0]?.over(2);
  // What they have done is counted when all of them have ended.
  expect([running.size(), running.areOver()]).toEqual([0, false]);
  const over = running.nextFreed();
  groups[0]?.end();
  await over;
  expect(running.areOver()).toBe(true);
});

test('nobody is woken by one whose place is taken, unless nothing runs any more', async () => {
  const { groups, running } = held();
  running.begin([claim(1, 'a', true), claim(2, 'a', true)], new AbortController().signal);
  const freed = running.nextFreed();
  running.setReplaced([1, 2], true);
  groups[0]?.over(1);
  groups[0]?.over(2);
  expect(await isSettled(freed)).toBe(false);
  groups[0]?.end();
  await freed;
  expect(running.size()).toBe(0);
});
