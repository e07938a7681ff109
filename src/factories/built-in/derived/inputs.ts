import { createHash, type Hash } from 'node:crypto';
import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { canonicalJson, type Jsonable } from '../../../domain/documents/canonical-json.js';
import { sha256 } from '../../../domain/documents/sha256.js';
import type { TimeUnit } from '../../../domain/series/series-contract.js';
import { type Steps, steps } from '../../../effects/steps.js';
import type { ContentFormat, QueryFailed, QueryTable, SeriesReading } from '../../../ports/query-engine.js';
import { contentTable, type TableWanted } from '../../../queries/content-table.js';
import type { ByteStream, StoredStream } from '../../../tinyfs/persistence.js';
import { isTinyFsError } from '../../../tinyfs/thrown-error.js';
import type { Entry, Version } from '../../../tinyfs/tinyfs.js';
import type { Work } from './derived-content.js';
import type { DerivedProblem } from './derived-problem.js';

/** One content among those that an input consists of. */
export interface Part {
  /** SHA-256 of the bytes. */
  readonly digest: string;
  /** Path of the entry that it is of. */
  readonly path: string;
  /** The times of its rows, as whoever wrote it said, in microseconds since the epoch; null: nobody did. */
  readonly range: readonly [number, number] | null;
  /** A file of the host with these bytes. */
  readonly file: TaskEither<DerivedProblem, string>;
}

/** Contents that are read under one path or pattern, at the reader's snapshot. */
export interface Input {
  readonly path: string;
  readonly format: ContentFormat;
  /** Contents in the order in which they are read: of a series its versions, oldest first. */
  readonly parts: readonly Part[];
  /** Way in which the versions of a series are read together; null: one after another. */
  readonly series: SeriesReading | null;
  /** Unit of the series' event times where they are plain integers. */
  readonly timeUnit: TimeUnit | null;
}

/** Everything that a result depends on of an input, its parts left out. */
export const kindOf = ({ path, format, series, timeUnit }: Input): JsonableRecord => ({
  path,
  format,
  time_unit: timeUnit,
  series:
    series === null
      ? null
      : {
          time: series.timeColumn,
          timezone: series.timezone,
          unique: series.unique,
          on_duplicate: series.onDuplicate,
          columns: series.columns?.map(({ name, type }) => [name, type]) ?? null,
        },
});

type JsonableRecord = Readonly<Record<string, Jsonable>>;

/** Everything that a result depends on of an input. */
export const identityOf = (input: Input): Jsonable => ({
  ...kindOf(input),
  parts: input.parts.map(({ digest }) => digest),
});

/**
 * Finds what is at a path, or everything that matches a pattern. What is stored is not read for it; what a factory makes
 * is, since only its bytes tell whether it is the same.
 */
export const inputAt = (work: Work, path: string, as: ReadAs = {}): TaskEither<DerivedProblem, Input> =>
  steps(async (s) => {
    const found: Input[] = [];
    for (const entry of await entriesAt(s, work, path)) found.push(await s.run(inputOf(work, entry, as)));
    const [first, ...others] = found;
    const parts = found.flatMap((input) => input.parts);
    if (first === undefined || parts.length === 0) return s.fail({ _tag: 'NothingToRead', path });
    const kind = canonicalJson(kindOf({ ...first, path }));
    const other = others.find((input) => canonicalJson(kindOf({ ...input, path })) !== kind);
    if (other !== undefined)
      return s.fail({
        _tag: 'NotDerivable',
        message: `${path} names ${first.path} and ${other.path}, which are read in different ways: one has another format, or another contract than the other; name them one by one`,
      });
    return { ...first, path, parts };
  });

/** Facts about files that their reader says. */
type ReadAs = Pick<TableWanted, 'format' | 'compression'>;

const isPattern = (path: string): boolean => /[*?[\]{}]/.test(path);

const entriesAt = async (s: Steps<DerivedProblem>, { fs }: Work, path: string): Promise<readonly Entry[]> => {
  const named = await fs.stat(path)();
  // What exists is meant itself, even if it could be a pattern.
  if (!isLeft(named))
    return isDirectory(named.right) ? s.fail({ _tag: 'IsADirectory', path }) : [named.right];
  if (!isPattern(path)) return s.fail(named.left);
  const { entries, unreadable } = await s.run(fs.collectMatches(path));
  const [closed] = unreadable;
  if (closed !== undefined) return s.fail(closed.error);
  const found: Entry[] = [];
  for (const entry of entries) {
    const target = entry.entryType === 'symlink' ? await s.run(fs.stat(entry.path)) : entry;
    if (!isDirectory(target)) found.push(target);
  }
  return found;
};

const isDirectory = ({ entryType }: Entry): boolean =>
  entryType === 'directory' || entryType === 'directory:dynamic';

