import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { namesOf, type PondPath, parsePondPath } from '../../domain/paths/pond-path.js';
import { isEscaped } from '../../domain/text/escaped-bytes.js';
import type { WatchWords } from '../../domain/watches/watch-words.js';
import type { SeenFile } from '../../planner/watches/settling.js';
import type { FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import type { MisfitValue, QueryEngine } from '../../ports/query-engine.js';
import {
  type ConversionError,
  convertSpooled,
  type NotRows,
  type SpooledRows,
  spoolRows,
} from '../../series/convert-rows.js';
import { ENDINGS, type RowsFile, rowsFileOf } from '../../series/rows-file.js';
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
  /** Values of CSV that are of another type than their columns in the series. */
  readonly misfits?: readonly MisfitValue[];
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

/** A file whose bytes are in the workspace, and whose rows are yet to be put into their form. */
export interface SpooledFile {
  readonly _tag: 'Spooled';
  readonly file: SettledFile;
  readonly sha256: string;
  readonly target: PondPath;
  readonly rows: SpooledRows;
}

export interface Preparing {
  readonly pond: Pond;
  /** Ports by which the folder is read. */
  readonly held: HostFileSystem;
  readonly words: WatchWords;
  readonly workspace: string;
  readonly signal: AbortSignal;
}

/**
 * Reads a file once: finds its digest, and, where rows are asked for, puts its bytes into the workspace, so that the writer's
 * lock is not held while somebody's disk is slow. `number`: of the file in the workspace.
 */
export const readArrival = (
  preparing: Preparing,
  file: SettledFile,
  number: number,
): TE.TaskEither<PondError, PreparedFile | SpooledFile> => {
  const { words, held } = preparing;
  if (isEscaped(file.name))
    return TE.right(refused(file, 'its name is not UTF-8, as names in a pond are', null));
  const rows = words.as === 'file' ? null : rowsFileOf(basename(file.name));
  if (words.as !== 'file' && rows === null)
    return TE.right(
      refused(file, `its name does not say how its rows are written: it has none of ${ENDINGS}`, null),
    );
  const target = targetOf(words, file.name, rows);
  if (isLeft(target)) return TE.right(refused(file, describeError(target.left), null));
  return async () => {
    const reading = hashing(held.streamFile(file.realPath));
    const taken = await read(preparing, file, { rows, reading, number })();
    if (!isAsItWas(held, file)) return right({ _tag: 'Changed', file });
    if (isLeft(taken)) return outcomeOf(file, taken.left, reading.sha256());
    const ready = { file, sha256: reading.sha256() ?? '', target: target.right };
    return right(
      taken.right === null
        ? { _tag: 'Ready', ...ready, spooled: null }
        : { _tag: 'Spooled', ...ready, rows: taken.right },
    );
  };
};

/** Puts the rows of a file that was read into Parquet in the workspace. */
export const convertArrival =
  (
    { pond: { ports }, workspace, signal }: Preparing,
    engine: Pick<QueryEngine, 'session'>,
    { file, sha256, target, rows }: SpooledFile,
  ): TE.TaskEither<PondError, PreparedFile> =>
  async () => {
    const { files, logger } = ports;
    const converted = await convertSpooled({ files, engine, workspace, signal }, rows)();
    if (isLeft(converted)) return outcomeOf(file, ofPond(converted.left), sha256);
    const { file: spooled, textByWords, misfits } = converted.right;
    for (const { column, type, words } of textByWords)
      logger.log('warn', 'column_is_text', { file: file.path, column, type_of_others: type, words });
    return right({ _tag: 'Ready', file, sha256, target, spooled, misfits });
  };

const refused = (file: SettledFile, reason: string, sha256: string | null): PreparedFile => ({
  _tag: 'Refused',
  file,
  sha256,
  reason,
});

/** Outcome of a file that was not read, or whose rows were not taken. */
const outcomeOf = (
  file: SettledFile,
  error: ReadError,
  sha256: string | null,
): Either<PondError, PreparedFile> => {
  if ('fault' in error) return right(unreadable(file, error.fault));
  return error._tag === 'NotRows' || error._tag === 'NotParquet'
    ? right(refused(file, wordsOf(error), sha256))
    : left(error);
};

interface Reading {
  readonly rows: RowsFile | null;
  readonly reading: ReturnType<typeof hashing>;
  readonly number: number;
}

type ReadError = PondError | NotRows | { readonly fault: FileSystemError };

/** Returns its rows in the workspace; null: the file is written as it is. */
const read = (
  { pond: { ports }, workspace, words, signal }: Preparing,
  file: SettledFile,
  { rows, reading, number }: Reading,
): TE.TaskEither<ReadError, SpooledRows | null> => {
  if (rows === null)
    return pipe(
      TE.tryCatch(
        async () => {
          for await (const _ of reading.bytes) if (signal.aborted) throw INTERRUPT;
        },
        (thrown): ReadError => (thrown === INTERRUPT ? INTERRUPT : failureOr(reading, thrown)),
      ),
      TE.map(() => null),
    );
  const csv = { encoding: 'utf-8', ...words.csv };
  return pipe(
    spoolRows(
      { files: ports.files, workspace },
      { path: file.path, bytes: reading.bytes },
      { rows, csv, withoutValues: null },
      number,
    ),
    TE.mapLeft((error): ReadError => {
      const fault = reading.failure();
      return fault === null ? ofPond(error) : { fault };
    }),
  );
};

/** Failures in the workspace are the pond's. */
const ofPond = (error: ConversionError): PondError | NotRows =>
  error._tag === 'FileSystemError' || error._tag === 'UnsafeFile'
    ? { _tag: 'HostFileFailed', path: error.path, code: error.code, call: error.call }
    : error;

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
