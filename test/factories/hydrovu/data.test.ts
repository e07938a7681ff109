import { describe, expect, it } from 'vitest';
import { BEGIN, collectingPond, every, PIER, WELL } from './collecting.js';

describe('readings as they come', () => {
  it('become columns by parameter and unit: a unit that changes is a new column, an unknown id its own name', async () => {
    const { fake, run, rows } = await collectingPond();
    fake.switches.order = 'reversed';
    fake.switches.emptyNextPage = true;
    fake.addReadings(PIER, '1', '1', [[BEGIN, 20]]);
    fake.addReadings(PIER, '1', '2', [[BEGIN + 60, 68]]);
    fake.addReadings(PIER, '777', '888', [[BEGIN + 60, 5]], { custom: true });
    await run();
    fake.addReadings(PIER, '20', '117', [[BEGIN + 120, 8.1]]);
    await run();
    expect(await rows(PIER)).toEqual([
      { time: BEGIN, 'Temperature.C': 20 },
      { time: BEGIN + 60, 'Temperature.F': 68, '777.888': 5 },
      { time: BEGIN + 120, 'DO.mg/L': 8.1 },
    ]);
  });

  it('are left out, and counted, where their time or value cannot be', async () => {
    const { fake, run, rows, clock } = await collectingPond();
    const now = clock.nowMicros() / 1e6;
    fake.addReadings(PIER, '1', '1', [
      ...[[0, 1] as const, [960, 2] as const],
      ...[[BEGIN, 'NaN'] as const, [BEGIN + 0.5, 1] as const, ['soon', 1] as const],
      ...[[BEGIN + 60, 3] as const, [BEGIN + 60, 4] as const, [now + 3 * 86_400, 9] as const],
    ]);
    fake.switches.pageSeconds = 10 ** 12;
    const { report } = await run();
    // Before the floor the server itself is not asked; what is not a time it does not find.
    expect(report?.devices?.[0]).toMatchObject({
      rows: 1,
      left_out: { future: 1, invalid: 2, duplicate: 1 },
    });
    expect(await rows(PIER)).toEqual([{ time: BEGIN + 60, 'Temperature.C': 4 }]);
    // A clock that was ahead: its readings are taken once their time has come, and hide none before them.
    fake.addReadings(PIER, '1', '1', [[now + 600, 5]]);
    await run();
    clock.advance(4 * 86_400);
    await run();
    expect((await rows(PIER)).map((row) => row['Temperature.C'])).toEqual([4, 5, 9]);
  });

  it('of locations whose ids no number can hold are asked for by all their digits', async () => {
    const id = '9223372036854775807';
    const { fake, run, rows } = await collectingPond({ devices: [{ name: 'deep', id }] });
    fake.addLocation(id, 'deep');
    fake.addReadings(id, '1', '1', [[BEGIN, 1]]);
    expect(await run()).toMatchObject({ error: null, undone: [] });
    expect(await rows(id)).toHaveLength(1);
    expect((await run('locations')).report).toMatchObject({
      locations: [{ id: PIER }, { id: WELL }, { id, name: 'deep' }],
      locations_total: 3,
    });
  });
});

describe('archive', () => {
  it('makes one sorted version of the active series, after which readings go on', async () => {
    const { fake, run, rows, files } = await collectingPond({ max_points_per_run: 1, overlap: '1ms' });
    for (const id of [PIER, WELL])
      fake.addReadings(
        id,
        '1',
        '1',
        every(3_600, 96, (index) => index),
      );
    await run();
    await run();
    const before = await rows(PIER);
    expect((await run('archive', '--device', 'pier')).report).toMatchObject({
      archived: [
        {
          name: 'pier',
          state: 'archived',
          rows: 96,
          path: `/hydrovu/devices/${PIER}/pier_archive_20260701.series`,
          copy: `pond copy /hydrovu/devices/${PIER}/pier_archive_20260701.series host://$PWD/`,
        },
      ],
    });
    expect(await rows(PIER)).toEqual(before);
    fake.addReadings(PIER, '1', '1', [[BEGIN + 96 * 3_600, 7]]);
    await run();
    await run('archive');
    expect(await files('/hydrovu/**/*.series')).toEqual([
      { path: `/hydrovu/devices/${WELL}/well_archive_20260701.series`, versions: 1 },
      { path: `/hydrovu/devices/${PIER}/pier_archive_20260701.series`, versions: 1 },
      { path: `/hydrovu/devices/${PIER}/pier_archive_20260701_2.series`, versions: 1 },
    ]);
    expect(await rows(PIER)).toHaveLength(97);
    expect((await run('archive')).report).toMatchObject({ archived: [{ state: 'nothing to archive' }, {}] });
  });

  it('and other words after the path that are not its commands are refused with those that are', async () => {
    const { run } = await collectingPond();
    expect((await run('colect')).error).toContain('colect is not one of its commands: collect');
    expect((await run('archive', '--device', 'peer')).error).toContain(
      'has no device peer; it has pier, well',
    );
    expect((await run('archive', 'pier')).error).toContain('expected archive [--device NAME]');
  });
});