const inputOf = (work: Work, entry: Entry, as: ReadAs): TaskEither<DerivedProblem, Input> =>
  steps(async (s) => {
    const { path } = entry;
    const table = await s.run(contentTable(work.fs, { name: path, path, ...as }));
    const { format, versions, contents, series = null } = table;
    const timeUnit = entry.entryType === 'series' ? (await s.run(work.fs.series(path))).timeUnit : null;
    const parts: Part[] = [];
    for (const [index, content] of contents.entries()) {
      const version = versions?.[index];
      // What a factory makes has no digest of its own.
      const stored = entry.entryType === 'file' || entry.entryType === 'table' ? entry.sha256 : null;
      const digest = version === undefined ? stored : version.sha256;
      const name = `${path}\0${index}`;
      if (digest === null) {
        const held = await s.run(spooled(work, name, content));
        parts.push({ digest: held.digest, range: null, path, file: async () => right(held.file) });
      } else parts.push({ digest, range: rangeOf(version), path, file: checkedFile(work, name, content) });
    }
    return { path, format, parts, series, timeUnit };
  });

const rangeOf = (version: Version | undefined): Part['range'] => {
  const { minEventTime: min = null, maxEventTime: max = null } = version ?? {};
  return min === null || max === null ? null : [min, max];
};

/** A stored content in a file, where it is or else in the working directory; reading it all compares its digest. */
const checkedFile =
  (work: Work, name: string, content: StoredStream): TaskEither<DerivedProblem, string> =>
  async () => {
    const { file } = content;
    if (file === undefined) {
      const held = await spooled(work, name, content)();
      return isLeft(held) ? held : right(held.right.file);
    }
    try {
      for await (const _ of content);
      return right(file);
    } catch (thrown) {
      if (isTinyFsError(thrown) || isQueryFailed(thrown)) return left(thrown);
      throw thrown;
    }
  };

/** Tells whether a content could not be decompressed. */
const isQueryFailed = (thrown: unknown): thrown is QueryFailed =>
  typeof thrown === 'object' && thrown !== null && '_tag' in thrown && thrown._tag === 'QueryFailed';

/** Bytes of a content that is gathered in memory first: nothing that is temporary needs to be durable. */
const GATHERED = 4 * 1024 * 1024;

/** A content in a file of the working directory. */
const spooled =
  (
    { files, bounds }: Work,
    name: string,
    content: ByteStream,
  ): TaskEither<DerivedProblem, { readonly file: string; readonly digest: string }> =>
  async () => {
    const file = `${bounds.workspace}/input-${sha256(name)}`;
    const hash = createHash('sha256');
    if (!isLeft(files.stat(file)())) {
      for await (const chunk of files.streamFile(file)) hash.update(chunk);
      return right({ file, digest: hash.digest('hex') });
    }
    const chunks = content[Symbol.asyncIterator]();
    try {
      const gathered: Uint8Array[] = [];
      let size = 0;
      let next = await chunks.next();
      for (; next.done !== true && size <= GATHERED; next = await chunks.next()) {
        hash.update(next.value);
        // A source may use its buffer for its next chunk.
        gathered.push(Uint8Array.from(next.value));
        size += next.value.length;
      }
      const written =
        next.done === true
          ? files.createFile(file, Buffer.concat(gathered), { mode: 0o600, fsync: false })()
          : await files.streamToNewFile(file, rest(gathered, next.value, chunks, hash))();
      return isLeft(written) ? written : right({ file, digest: hash.digest('hex') });
    } catch (thrown) {
      if (isTinyFsError(thrown) || isQueryFailed(thrown)) return left(thrown);
      throw thrown;
    } finally {
      await chunks.return?.();
    }
  };

/** Yields what was gathered, what came next, and what is to come. */
async function* rest(
  gathered: readonly Uint8Array[],
  first: Uint8Array,
  chunks: AsyncIterator<Uint8Array>,
  hash: Hash,
): AsyncGenerator<Uint8Array> {
  yield* gathered;
  hash.update(first);
  yield first;
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    hash.update(next.value);
    yield next.value;
  }
}

/** Form in which some of an input's parts are read. */
export interface PartsRead {
  readonly name: string;
  /** `as-series`: rows with equal keys as the contract says; `all`: all rows, with the column {@link PART_NUMBER}. */
  readonly rows: 'as-series' | 'all';
}

/** Column with the place of a row's part among those that are read, from 0. */
export const PART_NUMBER = 'pond version';

const NO_SERIES: SeriesReading = { timeColumn: null, timezone: null, unique: [], onDuplicate: 'keep' };

/** Some of an input's parts as a table of a query. */
export const tableOf = (
  input: Pick<Input, 'path' | 'format' | 'series'>,
  parts: readonly Part[],
  { name, rows }: PartsRead,
): TaskEither<DerivedProblem, QueryTable> =>
  steps(async (s) => {
    const { path, format } = input;
    const contents: { readonly file: string }[] = [];
    for (const { file } of parts) contents.push({ file: await s.run(file) });
    const all: SeriesReading = { ...(input.series ?? NO_SERIES), onDuplicate: 'keep', positions: true };
    const series = rows === 'all' && format === 'parquet' ? all : input.series;
    return { name, path, format, contents, ...(series === null ? {} : { series }) };
  });
