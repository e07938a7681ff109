import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { shellWord } from '../../../domain/shell-word.js';
import { steps } from '../../../effects/steps.js';
import type { PondReader } from '../../../tinyfs/tinyfs.js';
import type { FactoryError, WriterContext } from '../../factory.js';
import { failingOf } from '../collecting/failing.js';
import { columnsOfVersion } from '../collecting/newest-event.js';
import { microsOf, type ParquetColumns } from '../collecting/parquet-columns.js';
import type { RequestDeps } from '../http/patient-requests.js';
import type { DeviceTable } from './device-readings.js';
import { deviceDirectory, TIME_COLUMN } from './device-series.js';
import type { HydroVuConfig, HydroVuDevice } from './hydrovu-config.js';
import { appendRows } from './write-news.js';

/**
 * Makes of a device's active series one with a single version, sorted by time, whose name has the day. The next readings go
 * on after it, in a new active series.
 */
export const archiveDevices = (
  deps: Pick<RequestDeps, 'clock'>,
  context: WriterContext,
  config: HydroVuConfig,
  devices: readonly HydroVuDevice[],
): TaskEither<FactoryError, readonly string[]> =>
  steps(async ({ run }) => {
    const { orFailed } = failingOf('hydrovu', context);
    const day = new Date(deps.clock.nowMicros() / 1000).toISOString().slice(0, 10).replaceAll('-', '');
    const archived: JsonObject[] = [];
    for (const device of devices) {
      const directory = deviceDirectory(config, device);
      const active = await run(orFailed(activeSeries(context.fs, directory, device)));
      if (active === null) {
        archived.push({ name: device.name, state: 'nothing to archive' });
        continue;
      }
      const table = await run(
        orFailed(
          TE.tryCatch(
            () => allRows(context.fs, active),
            (thrown) => thrown,
          ),
        ),
      );
      const path = await run(orFailed(freePath(context.fs, `${directory}/${device.name}_archive_${day}`)));
      await run(orFailed(appendRows(context, path, table)));
      await run(orFailed(context.fs.remove(active)));
      const copy = `pond copy ${shellWord(path)} host://$PWD/`;
      archived.push({ name: device.name, state: 'archived', path, rows: table.times.length, copy });
    }
    context.report({ archived: archived.slice(0, 200), devices_total: archived.length });
    return [];
  });

/** The series that readings are appended to, under its present or its older name; null where there is none. */
const activeSeries =
  (fs: PondReaderLike, directory: string, { name }: HydroVuDevice): TaskEither<unknown, string | null> =>
  async () => {
    for (const path of [`${directory}/${name}_active.series`, `${directory}/${name}.series`]) {
      const exists = await fs.exists(path)();
      if (isLeft(exists)) return exists;
      if (exists.right) return right(path);
    }
    return right(null);
  };

type PondReaderLike = Pick<PondReader, 'exists' | 'read' | 'versions'>;

/** A second archive of one day has a number. */
const freePath =
  (fs: PondReaderLike, stem: string): TaskEither<unknown, string> =>
  async () => {
    for (let number = 1; ; number += 1) {
      const path = `${stem}${number === 1 ? '' : `_${number}`}.series`;
      const exists = await fs.exists(path)();
      if (isLeft(exists)) return exists;
      if (!exists.right) return right(path);
    }
  };

/** Rows of all versions, sorted by time; columns by their names. */
const allRows = async (fs: PondReaderLike, path: string): Promise<Pick<DeviceTable, 'times' | 'columns'>> => {
  const versions = await fs.versions(path)();
  if (isLeft(versions)) throw versions.left;
  const parts: ParquetColumns[] = [];
  for (const { version, size } of versions.right)
    if (size > 0) parts.push(await columnsOfVersion(fs, path, version));
  const total = parts.reduce((sum, { rows }) => sum + rows, 0);
  const times = new Float64Array(total);
  const columns = new Map<string, Float64Array>();
  let begin = 0;
  for (const { rows, columns: part } of parts) {
    for (const [name, { element, values }] of part) {
      const column = columns.get(name) ?? new Float64Array(total).fill(Number.NaN);
      if (name !== TIME_COLUMN) columns.set(name, column);
      values.forEach((value, row) => {
        if (name === TIME_COLUMN) times[begin + row] = secondsOf(path, microsOf(element, value));
        else if (typeof value === 'number') column[begin + row] = value;
        else if (value !== null)
          throw new Error(
            `${path}: its column ${name} has values that are not numbers, so it cannot be archived`,
          );
      });
    }
    if (!part.has(TIME_COLUMN)) throw new Error(`${path}: a version of it has no column ${TIME_COLUMN}`);
    begin += rows;
  }
  const order = Array.from(times.keys()).sort((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  const sorted = (values: Float64Array): Float64Array =>
    Float64Array.from(order, (row) => values[row] ?? Number.NaN);
  return {
    times: sorted(times),
    columns: [...columns]
      .map(([name, values]) => ({ name, values: sorted(values) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
};

const secondsOf = (path: string, micros: number | null): number => {
  if (micros === null || micros % 1e6 !== 0)
    throw new Error(`${path}: a row of it has no whole second in its column ${TIME_COLUMN}`);
  return micros / 1e6;
};
