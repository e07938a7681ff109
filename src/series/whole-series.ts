import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '../domain/documents/canonical-json.js';
import { sha256 } from '../domain/documents/sha256.js';
import type { SeriesContract } from '../domain/series/series-contract.js';
import type { QueryFailed, WrittenFile } from '../ports/query-engine.js';
import type { NoWorkingSpace } from '../ports/working-spaces.js';
import { readingOf } from '../queries/series-reading.js';
import { watchedContent } from '../queries/watched-contents.js';
import type { TinyFsError } from '../tinyfs/errors.js';
import type { ByteStream } from '../tinyfs/persistence.js';
import type { SeriesFormat, SeriesToRead } from '../tinyfs/series-format.js';
import { errorThrownBy } from '../tinyfs/thrown-error.js';
import { withKeptBeginning } from './kept-beginning.js';
import { type MergedFiles, mergedFiles, readKept } from './merged-files.js';
import type { SeriesPlaces, SeriesPorts } from './series-ports.js';
import { isInOrder } from './time-order.js';
import { joinNewest, together } from './together.js';

/**
 * A series as one Parquet file. A version that is alone and in order is it already. Versions that are not all Parquet, in
 * old ponds, come one after another. Others are merged when the content is read; what was merged is kept for the next
 * reader, under the digests of the versions, for this user.
 */
export const wholeSeries =
  (ports: SeriesPorts, places: SeriesPlaces): SeriesFormat['whole'] =>
  (series) => ({
    async *[Symbol.asyncIterator]() {
      const { parts, contract } = series;
      const [first] = parts;
      if (first === undefined) return;
      if (contract.columns === null && !(await areParquet(parts.map(({ content }) => content)))) {
        for (const { content } of parts) yield* content;
        return;
      }
      const isAlone = parts.length === 1 && !isChanged(contract);
      if (isAlone && (await isInOrder(first, contract.timeColumn))) yield* first.content;
      else yield* merged(ports, places, series);
    },
    together: () => together(ports, places, series.parts),
    joinNewest: (count) => joinNewest(ports, places, series.parts, count),
  });

/** Tells whether rows of a single version are read otherwise than they came. */
const isChanged = ({ timezone, unique, onDuplicate }: SeriesContract): boolean =>
  timezone !== null || (unique.length > 0 && onDuplicate !== 'keep');

const MAGIC = 'PAR1';

const areParquet = async (contents: readonly ByteStream[]): Promise<boolean> => {
  for (const content of contents) {
    let head = Buffer.alloc(0);
    for await (const chunk of content) {
      head = Buffer.concat([head, chunk.subarray(0, MAGIC.length)]);
      if (head.length >= MAGIC.length) break;
    }
    if (head.toString('latin1', 0, MAGIC.length) !== MAGIC) return false;
  }
  return true;
};

async function* merged(
  ports: SeriesPorts,
  places: SeriesPlaces,
  series: SeriesToRead,
): AsyncGenerator<Uint8Array> {
  const kept = mergedFiles(ports.files, places.merged, ports.seal);
  const key = keyOf(series);
  for (let known = await kept.find(key); known !== null; known = await kept.find(key)) {
    const outcome = yield* readKept(ports.files, known);
    if (outcome === 'read') return;
  }
  const space = await mergedWithKept(ports, places, series, kept);
  try {
    const file = await kept.keep(key, space.file);
    if (file === null) yield* ports.files.streamFile(space.file);
    // Another process has made room with it at once: the next look makes it again.
    else if ((yield* readKept(ports.files, file)) === 'gone') yield* merged(ports, places, series);
  } finally {
    await space.release();
  }
}

/** All that the rows depend on. */
const keyOf = ({ parts, contract }: SeriesToRead): string =>
  sha256(
    Buffer.from(
      canonicalJson([MERGING, { ...readingOf(contract) } as never, parts.map((part) => part.sha256)]),
    ),
  );

/** Raised when the same versions are merged to other bytes. */
const MERGING = 1;

const MEMORY_LIMIT = '512MB';
const SOURCE = 'source';

/** The same, of the versions that are new since the series was merged last, where that is kept and counts as one version. */
const mergedWithKept = async (
  ports: SeriesPorts,
  places: SeriesPlaces,
  series: SeriesToRead,
  kept: MergedFiles,
): ReturnType<typeof mergedIn> => {
  const shorter = await withKeptBeginning(ports.files, kept, series, keyOf);
  if (shorter === null) return mergedIn(ports, places, series);
  try {
    return await mergedIn(ports, places, shorter);
  } catch {
    // What was kept may be gone by now. Whatever else it was happens again.
    return mergedIn(ports, places, series);
  }
};

/** A merged file in a working space that is there until it is let go of. */
const mergedIn = (
  ports: SeriesPorts,
  places: SeriesPlaces,
  series: SeriesToRead,
): Promise<{ readonly file: string; readonly release: () => Promise<void> }> =>
  new Promise((resolve, reject) => {
    let letGo: () => void = () => undefined;
    const isDone = new Promise<void>((done) => {
      letGo = done;
    });
    const used = ports.workspaces.use<TinyFsError, void>(places.workspaces, (workspace) => async () => {
      const file = await mergeIn(ports, places, workspace, series);
      if (isLeft(file)) return file;
      resolve({
        file: file.right,
        release: async () => {
          letGo();
          await used;
        },
      });
      await isDone;
      return right(undefined);
    })();
    used.then((outcome) => {
      if (isLeft(outcome)) reject(noSpace(outcome.left));
    }, reject);
  });

const mergeIn = async (
  ports: SeriesPorts,
  places: SeriesPlaces,
  workspace: string,
  { path, contract, parts }: SeriesToRead,
): Promise<Either<TinyFsError, string>> => {
  let failure: TinyFsError | null = null;
  const contents = (await together(ports, places, parts)).map((content) =>
    watchedContent(content, (thrown) => {
      failure = errorThrownBy(thrown, path);
    }),
  );
  const time =
    contract.timeColumn === null ? '' : `"${contract.timeColumn.replaceAll('"', '""')}" NULLS LAST, `;
  const written = await ports.queryEngine.session<QueryFailed, WrittenFile>(
    [
      {
        name: SOURCE,
        format: 'parquet',
        path,
        contents,
        series: { ...readingOf(contract), positions: true },
      },
    ],
    { signal: new AbortController().signal, workspace, memoryLimit: MEMORY_LIMIT },
    (session) =>
      session.write(
        `SELECT * EXCLUDE ("pond version", "pond row") FROM ${SOURCE} ORDER BY ${time}"pond version", "pond row"`,
        { format: 'parquet', like: SOURCE, compression: 'snappy' },
      ),
  )();
  return isLeft(written) ? left(failure ?? unreadable(path, written.left)) : right(written.right.file);
};

const unreadable = (path: string, { message }: QueryFailed): TinyFsError => ({
  _tag: 'SeriesUnreadable',
  path,
  problem: message,
});

const noSpace = (error: TinyFsError | NoWorkingSpace): TinyFsError =>
  error._tag === 'NoWorkingSpace'
    ? { _tag: 'StorageFailed', path: error.path, code: error.code, call: 'mkdir' }
    : error;
