import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { median, ms, settled, timed, times } from './machinery/measure.mjs';
import { sized } from './machinery/sized.mjs';

const VERSIONS = sized([1, 10, 100, 365, 1_000], [1]);
const ROUNDS = sized(7, 1);

const nodeOf = (source) => `source: ${source}
time_column: time
every: [1h]
aggregates: { value: [avg, min, max, count] }
`;

/** Days of readings, one a minute, as Parquet. */
const dayWriter = async (scratch) => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  return async (day) => {
    const file = join(scratch, 'day.parquet');
    await connection.run(
      `COPY (SELECT TIMESTAMPTZ '2026-01-01 00:00:00Z' + INTERVAL 1 MINUTE * (${day} * 1440 + i) AS time, sin(i) AS value FROM range(1440) AS r(i)) TO '${file}' (FORMAT parquet)`,
    );
    return readFileSync(file);
  };
};

/** Reading the hours of a series after one more day, over so many days; beside that day alone and what is kept. */
export const benchDerived = async ({ Steward }, scratch) => {
  const directory = join(scratch, 'derived');
  await settled(Steward.init(directory));
  const pond = await settled(Steward.open(directory));
  const day = await dayWriter(scratch);
  const write = (body) => settled(pond.write(({ fs }) => body(fs)));
  const read = (path) => timed(() => settled(pond.read(({ fs }) => fs.readBytes(path))));
  const reduced = async (name, days) => {
    await write((fs) => fs.mkdirAll('/s'));
    await write((fs) => fs.mkdirAll('/d'));
    for (const content of days) await write((fs) => fs.appendToSeries(`/s/${name}`, content));
    await write((fs) =>
      fs.createDynamicPath(
        `/d/${name}`,
        'directory:dynamic',
        'temporal-reduce',
        Buffer.from(nodeOf(`/s/${name}`)),
      ),
    );
    return `/d/${name}/1h.parquet`;
  };
  const rows = [];
  for (const count of VERSIONS) {
    const days = [];
    for (let at = 0; at < count; at += 1) days.push(await day(at));
    const hours = await reduced(`series-${count}`, days);
    const all = await read(hours);
    const took = { after: [], alone: [], kept: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const more = await day(count + round);
      await write((fs) => fs.appendToSeries(`/s/series-${count}`, more));
      took.after.push(await read(hours));
      took.kept.push(await read(hours));
      took.alone.push(await read(await reduced(`alone-${count}-${round}`, [more])));
    }
    const [after, alone, kept] = [took.after, took.alone, took.kept].map(median);
    rows.push([
      `hours of a series of ${count} days after one more`,
      times(after / (alone + kept)),
      '<= 1.3 x',
      `${ms(after)}, beside ${ms(alone)} for that day alone and ${ms(kept)} for what is kept; medians of ${ROUNDS}; all of it for the first time: ${ms(all)}`,
    ]);
  }
  await settled(pond.close());
  return rows;
};
