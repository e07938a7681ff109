import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { steps } from '../../../effects/steps.js';
import type { PondReader } from '../../../tinyfs/tinyfs.js';
import type { FactoryError, GatherContext, Gathered, WriterContext } from '../../factory.js';
import { thrownMessage } from '../../thrown-message.js';
import { failingOf } from '../collecting/failing.js';
import { leftOutReport } from '../collecting/left-out-report.js';
import { eventTimesIn, newestEventIn } from '../collecting/newest-event.js';
import { rowsAsParquet } from '../collecting/rows-as-parquet.js';
import type { RequestDeps } from '../http/patient-requests.js';
import { patientRequests } from '../http/patient-requests.js';
import { type DeviceTable, deviceReadings } from './device-readings.js';
import { type Dictionaries, type HydroVuApi, type HydroVuLocation, hydroVuApi } from './hydrovu-api.js';
import type { HydroVuConfig, HydroVuDevice } from './hydrovu-config.js';

/** The column of times in every file that is written here. */
export const TIME_COLUMN = 'timestamp';

/** The earliest time that a reading is believed: a logger that has lost its clock counts from the epoch. */
const FLOOR = 86_400;
const DAY_MS = 86_400_000;
const USUAL_POINTS = 100_000;
const MIB = 1024 * 1024;

/** Result of asking for one device. */
interface DeviceNews {
  readonly device: HydroVuDevice;
  /** Null where none was gathered. */
  readonly table: DeviceTable | null;
  readonly pages: number;
  /** Tells whether the server may have more, which the next run asks for. */
  readonly hasMore: boolean;
  /** A problem in words; null where there was none. What came before it is whole, and counts. */
  readonly error: string | null;
}

/** Directory of the series of a device. */
export const deviceDirectory = ({ hydrovu_path }: HydroVuConfig, { id }: HydroVuDevice): string =>
  `${hydrovu_path.replace(/\/+$/, '')}/devices/${id}`;

/** Directory of what was collected of a device before; null where there is none. */
const archiveDirectory = ({ archive_path }: HydroVuConfig, { id }: HydroVuDevice): string | null =>
  archive_path === undefined ? null : `${archive_path.replace(/\/+$/, '')}/devices/${id}`;

export const requestsOf = (deps: RequestDeps, context: GatherContext, config: HydroVuConfig) =>
  patientRequests(deps, context, {
    timeoutMs: config.timeout ?? 60_000,
    maxAnswerBytes: (config.max_answer_mib ?? 64) * MIB,
    perMinute: config.requests_per_minute ?? 900,
  });

/** Asks for what each device has since its newest event; what came is written in one transaction. */
export const gatherReadings = (
  deps: RequestDeps,
  context: GatherContext,
  config: HydroVuConfig,
): TaskEither<FactoryError, Gathered> =>
  steps(async ({ fail }) => {
    const { failed } = failingOf('hydrovu', context);
    let asking = '';
    const told = { ...context, progress: (words: string) => context.progress(`${asking}${words}`) };
    const requests = requestsOf(deps, told, config);
    const api = hydroVuApi(deps.clock, requests, config);
    const active = config.devices.filter((device) => device.active !== false);
    const names = active.length === 0 ? NO_NAMES : await api.dictionaries();
    if (isLeft(names)) {
      const { message, retryable, retryAfterMs } = names.left;
      return fail(failed(message, { retryable, ...(retryAfterMs === null ? {} : { retryAfterMs }) }));
    }
    // One reading from the future would hide all that come before it.
    const until = Math.floor(deps.clock.nowMicros() / 1e6);
    const isKnown = knownLocations(api);
    const news: DeviceNews[] = [];
    for (const [at, device] of active.entries()) {
      asking = `${device.name} (${at + 1} of ${active.length}), `;
      if (context.signal.aborted) return fail(failed('interrupted'));
      const asked = { api, names: names.right, until, isKnown };
      const one = await newsOf(context, config, device, asked);
      if (one.error !== null)
        context.log.log('error', 'device_failed', { device: device.name, error: one.error });
      news.push(one);
    }
    const { requests: count, bytes } = requests.spent();
    return { write: (writer) => writeNews(writer, config, news, { requests: count, bytes }) };
  });

