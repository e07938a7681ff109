import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { scheduledPond, statesOf } from '../serve/scheduling.js';
import { ok } from '../steward/memory-steward.js';
import { temporaryFolder } from '../support/temporary-folder.js';

/** Milliseconds; on two cores with nothing else to do a twentieth of it is enough. */
const LONG = 600_000;

const DAY = '2026-11-28';
const MINUTES = 24 * 60;
/** Minutes between two looks at what there is to do. */
const STEP = 10;

/** Spans of minutes in which nothing arrives, longer than two hours, and in which nobody works. */
const SILENCES = [
  [6 * 60, 9 * 60 + 30],
  [18 * 60, 21 * 60],
] as const;
const STOPPED = [13 * 60, 14 * 60 + 30] as const;

const isIn = ([from, to]: readonly [number, number], minute: number) => minute >= from && minute < to;

const timeOf = (minute: number): string =>
  `${DAY}T${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

const FRESH = '/etc/schedule.d/10-fresh';
const COLLECT = '/etc/schedule.d/20-collect';

test('of a day with silences, and with hours in which the machine is off, every file has arrived once, every firing is there once, and each silence is told once and its end once', {
  timeout: LONG,
}, async () => {
  const pond = await scheduledPond(`${DAY}T00:00:00Z`);
  onTestFinished(async () => {
    await pond.steward.close()();
  });
  const folder = join(temporaryFolder('day'), 'in');
  mkdirSync(folder);
  await pond.entry('/etc/watch.d/10-in', {
    factory: 'watch',
    folder,
    into: '/in/',
    settle: '0s',
    after: 'delete',
  });
  await pond.entry(FRESH, {
    factory: 'freshness',
    schedule: `*/${STEP} * * * *`,
    config: { expect: [{ path: '/in/*', within: '2h' }] },
  });
  await pond.entry(COLLECT, { factory: 'collect', schedule: '0 * * * *', missed: 'all' });
  await pond.entry('/etc/system.d/90-tell', {
    factory: 'tell',
    run_when: 'change',
    depends_on: [FRESH],
  });

  const put: string[] = [];
  for (let minute = STEP; minute < MINUTES; minute += STEP) {
    pond.at(`${timeOf(minute)}:00Z`);
    const isSilent = SILENCES.some((span) => isIn(span, minute));
    if (!isSilent && minute % 20 === 0) {
      const name = `f${minute}.csv`;
      writeFileSync(join(folder, name), `at ${minute}\n`);
      put.push(name);
    }
    if (!isIn(STOPPED, minute)) await pond.work();
  }

  expect(readdirSync(folder)).toEqual([]);
  const listed = ok(await pond.steward.read(({ fs }) => fs.list('/in'))());
  expect(listed.map(({ name, version }) => `${name} ${version}`).sort()).toEqual(
    put.map((name) => `${name} 1`).sort(),
  );
  const firings = await pond.firings();
  expect(new Set(firings.map(({ name }) => name)).size).toBe(firings.length);
  const collected = statesOf(firings.filter(({ configPath }) => configPath === COLLECT));
  expect(collected).toEqual(
    Array.from({ length: 23 }, (_, hour) => `20-collect@${timeOf((hour + 1) * 60)}Z completed`),
  );
  const writes = ok(await pond.steward.transactions({ transactionTypes: ['write'] })());
  const ofCollect = writes.filter(({ causedBy }) =>
    causedBy.some(({ firing }) => firing?.startsWith(COLLECT)),
  );
  expect(ofCollect).toHaveLength(23);
  const told = pond.ran
    .filter(({ path }) => path === '/etc/system.d/90-tell')
    .flatMap(({ outcomes }) => outcomes)
    .map((words) => words.replace(/^.*@\S+T(\S+)Z /, '$1 '));
  // At first there is nothing. The newest file before each silence came within its last twenty minutes; two hours later it is too old.
  // What waits in the folder is taken in before the check is made.
  expect(told).toEqual([
    ...['00:10 failed begins', '00:20 completed ends'],
    ...['07:50 failed begins', '09:40 completed ends'],
    ...['19:50 failed begins', '21:00 completed ends'],
  ]);
  const [schedule] = ok(await pond.steward.schedules()());
  expect(schedule).toMatchObject({ path: FRESH, problem: null });
  expect(schedule?.firings[0]?.tasks[0]?.state).toBe('completed');
});
