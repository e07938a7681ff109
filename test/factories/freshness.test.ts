import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, onTestFinished, test } from 'vitest';
import { scheduledPond, statesOf } from '../serve/scheduling.js';
import { ok } from '../steward/memory-steward.js';

const FRESH = '/etc/schedule.d/20-fresh';

test('silence is a failed firing, told once when it begins and once when it is over, with what is silent since when', async () => {
  const pond = await scheduledPond('2026-11-28T10:00:50Z');
  const expected = [{ path: '/in*.csv', within: '2h' }];
  await pond.entry(FRESH, { factory: 'freshness', schedule: '0 * * * *', config: { expect: expected } });
  await pond.entry('/etc/system.d/30-tell', { factory: 'tell', run_when: 'change', depends_on: FRESH });
  const arrive = async () =>
    ok(
      await pond.steward.write(({ fs }) =>
        fs.write('/in1.csv', Buffer.from(String(pond.clock.nowMicros()))),
      )(),
    );
  await arrive();
  for (const hour of ['11', '12', '13', '14', '15']) {
    pond.at(`2026-11-28T${hour}:00:40Z`);
    if (hour === '15') await arrive();
    await pond.work();
  }
  const own = (await pond.firings()).map((firing) => ({ ...firing, tasks: firing.tasks.slice(0, 1) }));
  expect(statesOf(own)).toEqual([
    '20-fresh@2026-11-28T11:00Z completed',
    '20-fresh@2026-11-28T12:00Z completed',
    '20-fresh@2026-11-28T13:00Z failed',
    '20-fresh@2026-11-28T14:00Z failed',
    '20-fresh@2026-11-28T15:00Z completed',
  ]);
  expect(pond.ran.map(({ outcomes }) => outcomes.join())).toEqual([
    `${FRESH}@2026-11-28T13:00Z failed begins`,
    `${FRESH}@2026-11-28T15:00Z completed ends`,
  ]);
  const [, , failing] = (await pond.firings()).toReversed();
  expect(failing?.tasks[0]?.errorMessage).toBe(
    '/in*.csv: nothing newer has come since 2026-11-28T10:00:50.000Z, 2 h 59 m ago; it is expected within 2h',
  );
  expect(failing?.tasks[0]?.report).toMatchObject({
    checked: [{ path: '/in*.csv', fresh: false, within_s: 7200 }],
  });
  await pond.steward.close()();
});

test('a path at which nothing is, is silent', async () => {
  const pond = await scheduledPond('2026-11-28T10:00:30Z');
  const expected = [{ path: '/none.series', within: '2h', by: 'event_time' }];
  await pond.entry(FRESH, { factory: 'freshness', schedule: '0 * * * *', config: { expect: expected } });
  pond.at('2026-11-28T11:00:00Z');
  await pond.work();
  const [firing] = await pond.firings();
  expect(firing?.tasks[0]?.errorMessage).toBe(
    '/none.series: nothing has an event time, and something is expected within 2h',
  );
  await pond.steward.close()();
});

test('a row of a wrong year does not hide that nothing comes, and a series of forecasts says how far these reach', async () => {
  const pond = await scheduledPond('2026-11-28T10:00:30Z');
  onTestFinished(async () => {
    await pond.steward.close()();
  });
  const column = { name: 'time', type: 'TIMESTAMP' as const };
  const append = async (time: string) => {
    const bytes = new Uint8Array(parquetWriteBuffer({ columnData: [{ ...column, data: [new Date(time)] }] }));
    ok(
      await pond.steward.write(({ fs }) =>
        fs.appendToSeries('/pier', bytes, { series: { timezone: 'UTC' } }),
      )(),
    );
  };
  const expectation = { path: '/pier', within: '2h', by: 'event_time' };
  const entry = (others: object) =>
    pond.entry(FRESH, {
      factory: 'freshness',
      schedule: '0 * * * *',
      config: { expect: [{ ...expectation, ...others }] },
    });
  const found = async (time: string) => {
    pond.at(time);
    await pond.work();
    return (await pond.firings())[0]?.tasks[0];
  };
  await append('2026-11-29T09:00:00Z');
  await entry({});
  expect(await found('2026-11-28T11:00:00Z')).toMatchObject({ state: 'completed' });
  await append('2030-11-28T10:00:00Z');
  const wrong = await found('2026-11-28T12:00:00Z');
  expect(wrong).toMatchObject({ state: 'failed', report: { checked: [{ fresh: false, ahead: true }] } });
  expect(wrong?.errorMessage).toContain(
    '/pier: its newest event is of 2030-11-28T10:00:00.000Z, more than 1d',
  );
  await entry({ ahead: '2000d' });
  expect(await found('2026-11-28T13:00:00Z')).toMatchObject({ state: 'completed' });
});