const NO_NAMES = { _tag: 'Right', right: { parameters: new Map(), units: new Map() } } as const;

/** Locations of the account, asked for once and only where it matters; null where they could not be had. */
const knownLocations = (api: HydroVuApi): ((id: string) => Promise<boolean | null>) => {
  let locations: readonly HydroVuLocation[] | null | undefined;
  return async (id) => {
    if (locations === undefined) {
      const answer = await api.locations();
      locations = isLeft(answer) ? null : answer.right;
    }
    return locations === null ? null : locations.some((location) => location.id === id);
  };
};

interface Asked {
  readonly api: HydroVuApi;
  readonly names: Dictionaries;
  readonly until: number;
  readonly isKnown: (id: string) => Promise<boolean | null>;
}

/** Everything of one device, errors included: no device's trouble is another's. */
const newsOf = async (
  context: GatherContext,
  config: HydroVuConfig,
  device: HydroVuDevice,
  { api, names, until, isKnown }: Asked,
): Promise<DeviceNews> => {
  const none = { device, table: null, pages: 0, hasMore: false };
  try {
    const newest = await newestOf(context.fs, config, device);
    const from =
      newest === null
        ? Math.max(FLOOR, device.since ?? config.since ?? 0)
        : Math.max(FLOOR, newest + 1 - overlapOf(config));
    const known = await knownTimes(context.fs, config, device, from);
    const readings = deviceReadings(names, { from, until, known });
    const pages = api.readings(device.id, from, until);
    const most = config.max_points_per_run ?? USUAL_POINTS;
    let [count, taken] = [0, 0];
    for (;;) {
      const next = await pages.next();
      if (next.done === true) {
        const error = next.value?.message ?? null;
        // A location that nobody knows looks like one without news, for ever.
        if (error === null && count === 0 && newest === null && (await isKnown(device.id)) === false)
          return {
            ...none,
            error: `there is no location ${device.id}; pond run ${context.path} locations shows them`,
          };
        return { device, table: readings.table(), pages: count, hasMore: error !== null, error };
      }
      count += 1;
      taken += readings.add(next.value);
      // A page has all parameters of its stretch of time, so that what follows is later than all that is there.
      if (taken >= most) return { device, table: readings.table(), pages: count, hasMore: true, error: null };
    }
  } catch (thrown) {
    return { ...none, error: thrownMessage(thrown) };
  }
};

/** The newest second that the pond has of a device; null where it has none. The data itself is the state. */
const newestOf = async (
  fs: Pick<PondReader, 'list' | 'versions' | 'read'>,
  config: HydroVuConfig,
  device: HydroVuDevice,
): Promise<number | null> => {
  const own = await newestEventIn(fs, deviceDirectory(config, device), TIME_COLUMN);
  const archive = archiveDirectory(config, device);
  if (own !== null || archive === null) return own === null ? null : secondOf(own);
  const archived = await newestEventIn(fs, archive, TIME_COLUMN);
  if (archived === null)
    throw new Error(
      `${archive} has no readings to go on after: copy its archive there, or leave out config.archive_path`,
    );
  return secondOf(archived);
};

/** Seconds before the newest reading in which there may be others that are new. */
const overlapOf = ({ overlap = DAY_MS }: HydroVuConfig): number => Math.floor(overlap / 1000);

/** Seconds from `from` on that the pond has rows of, in its archives too. */
const knownTimes = async (
  fs: Pick<PondReader, 'list' | 'versions' | 'read'>,
  config: HydroVuConfig,
  device: HydroVuDevice,
  from: number,
): Promise<ReadonlySet<number>> => {
  const own = await eventTimesIn(fs, deviceDirectory(config, device), TIME_COLUMN, from * 1e6);
  const archive = archiveDirectory(config, device);
  const archived = archive === null ? [] : await eventTimesIn(fs, archive, TIME_COLUMN, from * 1e6);
  return new Set([...own, ...archived].map(secondOf));
};

const secondOf = (micros: number): number => Math.floor(micros / 1e6);

