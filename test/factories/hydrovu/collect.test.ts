import { describe, expect, it } from 'vitest';
import { BEGIN, collectingPond, every, PIER, WELL } from './collecting.js';

describe('hydrovu', () => {
  it('appends one version per device and run, and no row twice', async () => {
    const { fake, run, rows, files, clock } = await collectingPond();
    fake.addReadings(
      PIER,
      '1',
      '1',
      every(900, 200, (index) => index / 10),
    );
    fake.addReadings(
      PIER,
      '4',
      '35',
      every(900, 200, (index) => index),
    );
    fake.addReadings(
      WELL,
      '1',
      '1',
      every(3600, 10, (index) => -index),
    );
    const first = await run('collect');
    expect(first).toMatchObject({ error: null, committed: true, undone: [] });
    expect(first.report?.devices).toMatchObject([
      { name: 'pier', state: 'appended', rows: 200, version: 1 },
      { name: 'well', state: 'appended', rows: 10, version: 1 },
    ]);
    expect(await run('collect')).toMatchObject({ error: null, committed: false });
    clock.advance(86_400);
    fake.addReadings(PIER, '1', '1', [[BEGIN + 200 * 900, 99]]);
    expect(await run('collect')).toMatchObject({ committed: true });
    expect(await files('/hydrovu/**/*.series')).toEqual([
      { path: `/hydrovu/devices/${WELL}/well_active.series`, versions: 1 },
      { path: `/hydrovu/devices/${PIER}/pier_active.series`, versions: 2 },
    ]);
    const found = await rows(PIER);
    expect(found).toHaveLength(201);
    expect(found.map(({ time }) => time)).toEqual([...new Set(found.map(({ time }) => time))]);
    expect(found[5]).toMatchObject({ 'Temperature.C': 0.5, 'Level: Depth to Water.m': 5 });
    expect(found[200]).toMatchObject({ 'Temperature.C': 99 });
  });

  it('goes on after max_points_per_run, page by page, until it has everything', async () => {
    const { fake, run, rows, files } = await collectingPond({ max_points_per_run: 1, overlap: '1ms' });
    fake.addReadings(
      PIER,
      '1',
      '1',
      every(3_600, 144, (index) => index),
    );
    const told: unknown[] = [];
    for (let count = 0; count < 4; count += 1) told.push((await run()).report?.devices?.[0]);
    expect(told).toMatchObject([
      { rows: 48, pages: 1, more: true },
      { rows: 48, pages: 1, more: true },
      { rows: 48, pages: 1, more: true },
      { rows: 0, state: 'no news' },
    ]);
    expect(await rows(PIER)).toHaveLength(144);
    expect(await files(`/hydrovu/devices/${PIER}/*`)).toMatchObject([{ versions: 3 }]);
  });

  it('makes the directories of all devices, of inactive ones and of those without readings too', async () => {
    const { run, files, pond, fake } = await collectingPond({
      devices: [
        { name: 'pier', id: PIER, active: false, comment: 'in the workshop' },
        { name: 'well', id: WELL },
      ],
    });
    expect(await run('collect')).toMatchObject({ committed: true, undone: [] });
    const made = await pond.promises.read(({ fs }) => fs.list('/hydrovu/devices'));
    expect(made.map(({ name }) => name)).toEqual([WELL, PIER]);
    expect(await files('/hydrovu/**/*.series')).toEqual([]);
    expect(fake.requests(PIER)).toEqual([]);
  });

  it('begins where config.since, a device, or its archive says', async () => {
    const { fake, run, pond, configure } = await collectingPond({ since: '2026-06-02' });
    const startOf = () =>
      new URL(fake.requests(PIER).at(-1)?.url ?? '', 'http://x').searchParams.get('startTime');
    fake.addReadings(PIER, '1', '1', [
      [BEGIN, 1],
      [BEGIN - 50, 1],
    ]);
    fake.addReadings(WELL, '1', '1', [[BEGIN + 90_000, 1]]);
    await run();
    expect(startOf()).toBe(String(BEGIN + 86_400));
    await configure({ devices: [{ name: 'pier', id: PIER, since: '2026-06-03T12:00:00Z' }] });
    await run();
    expect(startOf()).toBe(String(BEGIN + 2.5 * 86_400));
    // An archive of the older system has whole seconds without a unit.
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const seconds = [BigInt(BEGIN - 50), BigInt(BEGIN - 10)];
    const bytes = new Uint8Array(
      parquetWriteBuffer({ columnData: [{ name: 'timestamp', type: 'INT64', data: seconds }] }),
    );
    await pond.promises.write(async ({ fs }) => {
      await fs.mkdirAll(`/old/devices/${PIER}`);
      await fs.appendToSeries(`/old/devices/${PIER}/pier_archive_20260101.series`, bytes);
    });
    await configure({ archive_path: '/old' });
    const { report, undone } = await run();
    // A day before the newest, less what is there.
    expect(startOf()).toBe(String(BEGIN - 9 - 86_400));
    expect(report?.devices).toMatchObject([{ rows: 1, state: 'appended' }, { state: 'no news' }]);
    expect(undone).toEqual([]);
  });

  it('fails a device whose archive_path has nothing of it, and no other', async () => {
    const { fake, run } = await collectingPond({ archive_path: '/old' });
    fake.addReadings(PIER, '1', '1', [[BEGIN, 1]]);
    const { error } = await run();
    expect(error).toContain(`/old/devices/${PIER} has no readings to go on after`);
  });

  it('takes what another run has written meanwhile as there, and doubles nothing', async () => {
    let other: Promise<unknown> | null = null;
    const first = await collectingPond(
      {},
      {
        // Between what the first run has asked for and its transaction a second run begins and ends.
        onAnswer: (url) => {
          if (!url.includes(`${WELL}/data`) || other !== null) return;
          other = Promise.resolve();
          other = second();
        },
      },
    );
    const second = () => first.run();
    first.fake.addReadings(
      PIER,
      '1',
      '1',
      every(60, 100, (index) => index),
    );
    first.fake.addReadings(
      WELL,
      '1',
      '1',
      every(60, 100, (index) => index),
    );
    const outcomes = [await first.run(), await other];
    expect(outcomes.map((one) => (one as { error: unknown }).error)).toEqual([null, null]);
    for (const id of [PIER, WELL]) expect(await first.rows(id)).toHaveLength(100);
  });

  it('does not hold the writer’s lock while it waits for the server', async () => {
    let written: Promise<unknown> | null = null;
    const { pond, fake, run } = await collectingPond(
      {},
      {
        onAnswer: () => {
          written ??= pond.promises.write(({ fs }) => fs.write('/meanwhile', Buffer.from('x')));
        },
      },
    );
    fake.addReadings(PIER, '1', '1', [[BEGIN, 1]]);
    fake.fail({ on: '/data', way: 'hang', times: 3 });
    expect(await run()).toMatchObject({ error: null, committed: true });
    expect(await written).toMatchObject({ _tag: 'Committed' });
  });

  it('writes nothing where its configuration was changed while it asked', async () => {
    let changed: Promise<unknown> | null = null;
    const { fake, run, configure, files } = await collectingPond(
      {},
      {
        onAnswer: (url) => {
          if (url.includes(`${PIER}/data`)) changed ??= configure({ hydrovu_path: '/elsewhere' });
        },
      },
    );
    fake.addReadings(PIER, '1', '1', [[BEGIN, 1]]);
    fake.fail({ on: WELL, way: 'hang' });
    const { error } = await run();
    await changed;
    expect(error).toContain('its configuration was changed while it was at work; nothing was written');
    expect(await files('/**/*.series')).toEqual([]);
  });
});
