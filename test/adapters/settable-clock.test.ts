import { expect, it } from 'vitest';
import { settableClock } from '../../src/adapters/memory/settable-clock.js';

const START = 1_700_000_000_000_000;

it('stands still until it is told to go on', async () => {
  const { clock, advance } = settableClock(START);
  expect([clock.nowMicros(), clock.monotonicMs()]).toEqual([START, 0]);
  await advance(1500);
  expect([clock.nowMicros(), clock.monotonicMs()]).toEqual([START + 1_500_000, 1500]);
});

it('wakes who sleeps in the order of their times, each at its own time, and nobody later', async () => {
  const { clock, advance } = settableClock(START);
  const woken: [string, number][] = [];
  const sleep = async (name: string, milliseconds: number) => {
    await clock.sleep(milliseconds);
    woken.push([name, clock.monotonicMs()]);
  };
  const sleepers = [sleep('late', 300), sleep('early', 100), sleep('too late', 301)];
  await advance(300);
  await Promise.all(sleepers.slice(0, 2));
  expect(woken.map(([name]) => name)).toEqual(['early', 'late']);
  await advance(1);
  await sleepers[2];
  expect(woken).toHaveLength(3);
});

it('lets who has been woken sleep again in the time that is left', async () => {
  const { clock, advance } = settableClock(START);
  let turns = 0;
  const turning = async () => {
    while (turns < 3) {
      await clock.sleep(10);
      turns += 1;
    }
  };
  const done = turning();
  await advance(30);
  await done;
  expect(turns).toBe(3);
});

it('wakes who sleeps when what they wait with is called off', async () => {
  const { clock } = settableClock(START);
  const calling = new AbortController();
  const slept = clock.sleep(1000, calling.signal);
  calling.abort();
  await slept;
  expect(clock.monotonicMs()).toBe(0);
});

it('changes the date and wakes nobody when the date is set', async () => {
  const { clock, setDate } = settableClock(START);
  setDate(5);
  expect([clock.nowMicros(), clock.monotonicMs()]).toEqual([5, 0]);
});