/** Writes one version for each device with news. What another run has written meanwhile is left out. */
const writeNews = (
  context: WriterContext,
  config: HydroVuConfig,
  news: readonly DeviceNews[],
  spent: JsonObject,
): TaskEither<FactoryError, readonly string[]> =>
  steps(async ({ run, fail }) => {
    const { failed, orFailed } = failingOf('hydrovu', context);
    const { fs } = context;
    for (const device of config.devices) await run(orFailed(fs.mkdirAll(deviceDirectory(config, device))));
    const devices: JsonObject[] = [];
    let written = 0;
    for (const one of news) {
      const { device } = one;
      const directory = deviceDirectory(config, device);
      const first = one.table?.times[0];
      const known = first === undefined ? NONE_KNOWN : await knownTimes(fs, config, device, first);
      const table = withoutKnown(one.table, known);
      const { version = null } =
        table === null
          ? {}
          : await run(orFailed(appendRows(context, `${directory}/${device.name}_active.series`, table)));
      if (table !== null) written += 1;
      devices.push(deviceReport(one, table, version));
    }
    const errors = news.flatMap(({ device, error }) =>
      error === null ? [] : [`${device.name} (${device.id}): ${error}`],
    );
    context.report(reportOf(devices, spent));
    // Where nothing landed there is nothing to stand beside what failed.
    if (errors.length > 0 && written === 0) return fail(failed(errors.join('; ')));
    return errors;
  });

const NONE_KNOWN: ReadonlySet<number> = new Set();

/** Rows that the pond does not have; null where it has all. */
const withoutKnown = (table: DeviceTable | null, known: ReadonlySet<number>): DeviceTable | null => {
  if (table === null || table.times.length === 0) return null;
  if (known.size === 0) return table;
  const rows = Array.from(table.times.keys()).filter((row) => !known.has(table.times[row] ?? Number.NaN));
  const kept = (values: Float64Array): Float64Array =>
    Float64Array.from(rows, (row) => values[row] ?? Number.NaN);
  if (rows.length === 0) return null;
  return {
    ...table,
    times: kept(table.times),
    columns: table.columns
      .map(({ name, values }) => ({ name, values: kept(values) }))
      .filter(({ values }) => values.some((value) => !Number.isNaN(value))),
  };
};

/** Appends rows as one version of a series, which is made where it is missing. */
export const appendRows =
  (
    { fs }: Pick<WriterContext, 'fs'>,
    path: string,
    { times, columns }: Pick<DeviceTable, 'times' | 'columns'>,
  ): TaskEither<unknown, { readonly version: number }> =>
  async () => {
    const bytes = await rowsAsParquet(times.length, [
      {
        name: TIME_COLUMN,
        type: 'timestamp',
        isRequired: true,
        valueIn: (row) => BigInt(times[row] ?? 0) * 1_000_000n,
      },
      ...columns.map(({ name, values }) => ({
        name,
        type: 'double' as const,
        valueIn: (row: number) => valueOrNull(values[row] ?? Number.NaN),
      })),
    ]);
    return fs.appendToSeries(path, bytes, {
      attributes: JSON.stringify({ event_time_column: TIME_COLUMN, unique: [TIME_COLUMN] }),
      minEventTime: (times[0] ?? 0) * 1e6,
      maxEventTime: (times.at(-1) ?? 0) * 1e6,
    })();
  };

const valueOrNull = (value: number): number | null => (Number.isNaN(value) ? null : value);

const deviceReport = (
  { device, table: gathered, pages, hasMore, error }: DeviceNews,
  table: DeviceTable | null,
  version: number | null,
): JsonObject => ({
  name: device.name,
  id: device.id,
  state: error !== null ? 'failed' : table === null ? 'no news' : 'appended',
  rows: table?.times.length ?? 0,
  pages,
  ...(table === null || version === null
    ? {}
    : { version, from: isoOf(table.times[0] ?? 0), to: isoOf(table.times.at(-1) ?? 0) }),
  ...(hasMore ? { more: true } : {}),
  ...leftOutReport(gathered?.leftOut),
  ...(error === null ? {} : { error }),
});

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Devices of which each is told; of more, those that failed and how many there were. */
const MOST_TOLD = 200;

const reportOf = (devices: readonly JsonObject[], spent: JsonObject): JsonObject => {
  const told = devices.length <= MOST_TOLD ? devices : devices.filter(({ state }) => state === 'failed');
  return { devices: told.slice(0, MOST_TOLD), devices_total: devices.length, ...spent };
};
