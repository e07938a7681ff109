import { parquetWriteBuffer } from 'hyparquet-writer';
import parsePrometheus from 'parse-prometheus-text-format';
import { expect, test } from 'vitest';
import { recordingTelemetry } from '../../../src/adapters/memory/recording-telemetry.js';
import { settableClock } from '../../../src/adapters/memory/settable-clock.js';
import { createMemoryPond } from '../../../src/memory-pond.js';

const FILE = '/out/pond.prom';
const START = Date.UTC(2026, 10, 28) * 1000;

/** Rows at one time, microseconds since the epoch. */
const series = (rows: number, at: number) =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'time', data: Array.from({ length: rows }, () => new Date(at / 1000)), type: 'TIMESTAMP' },
        { name: 'n', data: Array.from({ length: rows }, (_, n) => n), type: 'INT32' },
      ],
    }),
  );

const pondWith = async (config: object) => {
  const { clock, advance } = settableClock(START);
  const recording = recordingTelemetry();
  const pond = await createMemoryPond({ clock, telemetry: recording.telemetry });
  pond.disk.files.makeDirectory('/out', 0o755)();
  await pond.promises.write(async ({ fs }) => {
    await fs.createDynamicPath(
      '/etc/system.d/10-metrics',
      'file:dynamic',
      'metrics',
      Buffer.from(JSON.stringify(config)),
    );
    await fs.mkdir('/in');
  });
  const text = () => {
    const read = pond.disk.files.readFile(FILE)();
    return read._tag === 'Left' ? null : Buffer.from(read.right).toString();
  };
  return { pond, advance, text, metrics: recording.metrics };
};

const stateOf = (outcome: { readonly _tag: string }) =>
  'tasks' in outcome && Array.isArray(outcome.tasks)
    ? outcome.tasks.map(({ state, errorMessage }) => errorMessage ?? state)
    : outcome._tag;

/** Values of a family by path, as a collector reads them. */
const valuesOf = (text: string | null, name: string) =>
  Object.fromEntries(
    (parsePrometheus(text ?? '').find((family) => family.name === name)?.metrics ?? []).map(
      ({ labels, value }) => [labels?.path, Number(value)],
    ),
  );

test('rows, bytes, versions and the newest event of every path are in the file and in the gauges', async () => {
  const { pond, advance, text, metrics } = await pondWith({ paths: ['/in/**'], prometheus: FILE });
  const odd = '/in/a "quoted" \\ path\nof two lines.csv';
  await pond.promises.write(async ({ fs }) => {
    await fs.write('/in/a.csv', Buffer.from('a\n1\n2\n3\n'));
    await fs.write(odd, Buffer.from('a\n1\n'));
    await fs.write('/in/notes.txt', Buffer.from('hello'));
    await fs.appendToSeries('/in/s', series(5, START - 7e6));
  });
  await advance(60_000);
  const outcome = await pond.promises.write(({ fs }) => fs.appendToSeries('/in/s', series(2, START - 3e6)));
  expect(stateOf(outcome)).toEqual(['completed']);
  expect(valuesOf(text(), 'pond_path_rows')).toEqual({ '/in/a.csv': 3, [odd]: 1, '/in/s': 7 });
  expect(valuesOf(text(), 'pond_path_bytes')).toMatchObject({ '/in/a.csv': 8, '/in/notes.txt': 5 });
  expect(valuesOf(text(), 'pond_path_versions')).toMatchObject({ '/in/a.csv': 1, '/in/s': 2 });
  expect(valuesOf(text(), 'pond_path_newest_event_timestamp_seconds')).toMatchObject({
    '/in/s': START / 1e6 - 3,
    '/in/a.csv': START / 1e6,
  });
  expect(valuesOf(text(), 'pond_path_newest_event_age_seconds')).toMatchObject({
    '/in/s': 63,
    '/in/a.csv': 60,
  });
  expect(parsePrometheus(text() ?? '').every(({ type }) => type === 'GAUGE')).toBe(true);
  expect(metrics()).toMatchObject({
    'pond.path.rows /in/s': 7,
    'pond.path.bytes /in/a.csv': 8,
    'pond.path.versions /in/s': 2,
    'pond.path.newest_event.age /in/s': 63,
  });
});

test('with otlp: false nothing is said to the collector', async () => {
  const { pond, text, metrics } = await pondWith({ paths: '/in/*', prometheus: FILE, otlp: false });
  await pond.promises.write(({ fs }) => fs.write('/in/a.csv', Buffer.from('a\n1\n')));
  expect(valuesOf(text(), 'pond_path_rows')).toEqual({ '/in/a.csv': 1 });
  expect(Object.keys(metrics()).filter((name) => name.startsWith('pond.path'))).toEqual([]);
});

test('a file that this entry did not write is left as it is', async () => {
  const { pond, text } = await pondWith({ paths: '/in/*', prometheus: FILE });
  for (const foreign of ['node_load1 0.5\n', '# pond-steward 0190 7 /etc/system.d/10-metrics\n']) {
    pond.disk.files.remove(FILE)();
    pond.disk.files.writeNewFile(FILE, Buffer.from(foreign))();
    const outcome = await pond.promises.write(({ fs }) => fs.write('/in/a.csv', Buffer.from(foreign)));
    expect(String(stateOf(outcome))).toMatch(/was not written by this pond|belongs to/);
    expect(text()).toBe(foreign);
  }
});

test('a file inside of the pond, one that is not .prom, and one in no directory are refused', async () => {
  const failing = async (prometheus: string) => {
    const { pond } = await pondWith({ paths: '/in/*', prometheus });
    return String(stateOf(await pond.promises.write(({ fs }) => fs.write('/in/a', Buffer.from('x')))));
  };
  expect(await failing('/pond/data/x.prom')).toContain("which is the pond's own");
  expect(await failing('/nowhere/x.prom')).toContain('/nowhere');
  const { pond } = await pondWith({ paths: '/in/*', prometheus: '/out/x.txt' });
  const rejected = await pond.promises.write(({ fs }) => fs.write('/in/a', Buffer.from('x')));
  expect(String(stateOf(rejected))).toContain('ends with .prom');
});

test('more paths than a collector should be given are an error that says how many match', async () => {
  const { pond } = await pondWith({ paths: '/in/*' });
  const outcome = await pond.promises.write(async ({ fs }) => {
    for (let n = 0; n <= 1_000; n++) await fs.write(`/in/${n}`, Buffer.from('x'));
  });
  expect(String(stateOf(outcome))).toContain('1001 files match, and at most 1000 are measured');
});

test('a retry of an older commit does not go back behind a newer one', async () => {
  const { pond, text } = await pondWith({ paths: '/in/*', prometheus: FILE });
  pond.disk.files.writeNewFile(FILE, Buffer.from('not ours\n'))();
  const older = await pond.promises.write(({ fs }) => fs.write('/in/a.csv', Buffer.from('a\n1\n')));
  pond.disk.files.remove(FILE)();
  await pond.promises.write(({ fs }) => fs.write('/in/a.csv', Buffer.from('a\n1\n2\n')));
  await pond.promises.retry({ txnSeq: older.txnSeq });
  expect(valuesOf(text(), 'pond_path_rows')).toEqual({ '/in/a.csv': 2 });
});
