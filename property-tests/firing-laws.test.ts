import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cronCalendar } from '../src/adapters/node/cron-calendar.js';
import type { Missed } from '../src/domain/schedules/schedule-words.js';
import { once } from '../src/effects/once.js';
import { dueTime } from '../src/planner/firings/due-firing.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

/** Both changes of summer time, north and south, one of half an hour, and a day without any. */
const CHANGES = [
  ['Europe/Vienna', '2026-03-29T01:00Z'],
  ['Europe/Vienna', '2026-10-25T01:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  ['UTC', '2026-06-15T00:00Z'],
] as const;

const change = fc.constantFrom(...CHANGES);
const timeOfDay = fc.record({
  hour: fc.integer({ min: 0, max: 23 }),
  minute: fc.integer({ min: 0, max: 59 }),
});

const between = (times: { readonly after: (time: number) => number | null }, from: number, to: number) => {
  const found: number[] = [];
  for (let time = times.after(from); time !== null && time <= to; time = times.after(time)) found.push(time);
  return found;
};

const localDay = (zone: string, time: number): string =>
  new Date(time).toLocaleDateString('sv-SE', { timeZone: zone });

test('a time of day is due once on every day, whatever is done to the clocks', async () => {
  await fc.assert(
    fc.asyncProperty(change, timeOfDay, async ([zone, at], { hour, minute }) => {
      const times = await cronCalendar.times(`${minute} ${hour} * * *`, zone)();
      const [from, to] = [Date.parse(at) - 3 * DAY, Date.parse(at) + 3 * DAY];
      const days = between(times, from, to).map((time) => localDay(zone, time));
      expect(new Set(days).size).toBe(days.length);
      // Whole days between the first and the last one.
      expect(days.length).toBeGreaterThanOrEqual(5);
    }),
    { numRuns: 30 },
  );
});

test('every so many minutes is due at equal distances, whatever is done to the clocks', async () => {
  await fc.assert(
    fc.asyncProperty(change, fc.constantFrom(5, 10, 15, 30), async ([zone, at], step) => {
      const times = await cronCalendar.times(`*/${step} * * * *`, zone)();
      const found = between(times, Date.parse(at) - 4 * 60 * MINUTE, Date.parse(at) + 4 * 60 * MINUTE);
      const distances = new Set(found.slice(1).map((time, index) => time - (found[index] ?? 0)));
      expect([...distances]).toEqual([step * MINUTE]);
    }),
    { numRuns: 20 },
  );
});

test('looked at from its end a calendar has the same times as from its beginning', async () => {
  await fc.assert(
    fc.asyncProperty(
      change,
      fc.constantFrom('*/20 * * * *', '30 2 * * *', '30 2,14 * * *', '0 */6 * * 1-5'),
      async ([zone, at], expression) => {
        const times = await cronCalendar.times(expression, zone)();
        const [from, to] = [Date.parse(at) - DAY, Date.parse(at) + DAY];
        const forwards = between(times, from, to);
        expect(times.newest(forwards.length, to).toReversed()).toEqual(forwards);
      },
    ),
    { numRuns: 20 },
  );
});

const START = Date.parse('2026-10-25T00:07Z');

/** Times of three days around a change of summer time, found once: to ask a calendar for each of them takes long. */
const tenMinutes = once(async () => {
  const calendar = await cronCalendar.times('*/10 * * * *', 'Europe/Vienna')();
  const all = between(calendar, START - DAY, START + 2 * DAY);
  return {
    after: (time: number) => all.find((one) => one > time) ?? null,
    newest: (count: number, until: number) =>
      all
        .filter((one) => one <= until)
        .slice(-count)
        .toReversed(),
  };
});

/** What is recorded of a schedule whose pond is looked at when a clock, which may be put forward and back, says these times. */
const recordedAt = async (looks: readonly number[], missed: Missed, changedAt: number) => {
  const times = await tenMinutes();
  const recorded: { readonly dueAt: number; readonly fate: string; readonly at: number }[] = [];
  for (const now of looks) {
    for (let turn = 0; turn < 300; turn += 1) {
      const past = recorded.map(({ dueAt }) => dueAt).filter((time) => time <= now);
      const newestRecorded = past.length === 0 ? null : Math.max(...past);
      const due = dueTime(times, { now, changedAt, newestRecorded, from: 0, missed });
      if (due === null) break;
      recorded.push({ dueAt: due.dueAt, fate: due.fate, at: now });
    }
  }
  return recorded;
};

const looksOf = fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 12 });
const anyMissed = fc.constantFrom<Missed>('skip', 'once', 'all');

test('whatever a clock does, no time is recorded twice, none before it has come, and looking again finds nothing more', async () => {
  await fc.assert(
    fc.asyncProperty(looksOf, anyMissed, async (minutes, missed) => {
      const looks = minutes.map((minute) => START + minute * MINUTE);
      const recorded = await recordedAt(looks, missed, START);
      const dues = recorded.map(({ dueAt }) => dueAt);
      expect(new Set(dues).size).toBe(dues.length);
      for (const { dueAt, at } of recorded) expect(dueAt).toBeLessThanOrEqual(at);
      expect(
        await recordedAt(
          looks.flatMap((look) => [look, look]),
          missed,
          START,
        ),
      ).toEqual(recorded);
    }),
    { numRuns: 40 },
  );
});

test('with a clock that only goes on, all that was missed is made up for, for all at once, or not, as is said', async () => {
  const times = await tenMinutes();
  await fc.assert(
    fc.asyncProperty(looksOf, anyMissed, async (minutes, missed) => {
      const looks = minutes.toSorted((a, b) => a - b).map((minute) => START + minute * MINUTE);
      const recorded = await recordedAt(looks, missed, START);
      const due = between(times, START, looks.at(-1) ?? START);
      const run = recorded.filter(({ fate }) => fate === 'run');
      if (missed === 'all') expect(run.map(({ dueAt }) => dueAt)).toEqual(due.slice(-100 * looks.length));
      if (missed === 'once') expect(run.length).toBeLessThanOrEqual(looks.length);
      if (missed === 'skip') for (const { dueAt, at } of run) expect(at - dueAt).toBeLessThanOrEqual(MINUTE);
      // Whatever is made of them, the newest one that was due is accounted for.
      expect(recorded.at(-1)?.dueAt ?? null).toBe(due.at(-1) ?? null);
    }),
    { numRuns: 40 },
  );
});

test('of a long time a hundred firings are made up for, and one record stands for those before', async () => {
  const recorded = await recordedAt([START + DAY], 'all', START);
  expect(recorded.filter(({ fate }) => fate === 'run')).toHaveLength(100);
  expect(recorded.map(({ fate }) => fate).indexOf('missed')).toBe(0);
  expect(recorded).toHaveLength(101);
});

test('an entry that a wrong clock made in the future fires when it is due', async () => {
  const recorded = await recordedAt([START + 3 * MINUTE, START + 13 * MINUTE], 'once', START + 400 * DAY);
  expect(recorded.map(({ dueAt }) => dueAt)).toEqual([START + 3 * MINUTE, START + 13 * MINUTE]);
});
