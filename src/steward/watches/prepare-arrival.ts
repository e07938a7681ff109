import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { isEscaped } from '../../domain/documents/escaped-bytes.js';
import { namesOf, type PondPath, parsePondPath } from '../../domain/paths/pond-path.js';
import type { WatchWords } from '../../domain/watches/watch-words.js';
import type { SeenFile } from '../../planner/watches/settling.js';
import type { FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import type { QueryEngine } from '../../ports/query-engine.js';
import { convertRows } from '../../series/convert-rows.js';
import { openParquet } from '../../series/parquet-file.js';
import { ENDINGS, type RowsFile, rowsFileOf } from '../../series/rows-file.js';
import { persistenceErrorOf } from '../../tinyfs/persistence.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';

/** A file of a watched folder that has settled. */
export interface SettledFile extends SeenFile {
  /** Path on the host, by which it is remembered: the folder as it is configured, and the name. */
  readonly path: string;
  /** Path without symlinks on the way, by which it is reached. */
  readonly realPath: string;
}

/** A file as it is to be written. */
export interface ReadyFile {
  readonly _tag: 'Ready';
  readonly file: SettledFile;
  /** Digest of the file on the host. */
  readonly sha256: string;
  readonly target: PondPath;
  /** File that has what is written: in the workspace; null: the one on the host. */
  readonly spooled: string | null;
}

/** Result of reading a file before the writer's lock is taken. */
export type PreparedFile =
  | ReadyFile
  /** It will never arrive as it is. */
  | {
      readonly _tag: 'Refused';
      readonly file: SettledFile;
      readonly sha256: string | null;
      readonly reason: string;
    }
  /** It was changed meanwhile, or has gone: it has not settled. */
  | { readonly _tag: 'Changed'; readonly file: SettledFile }
  /** It cannot be read, which is not its content's fault. */
  | { readonly _tag: 'Unreadable'; readonly file: SettledFile; readonly problem: string };

export interface Preparing {
  readonly pond: Pond;
  /** Ports by which the folder is read. */
  readonly held: HostFileSystem;
  readonly words: WatchWords;
  readonly workspace: string;
  readonly engine: Pick<QueryEngine, 'session'>;
  readonly signal: AbortSignal;
}

/**
 * Reads a file once: finds its digest, and, where rows are asked for, puts them into the workspace as Parquet, so that the writer's
 * lock is not held while somebody's disk is slow. `number`: of the file in the workspace.
 */
export const prepareArrival = (
  preparing: Preparing,
  file: SettledFile,
  number: number,
): TE.TaskEither<PondError, PreparedFile> => {
  const { words, held } = preparing;
  const refused = (reason: string): PreparedFile => ({ _tag: 'Refused', file, sha256: null, reason });
  if (isEscaped(file.name)) return TE.right(refused('its name is not UTF-8, as names in a pond are'));
  const rows = words.as === 'file' ? null : rowsFileOf(basename(file.name));
  if (words.as !== 'file' && rows === null)
    return TE.right(refused(`its name does not say how its rows are written: it has none of ${ENDINGS}`));
  const target = targetOf(words, file.name, rows);
  if (isLeft(target)) return TE.right(refused(describeError(target.left)));
  return async () => {
    const reading = hashing(held.streamFile(file.realPath));
    const taken = await read(preparing, file, { rows, reading, number })();
    if (!isAsItWas(held, file)) return { _tag: 'Right', right: { _tag: 'Changed', file } };
    if (isLeft(taken)) {
      const { left: error } = taken;
      if ('fault' in error) return { _tag: 'Right', right: unreadable(file, error.fault) };
      if (error._tag === 'NotRows' || error._tag === 'NotParquet') {
        const { sha256 } = reading;
        return { _tag: 'Right', right: { ...refused(wordsOf(error)), sha256: sha256() } as PreparedFile };
      }
      return { _tag: 'Left', left: error };
    }
    const ready: ReadyFile = {
      _tag: 'Ready',
      file,
      sha256: reading.sha256() ?? '',
      target: target.right,
      spooled: taken.right,
    };
    return { _tag: 'Right', right: ready };
  };
};

interface Reading {
  readonly rows: RowsFile | null;
  readonly reading: ReturnType<typeof hashing>;
  readonly number: number;
}

type NotRows = Extract<Awaited<ReturnType<ReturnType<typeof convertRows>>>, { _tag: 'Left' }>['left'] & {
  readonly _tag: 'NotRows';
};

type ReadError = PondError | NotRows | { readonly fault: FileSystemError };

/** Returns where the rows are in the workspace; null: the file is written as it is. */
const read = (
  { pond: { ports }, workspace, engine, words, signal }: Preparing,
  file: SettledFile,
  { rows, reading, number }: Reading,
): TE.TaskEither<ReadError, string | null> => {
  const { files } = ports;
  const ofHost = (error: FileSystemError): ReadError =>
    reading.failure() === null
      ? { _tag: 'HostFileFailed', path: error.path, code: error.code, call: error.call }
      : { fault: error };
  const drained = TE.tryCatch(
    async () => {
      for await (const _ of reading.bytes) if (signal.aborted) throw INTERRUPT;
    },
    (thrown): ReadError => (thrown === INTERRUPT ? INTERRUPT : failureOr(reading, thrown)),
  );
  if (rows === null)
    return pipe(
      drained,
      TE.map(() => null),
    );
  if (rows.format === 'parquet' && rows.compression === null) {
    const spooled = `${workspace}/arrival-${number}.parquet`;
    return pipe(
      TE.tryCatch(
        () => files.streamToNewFile(spooled, reading.bytes)(),
        (thrown): ReadError => failureOr(reading, thrown),
      ),
      TE.flatMap(
        (written): TE.TaskEither<ReadError, string> =>
          isLeft(written) ? TE.left(ofHost(written.left)) : TE.right(spooled),
      ),
      TE.tap(() =>
        openParquet(
          {
            size: file.size,
            read: (offset, length) => {
              const found = files.readRange(spooled, offset, length)();
              return isLeft(found) ? { _tag: 'Left', left: persistenceErrorOf(found.left) } : found;
            },
          },
          file.path,
        ),
      ),
    );
  }
  return pipe(
    convertRows(
      { files, engine, workspace, signal },
      { path: file.path, bytes: reading.bytes },
      rows,
      { encoding: 'utf-8', ...words.csv },
      number,
    ),
    TE.mapLeft((error): ReadError => {
      const fault = reading.failure();
      if (fault !== null) return { fault };
      return error._tag === 'FileSystemError' || error._tag === 'UnsafeFile' ? ofHost(error) : error;
    }),
  );
};

const INTERRUPT: PondError = { _tag: 'Interrupted', call: 'watch' };

const failureOr = (reading: Reading['reading'], thrown: unknown): ReadError => {
  const fault = reading.failure();
  if (fault === null) throw thrown;
  return { fault };
};

/** The bytes of a file, its digest once all have been read, and what kept them from being read. */
export const hashing = (bytes: AsyncIterable<Uint8Array>) => {
  const hash = createHash('sha256');
  let digest: string | null = null;
  let failure: FileSystemError | null = null;
  async function* passing(): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of bytes) {
        hash.update(chunk);
        yield chunk;
      }
      digest = hash.digest('hex');
    } catch (thrown) {
      if (!isFileSystemError(thrown)) throw thrown;
      failure = thrown;
      throw { _tag: 'StorageFailed', path: thrown.path, code: thrown.code, call: thrown.call };
    }
  }
  return {
    bytes: passing(),
    sha256: (): string | null => digest,
    failure: (): FileSystemError | null => failure,
  };
};

