import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { readings, rowsOf } from '../factories/derived/parquet.js';
import { derive, newPond } from '../factories/derived/pond-with.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const REDUCE =
  'source: /sensors/north\ntime_column: time\nevery: [1h]\naggregates: { value: [avg, count] }\n';

const exporting = (target: string) => `factory: host-export
condition: { path_pattern: "/derived/**" }
config: { source: "/derived/**/*.parquet", target: "${target}", strip_prefix: /derived }
`;

it('a commit to a series publishes its new hours in the same plan, and a commit to another one does not', async () => {
  const pond = await newPond();
  const target = `${temporaryFolder('export-')}/www`;
  await derive(pond, { '/derived/north': ['temporal-reduce', REDUCE, 'directory'] });
  await pond.write(async ({ fs }) => {
    await fs.mkdirAll('/sensors');
    await fs.mkdirAll('/etc/system.d');
    await fs.write('/etc/system.d/10-export.yaml', Buffer.from(exporting(target)));
  });
  const append = (path: string, time: string, value: number) =>
    pond.write(async ({ fs }) => fs.appendToSeries(path, await readings([{ time, value }])));
  const statesOf = (outcome: Awaited<ReturnType<typeof append>>) =>
    outcome._tag === 'Committed' ? outcome.tasks.map(({ state }) => state) : [];
  const published = () => rowsOf(readFileSync(`${target}/north/1h.parquet`));

  expect(statesOf(await append('/sensors/north', '2026-11-20T10:10:00Z', 1))).toEqual(['completed']);
  expect(await published()).toMatchObject([{ value_avg: 1, value_count: '1' }]);
  expect(statesOf(await append('/sensors/south', '2026-11-20T10:10:00Z', 9))).toEqual([]);
  expect(statesOf(await append('/sensors/north', '2026-11-20T10:40:00Z', 3))).toEqual(['completed']);
  expect(await published()).toMatchObject([{ value_avg: 2, value_count: '2' }]);
  expect(readdirSync(`${target}/north`)).toEqual(['1h.parquet']);

  // The plan is the same when it is computed again from the pond alone.
  const again = await pond.plan();
  expect(again.plan.checksum).toBe(again.recordedChecksum);
});

it('an export of a derived file that cannot be made any more says in words what is missing; one that never could waits for its source', async () => {
  const pond = await newPond();
  const target = `${temporaryFolder('export-')}/www`;
  await derive(pond, { '/derived/north': ['temporal-reduce', REDUCE, 'directory'] });
  const tasksOf = (outcome: Awaited<ReturnType<typeof pond.write>>) =>
    outcome._tag === 'Committed' ? outcome.tasks : [];
  const before = await pond.write(async ({ fs }) => {
    await fs.mkdirAll('/etc/system.d');
    await fs.mkdirAll('/sensors');
    await fs.write('/etc/system.d/10-export.yaml', Buffer.from(exporting(target)));
    await fs.mkdirAll('/derived/empty');
  });
  expect(tasksOf(before).map(({ state }) => state)).toEqual(['completed']);
  await pond.write(async ({ fs }) =>
    fs.appendToSeries('/sensors/north', await readings([{ time: '2026-11-20T10:10:00Z', value: 1 }])),
  );
  expect(readdirSync(`${target}/north`)).toEqual(['1h.parquet']);
  const tasks = tasksOf(
    await pond.write(async ({ fs }) => {
      await fs.remove('/sensors/north');
      await fs.remove('/derived/empty');
    }),
  );
  expect(tasks.map(({ state }) => state)).toEqual(['failed']);
  expect(JSON.stringify(tasks)).toContain('/sensors');
  expect(JSON.stringify(tasks)).not.toMatch(/DynamicNodeFailed|PathNotFound/);
  expect(readdirSync(`${target}/north`)).toEqual(['1h.parquet']);
});
