import { expect, test } from 'vitest';
import { deadlinesBy } from '../../src/executor/independent/deadlines.js';
import { fakeClock } from './fixture.js';

test('however many deadlines there are, one timer waits, and each is missed at its own time', async () => {
  const clock = fakeClock();
  const { set, end } = deadlinesBy(clock);
  const missed: number[] = [];
  for (const ms of [500, 300, 400, 300]) set(ms, () => missed.push(ms));
  expect(clock.sleeping()).toBe(1);
  await clock.advance(299);
  expect(missed).toEqual([]);
  await clock.advance(1);
  expect(missed).toEqual([300, 300]);
  await clock.advance(150);
  expect(missed).toEqual([300, 300, 400]);
  await clock.advance(50);
  expect(missed).toEqual([300, 300, 400, 500]);
  expect(clock.sleeping()).toBe(0);
  end();
});

test('a deadline that was let go is never missed, and one that is set while the timer waits for it is', async () => {
  const clock = fakeClock();
  const { set } = deadlinesBy(clock);
  const missed: string[] = [];
  const letGo = set(300, () => missed.push('let go'));
  await clock.advance(100);
  letGo();
  set(300, () => missed.push('set later'));
  await clock.advance(299);
  expect(missed).toEqual([]);
  await clock.advance(1);
  expect(missed).toEqual(['set later']);
});

test('once all of it is over nothing waits, and nothing is missed', async () => {
  const clock = fakeClock();
  const { set, end } = deadlinesBy(clock);
  const missed: string[] = [];
  set(300, () => missed.push('missed'));
  end();
  await clock.advance(1_000);
  expect(missed).toEqual([]);
  expect(clock.sleeping()).toBe(0);
});