const isFileSystemError = (thrown: unknown): thrown is FileSystemError =>
  typeof thrown === 'object' &&
  thrown !== null &&
  '_tag' in thrown &&
  (thrown._tag === 'FileSystemError' || thrown._tag === 'UnsafeFile');

/** Tells whether a file is still what it was when it had settled. */
export const isAsItWas = (
  held: HostFileSystem,
  { realPath, size, modifiedAt, identity }: SettledFile,
): boolean => {
  const now = held.lstat(realPath)();
  return (
    !isLeft(now) &&
    now.right.kind === 'file' &&
    now.right.size === size &&
    now.right.modifiedAt === modifiedAt &&
    `${now.right.device}:${now.right.inode}` === identity
  );
};

const unreadable = (file: SettledFile, { code, call }: FileSystemError): PreparedFile => ({
  _tag: 'Unreadable',
  file,
  problem: `${file.path} cannot be read: ${code} (${call})`,
});

const wordsOf = (error: NotRows | Extract<PondError, { _tag: 'NotParquet' }>): string => {
  if (error._tag === 'NotParquet') return describeError(error);
  return error.line === null ? error.problem : `line ${error.line}: ${error.problem}`;
};

/** Place of a file in the pond: below a directory by its name, where rows became Parquet with that ending; or the one series. */
export const targetOf = ({ into, as }: WatchWords, name: string, rows: RowsFile | null) => {
  if (as === 'series' && !into.isDirectory) return parsePondPath(into.path);
  const names = name.split('/');
  const last = rows === null ? names.slice(-1) : [rows.name];
  return parsePondPath(`/${join(...namesOf(into.path), ...names.slice(0, -1), ...last)}`);
};
