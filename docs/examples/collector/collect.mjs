import { parquetWriteBuffer } from 'hyparquet-writer';

const BEGINNING = '1970-01-01T00:00:00.000Z';

/** The newest event time in the series, as ISO 8601. */
const newestTime = async (files, path) => {
  if (!(await files.exists(path))) return BEGINNING;
  const times = (await files.versions(path)).map(({ maxEventTime }) => maxEventTime ?? 0);
  return new Date(Math.max(...times) / 1000).toISOString();
};

const parquet = (readings) =>
  new Uint8Array(
    parquetWriteBuffer({
      columnData: [
        { name: 'time', data: readings.map(({ time }) => new Date(time)), type: 'TIMESTAMP' },
        { name: 'celsius', data: readings.map(({ celsius }) => celsius), type: 'DOUBLE' },
      ],
    }),
  );

/** Appends the readings that a server has and the series has not. */
export default {
  name: 'collect-readings',
  description: 'Fetches new readings by HTTP and appends them to a series.',
  kind: 'executable',
  modes: ['InTransactionWriter'],

  config({ url, into, ...unknown }) {
    for (const key of Object.keys(unknown)) throw new Error(`${key}: unknown key; known keys are url, into`);
    if (typeof url !== 'string') throw new Error('url: expected an address');
    if (typeof into !== 'string') throw new Error('into: expected the path of a series');
    return { url, into };
  },

  async execute({ files, log, signal, span }, { url, into }) {
    const after = await newestTime(files, into);
    const response = await fetch(`${url}?after=${encodeURIComponent(after)}`, {
      signal,
      headers: { traceparent: span.traceParent },
    });
    if (!response.ok) throw new Error(`${url} returned ${response.status}`);
    const readings = await response.json();
    log.log('info', 'readings_fetched', { after, count: readings.length });
    if (readings.length === 0) return;

    const micros = readings.map(({ time }) => new Date(time).getTime() * 1000);
    await files.mkdirAll(into.slice(0, into.lastIndexOf('/')) || '/');
    await files.appendToSeries(into, parquet(readings), {
      minEventTime: Math.min(...micros),
      maxEventTime: Math.max(...micros),
    });
  },
};
