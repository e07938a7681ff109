import type { PondReader } from '../../../tinyfs/tinyfs.js';
import { eventTimesIn, newestEventIn } from '../collecting/newest-event.js';
import type { HydroVuConfig, HydroVuDevice } from './hydrovu-config.js';

/** The column of times in every file that is written here. */
export const TIME_COLUMN = 'timestamp';

/** Directory of the series of a device. */
export const deviceDirectory = ({ hydrovu_path }: HydroVuConfig, { id }: HydroVuDevice): string =>
  `${hydrovu_path.replace(/\/+$/, '')}/devices/${id}`;

/** Directory of what was collected of a device before; null where there is none. */
const archiveDirectory = ({ archive_path }: HydroVuConfig, { id }: HydroVuDevice): string | null =>
  archive_path === undefined ? null : `${archive_path.replace(/\/+$/, '')}/devices/${id}`;

/** The newest second that the pond has of a device; null where it has none. The data itself is the state. */
export const newestOf = async (
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

/** Seconds from `from` on that the pond has rows of, in its archives too. */
export const knownTimes = async (
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
