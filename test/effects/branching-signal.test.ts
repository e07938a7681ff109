import { getEventListeners } from 'node:events';
import { expect, it } from 'vitest';
import { branchingSignal } from '../../src/effects/branching-signal.js';

it('the signal of an execution has one listener, however many operations run side by side, and none after it', async () => {
  const everything = new AbortController();
  const branches = branchingSignal(everything.signal);
  const stopped: unknown[] = [];
  const running = Array.from({ length: 12 }, () =>
    branches.within(
      (branch) =>
        new Promise<void>((resolve) => {
          branch.addEventListener('abort', () => {
            stopped.push(branch.reason);
            resolve();
          });
        }),
    ),
  );
  expect(getEventListeners(everything.signal, 'abort')).toHaveLength(1);
  everything.abort('enough');
  await Promise.all(running);
  expect(stopped).toEqual(Array(12).fill('enough'));
  // Whoever begins after it is told at once.
  expect(await branches.within(async (branch) => branch.reason)).toBe('enough');
  branches.end();
  expect(getEventListeners(everything.signal, 'abort')).toHaveLength(0);
});

it('a branch whose work is over is used again, unless it has aborted', () => {
  const everything = new AbortController();
  const branches = branchingSignal(everything.signal);
  const [first, second] = [branches.begin(), branches.begin()];
  expect(second).not.toBe(first);
  branches.over(first);
  expect(branches.begin()).toBe(first);
  everything.abort('enough');
  branches.over(first);
  branches.over(second);
  const later = branches.begin();
  expect([first, second]).not.toContain(later);
  expect(later.signal.reason).toBe('enough');
});
