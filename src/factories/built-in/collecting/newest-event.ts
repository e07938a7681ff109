import { isLeft } from 'fp-ts/lib/Either.js';
import { shellWord } from '../../../domain/shell-word.js';
import type { PondReader, Version } from '../../../tinyfs/tinyfs.js';
import { thrownMessage } from '../../thrown-message.js';
import { microsOf, type ParquetColumns, parquetColumns } from './parquet-columns.js';

type Fs = Pick<PondReader, 'list' | 'versions' | 'read'>;

/** The latest event time of a series in microseconds since the epoch; null where it has none. What goes wrong is thrown. */
export const newestEventOf = async (fs: Fs, path: string, timeColumn: string): Promise<number | null> => {
  const versions = await fs.versions(path)();
  if (isLeft(versions)) throw versions.left;
  let newest: number | null = null;
  for (const version of versions.right) {
    const time = version.maxEventTime ?? (await timeInside(fs, path, version, timeColumn));
    if (time !== null && (newest === null || time > newest)) newest = time;
  }
  return newest;
};

/** The same over all series of a directory; null, too, where there is no such directory. */
export const newestEventIn = async (
  fs: Fs,
  directory: string,
  timeColumn: string,
): Promise<number | null> => {
  let newest: number | null = null;
  for (const path of await seriesIn(fs, directory)) {
    const time = await newestEventOf(fs, path, timeColumn);
    if (time !== null && (newest === null || time > newest)) newest = time;
  }
  return newest;
};

/** Paths of the series in a directory; none where there is no such directory. */
const seriesIn = async (fs: Fs, directory: string): Promise<readonly string[]> => {
  const entries = await fs.list(directory)();
  if (isLeft(entries)) {
    if (entries.left._tag === 'PathNotFound') return [];
    throw entries.left;
  }
  return entries.right
    .filter(({ entryType, name }) => entryType === 'series' && name.endsWith('.series'))
    .map(({ path }) => path);
};

/** All event times from `earliest` on of all series of a directory, in microseconds since the epoch. What goes wrong is thrown. */
export const eventTimesIn = async (
  fs: Fs,
  directory: string,
  timeColumn: string,
  earliest: number,
): Promise<ReadonlySet<number>> => {
  const times = new Set<number>();
  for (const path of await seriesIn(fs, directory)) {
    const versions = await fs.versions(path)();
    if (isLeft(versions)) throw versions.left;
    for (const { version, size, maxEventTime } of versions.right) {
      if (size === 0 || (maxEventTime !== null && maxEventTime < earliest)) continue;
      for (const time of await timesInside(fs, path, version, timeColumn))
        if (time >= earliest) times.add(time);
    }
  }
  return times;
};

/** The latest time in a version of which nobody has said one: it was put there by something else. */
const timeInside = async (
  fs: Fs,
  path: string,
  { version, size }: Version,
  timeColumn: string,
): Promise<number | null> => {
  if (size === 0) return null;
  let newest: number | null = null;
  for (const time of await timesInside(fs, path, version, timeColumn))
    if (newest === null || time > newest) newest = time;
  return newest;
};

const timesInside = async (
  fs: Fs,
  path: string,
  version: number,
  timeColumn: string,
): Promise<readonly number[]> => {
  const { columns } = await columnsOfVersion(fs, path, version, [timeColumn]);
  const column = columns.get(timeColumn);
  return (column?.values ?? []).flatMap((value) => {
    const time = column === undefined ? null : microsOf(column.element, value);
    return time === null ? [] : [time];
  });
};

/** These columns of one version of a series, or all of them. Throws an `Error` that names the version where it is not Parquet. */
export const columnsOfVersion = async (
  fs: Pick<Fs, 'read'>,
  path: string,
  version: number,
  only: readonly string[] | null = null,
): Promise<ParquetColumns> => {
  const bytes = await bytesOf(fs, path, version);
  try {
    return await parquetColumns(bytes, only);
  } catch (thrown) {
    throw new Error(
      `version ${version} of ${path} cannot be read as Parquet: ${thrownMessage(thrown)}; pond rm ${shellWord(path)} --version ${version} takes it out`,
    );
  }
};

/** All bytes of one version. */
const bytesOf = async (fs: Pick<Fs, 'read'>, path: string, version: number): Promise<Uint8Array> => {
  const stream = await fs.read(path, { version })();
  if (isLeft(stream)) throw stream.left;
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream.right) chunks.push(chunk);
  return Buffer.concat(chunks);
};
