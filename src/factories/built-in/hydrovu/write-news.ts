import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { steps } from '../../../effects/steps.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import { isTinyFsError } from '../../../tinyfs/thrown-error.js';
import type { FactoryError, WriterContext } from '../../factory.js';
import { thrownMessage } from '../../thrown-message.js';
import { failingOf } from '../collecting/failing.js';
import { leftOutReport } from '../collecting/left-out-report.js';
import { rowsAsParquet } from '../collecting/rows-as-parquet.js';
import type { DeviceTable } from './device-readings.js';
import { deviceDirectory, knownTimes, TIME_COLUMN } from './device-series.js';
import type { HydroVuConfig, HydroVuDevice } from './hydrovu-config.js';

/** Result of asking for one device. */
export interface DeviceNews {
  readonly device: HydroVuDevice;
  /** Null where none was gathered. */
  readonly table: DeviceTable | null;
  readonly pages: number;
  /** Tells whether the server may have more, which the next run asks for. */
  readonly hasMore: boolean;
  /** A problem in words; null where there was none. What came before it is whole, and counts. */
  readonly error: string | null;
}

/** Rows that were written of a device; null where none were. */
interface Written {
  readonly table: DeviceTable;
  readonly version: number;
}

/** Writes one version for each device with news. What another run has written meanwhile is left out. */
export const writeNews = (
  context: WriterContext,
  config: HydroVuConfig,
  news: readonly DeviceNews[],
  spent: JsonObject,
): TaskEither<FactoryError, readonly string[]> =>
  steps(async ({ run, fail }) => {
    const { failed, orFailed } = failingOf('hydrovu', context);
    const undone: string[] = [];
    const refused = ({ name, id }: HydroVuDevice, error: string) => undone.push(`${name} (${id}): ${error}`);
    const inactive = config.devices.filter((device) => device.active === false);
    for (const device of inactive) {
      const made = await run(orFailed(alone(context.fs.mkdirAll(deviceDirectory(config, device)))));
      if (isLeft(made)) refused(device, made.left);
    }
    const devices: JsonObject[] = [];
    let landed = 0;
    for (const one of news) {
      const written = await run(orFailed(alone(writeDevice(context, config, one))));
      const error = isLeft(written) ? written.left : one.error;
      const rows = isLeft(written) ? null : written.right;
      if (rows !== null) landed += 1;
      if (error !== null) refused(one.device, error);
      devices.push(deviceReport({ ...one, error }, rows));
    }
    context.report(reportOf(devices, spent));
    // Where nothing landed there is nothing to stand beside what failed.
    if (undone.length > 0 && landed === 0) return fail(failed(undone.join('; ')));
    return undone;
  });

/** Errors about what stands at the path of one device, or what its series does not take: no other device has them. */
const OF_ONE_DEVICE: ReadonlySet<TinyFsError['_tag']> = new Set<TinyFsError['_tag']>([
  'SchemaConflict',
  'NotParquet',
  'SeriesUnreadable',
  'NotASeries',
  'WrongEntryType',
  'PathExists',
  'IsADirectory',
  'NotADirectory',
  'SymlinkLoop',
  'ReadOnlyPath',
]);

/** A step whose error, where it is of one device, is a value in words: those of others go on. */
const alone =
  <A>(step: TaskEither<unknown, A>): TaskEither<unknown, Either<string, A>> =>
  async () => {
    const outcome = await step();
    if (!isLeft(outcome)) return right(outcome);
    const error = outcome.left;
    return isTinyFsError(error) && OF_ONE_DEVICE.has(error._tag)
      ? right(left(thrownMessage(error)))
      : left(error);
  };

/** Null: nothing of it is new. */
const writeDevice = (
  { fs }: Pick<WriterContext, 'fs'>,
  config: HydroVuConfig,
  { device, table }: DeviceNews,
): TaskEither<unknown, Written | null> =>
  steps(async ({ run }) => {
    const directory = deviceDirectory(config, device);
    await run(fs.mkdirAll(directory));
    const first = table?.times[0];
    const known = first === undefined ? NONE_KNOWN : await knownTimes(fs, config, device, first);
    const fresh = withoutKnown(table, known);
    if (fresh === null) return null;
    const { version } = await run(appendRows({ fs }, `${directory}/${device.name}_active.series`, fresh));
    return { table: fresh, version };
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
  written: Written | null,
): JsonObject => ({
  name: device.name,
  id: device.id,
  state: error !== null ? 'failed' : written === null ? 'no news' : 'appended',
  rows: written?.table.times.length ?? 0,
  pages,
  ...(written === null ? {} : spanOf(written)),
  ...(hasMore ? { more: true } : {}),
  ...leftOutReport(gathered?.leftOut),
  ...(error === null ? {} : { error }),
});

const spanOf = ({ table: { times }, version }: Written): JsonObject => ({
  version,
  from: isoOf(times[0] ?? 0),
  to: isoOf(times.at(-1) ?? 0),
});

const isoOf = (seconds: number): string => new Date(seconds * 1000).toISOString();

/** Devices of which each is told; of more, those that failed and how many there were. */
const MOST_TOLD = 200;

const reportOf = (devices: readonly JsonObject[], spent: JsonObject): JsonObject => {
  const told = devices.length <= MOST_TOLD ? devices : devices.filter(({ state }) => state === 'failed');
  return { devices: told.slice(0, MOST_TOLD), devices_total: devices.length, ...spent };
};
