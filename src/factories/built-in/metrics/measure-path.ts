import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import type { FileSystem } from '../../../ports/file-system.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { ByteStream } from '../../../tinyfs/persistence.js';
import { errorThrownBy } from '../../../tinyfs/thrown-error.js';
import type { Entry, PondReader, Version } from '../../../tinyfs/tinyfs.js';
import { csvRows, jsonRows, type RowCounter } from './count-rows.js';
import { parquetRows } from './parquet-rows.js';

/** Measures of one path; null: it has no such thing, or it cannot be known. */
export interface PathMeasures {
  readonly path: string;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly versions: number | null;
  /** Microseconds since the epoch: of a series the newest event, of anything else the newest version. */
  readonly newestEvent: number | null;
}

export type FilesInPlace = Pick<FileSystem, 'stat' | 'readRange'>;

export const measurePath = (
  fs: Pick<PondReader, 'read' | 'versions'>,
  files: FilesInPlace,
  entry: Entry,
): TE.TaskEither<TinyFsError, PathMeasures> =>
  steps(async ({ run }) => {
    const isStored = entry.nodeId !== null && entry.factory === null;
    const versions = isStored ? await run(fs.versions(entry.path)) : [];
    return {
      path: entry.path,
      rows: await run(rowsOf(fs, files, entry, versions)),
      bytes: entry.size,
      versions: isStored ? versions.length : null,
      newestEvent: newestEventOf(entry, versions),
    };
  });

const newestEventOf = ({ entryType, timestamp }: Entry, versions: readonly Version[]): number | null => {
  if (entryType !== 'series') return timestamp === 0 ? null : timestamp;
  const times = versions.flatMap(({ maxEventTime }) => (maxEventTime === null ? [] : [maxEventTime]));
  return times.length === 0 ? null : times.reduce((newest, time) => Math.max(newest, time));
};

const rowsOf = (
  fs: Pick<PondReader, 'read'>,
  files: FilesInPlace,
  { path, entryType, name }: Entry,
  versions: readonly Version[],
): TE.TaskEither<TinyFsError, number | null> => {
  const counting = (count: (content: ByteStream) => Promise<number | null>, version?: number) =>
    pipe(
      fs.read(path, version === undefined ? {} : { version }),
      TE.flatMap((content) => counted(path, () => count(content))),
    );
  const isParquet = entryType === 'table' || entryType === 'series' || /\.parquet$/i.test(name);
  if (entryType === 'series') {
    return pipe(
      versions.map(({ version }) => counting((content) => parquetRows(files, content), version)),
      TE.sequenceSeqArray,
      TE.map((rows) => rows.reduce<number | null>(sum, 0)),
    );
  }
  if (isParquet) return counting((content) => parquetRows(files, content));
  if (/\.[ct]sv$/i.test(name)) return counting((content) => countedBy(csvRows(), content));
  return /\.(json|jsonl|ndjson)$/i.test(name)
    ? counting((content) => countedBy(jsonRows(), content))
    : TE.right(null);
};

const sum = (total: number | null, rows: number | null): number | null =>
  total === null || rows === null ? null : total + rows;

const countedBy = async (counter: RowCounter, content: ByteStream): Promise<number> => {
  for await (const chunk of content) counter.take(chunk);
  return counter.rows();
};

/** Contents throw errors of the filesystem while they are read; what else is thrown is a defect. */
const counted = <A>(path: string, count: () => Promise<A>): TE.TaskEither<TinyFsError, A> =>
  TE.tryCatch(count, (thrown) => errorThrownBy(thrown, path));
