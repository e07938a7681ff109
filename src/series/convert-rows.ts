import { isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { isUsualNull } from '../domain/series/null-words.js';
import { shellWord } from '../domain/shell-word.js';
import { steps } from '../effects/steps.js';
import type { FileSystem, FileSystemError } from '../ports/file-system.js';
import type {
  MisfitValue,
  QueryEngine,
  QueryFailed,
  QueryTable,
  SessionsEngine,
  TextByWords,
} from '../ports/query-engine.js';
import { decompressed, NotDecodable } from '../queries/decompressed.js';
import type { TinyFsError } from '../tinyfs/errors.js';
import { persistenceErrorOf } from '../tinyfs/persistence.js';
import { asUtf8 } from './decoded-bytes.js';
import { openParquet } from './parquet-file.js';
import type { CsvOptions, RowsFile } from './rows-file.js';

/** A file whose rows cannot be taken, since it is not what its name and the options say. `line`: from 1, where it is known. */
export interface NotRows {
  readonly _tag: 'NotRows';
  readonly path: string;
  readonly problem: string;
  readonly line: number | null;
  readonly remedy: string | null;
}

/** Reason why rows were not converted. What the stream of bytes throws comes as it is thrown. */
export type ConversionError =
  | NotRows
  | TinyFsError
  | FileSystemError
  | { readonly _tag: 'Interrupted'; readonly call: string };

/** Ports that converting needs from outside. */
export interface ConvertDeps {
  readonly files: FileSystem;
  readonly engine: Pick<QueryEngine, 'session'>;
  readonly workspace: string;
  readonly signal: AbortSignal;
}

/** A file of the host's: its path, for messages, and its bytes. */
export interface ConvertedSource {
  readonly path: string;
  readonly bytes: AsyncIterable<Uint8Array>;
}

/** A file of the host's whose bytes are in the workspace, as plain text where they are text. */
export interface SpooledRows {
  /** Path of the host's file, for messages. */
  readonly path: string;
  readonly spooled: string;
  readonly format: RowsFile['format'];
  readonly csv: CsvOptions;
  /** Types of columns in which no value stands: those of the series that it is to be a version of; null: there is none yet. */
  readonly withoutValues: Readonly<Record<string, string>> | null;
  /** Number of the file among those that are converted in one workspace. */
  readonly number: number;
}

/** Rows that were converted. */
export interface ConvertedRows {
  /** The Parquet file in the workspace. */
  readonly file: string;
  /** Columns that are text only because of words that usually stand for no value, and that no series has as text already. */
  readonly textByWords: readonly TextByWords[];
  /** Values of CSV that are of another type than their columns in the series. */
  readonly misfits: readonly MisfitValue[];
}

/** Way in which the rows of a file are written. */
interface Notation extends Pick<SpooledRows, 'csv' | 'withoutValues'> {
  readonly rows: RowsFile;
}

const SOURCE = 'source';
/** Memory of an engine that converts, at most. */
const MEMORY_LIMIT = '512MB';

/** Gives `use` an engine in which files are converted one after another. */
export const withConvertingEngine = <E, A>(
  engine: Pick<QueryEngine, 'sessions'>,
  bounds: Pick<ConvertDeps, 'workspace' | 'signal'>,
  use: (engine: SessionsEngine) => TE.TaskEither<E, A>,
): TE.TaskEither<QueryFailed | E, A> => engine.sessions({ ...bounds, memoryLimit: MEMORY_LIMIT }, use);

/**
 * Writes the rows of a file to a Parquet file in the workspace. What is ambiguous is
 * refused: rows of different lengths, a first line that may or may not be the names, text in another encoding. `number`: of the
 * file among those that are converted in one workspace.
 */
export const convertRows = (
  deps: ConvertDeps,
  source: ConvertedSource,
  notation: Notation,
  number: number,
): TE.TaskEither<ConversionError, ConvertedRows> =>
  pipe(
    spoolRows(deps, source, notation, number),
    TE.flatMap((spooled) => convertSpooled(deps, spooled)),
  );

/** Writes the bytes of a file to the workspace, without their compression and as UTF-8. */
export const spoolRows =
  (
    { files, workspace }: Pick<ConvertDeps, 'files' | 'workspace'>,
    { path, bytes }: ConvertedSource,
    { rows: { format, compression }, csv, withoutValues }: Notation,
    number: number,
  ): TE.TaskEither<ConversionError, SpooledRows> =>
  async () => {
    const plain = decompressed(bytes, compression);
    const decoded = format === 'parquet' ? plain : asUtf8(plain, csv.encoding);
    const spooled = `${workspace}/incoming-${number}.${format}`;
    try {
      const written = await files.streamToNewFile(spooled, decoded, TEMPORARY)();
      return isLeft(written) ? written : right({ path, spooled, format, csv, withoutValues, number });
    } catch (thrown) {
      if (thrown instanceof NotDecodable)
        return left(notRows(path, thrown.message, thrown.line, thrown.remedy));
      if (isOfStream(thrown)) return left(thrown);
      throw thrown;
    }
  };

/** Nobody relies on it after a crash: the workspace goes with the process. */
const TEMPORARY = { mode: 0o600, fsync: false } as const;

/** The table that the engine makes of spooled rows; null: it is not asked. */
export const tableOfRows = ({ path, spooled, format, csv, withoutValues }: SpooledRows): QueryTable | null =>
  format === 'parquet'
    ? null
    : {
        name: SOURCE,
        format,
        path,
        contents: [{ file: spooled }],
        ...(withoutValues === null ? {} : { withoutValues }),
        ...(format === 'csv' ? { csv: { ...csv, strict: true } } : { values: 'exact' }),
      };

/** Writes spooled rows to a Parquet file in the workspace. */
export const convertSpooled =
  (
    { files, engine, workspace, signal }: ConvertDeps,
    rows: SpooledRows,
  ): TE.TaskEither<ConversionError, ConvertedRows> =>
  async () => {
    const { path, spooled, number, withoutValues } = rows;
    const table = tableOfRows(rows);
    // Before the writer's lock is taken, like what came without a compression.
    if (table === null)
      return pipe(
        TE.fromIOEither(files.stat(spooled)),
        TE.flatMap(({ size }): TE.TaskEither<ConversionError, unknown> => {
          const read = (offset: number, length: number) =>
            pipe(files.readRange(spooled, offset, length)(), (found) =>
              isLeft(found) ? left(persistenceErrorOf(found.left)) : found,
            );
          return openParquet({ size, read }, path);
        }),
        TE.map(() => ({ file: spooled, textByWords: [], misfits: [] })),
      )();
    const made = await engine.session<QueryFailed, ConvertedRows>(
      [table],
      { signal, workspace, memoryLimit: MEMORY_LIMIT, outputs: number },
      (session) =>
        steps(async ({ run }) => {
          const { file } = await run(
            session.write(`SELECT * FROM ${SOURCE}`, { format: 'parquet', like: SOURCE }),
          );
          const textByWords = newColumns(await run(session.textByWords), withoutValues);
          return { file, textByWords, misfits: await run(session.misfits) };
        }),
    )();
    files.remove(spooled)();
    if (isRight(made)) return right(made.right);
    if (signal.aborted) return left({ _tag: 'Interrupted', call: 'copy' });
    const { message } = made.left;
    const [, unknownType] = UNKNOWN_TYPE.exec(message) ?? [];
    if (unknownType !== undefined)
      return left(notRows(path, `there is no type ${unknownType}`, null, KNOWN_TYPES));
    const line = /\bfirst line\b/.test(message) ? '1' : /\b[Ll]ine:? (\d+)/.exec(message)?.[1];
    return left(
      notRows(
        path,
        problemIn(message, path),
        line === undefined ? null : Number(line),
        made.left.lacks === 'memory'
          ? `divide it into smaller files, each of which can be a version of one series; ${asItIs(path)}`
          : (made.left.remedy ?? remedyFor(message, path, line !== undefined)),
      ),
    );
  };

/** Columns that a series has already are what they are. */
const newColumns = (
  textByWords: readonly TextByWords[],
  before: SpooledRows['withoutValues'],
): readonly TextByWords[] => {
  const known = new Set(Object.keys(before ?? {}).map((name) => name.toLowerCase()));
  return textByWords.filter(({ column }) => !known.has(column.toLowerCase()));
};

/** Tells whether a stream of the host's threw something, whose meaning whoever made it knows. */
const isOfStream = (thrown: unknown): thrown is FileSystemError | TinyFsError =>
  typeof thrown === 'object' &&
  thrown !== null &&
  '_tag' in thrown &&
  (thrown._tag === 'FileSystemError' || thrown._tag === 'UnsafeFile' || thrown._tag === 'StorageFailed');

const notRows = (path: string, problem: string, line: number | null, remedy: string | null): NotRows => ({
  _tag: 'NotRows',
  path,
  problem,
  line,
  remedy,
});

/** Words in which the engine says that somebody has named a type that it does not have. */
const UNKNOWN_TYPE = /^Catalog Error: Type with name (\S+) does not exist/;

const KNOWN_TYPES =
  'name another one: VARCHAR, BIGINT, DOUBLE, DECIMAL(10,2), BOOLEAN, DATE, TIME, TIMESTAMP, TIMESTAMPTZ';

/** The engine says on lines of its own what is wrong with a line, and quotes that. */
const problemIn = (message: string, path: string): string => {
  const lines = message.split('\n').map((line) => line.trim());
  const about = lines.filter(
    (line) => line !== '' && !/^(Invalid Input Error: CSV Error on Line|Original Line|file =)/.test(line),
  );
  const quoted = lines.some((line) => line.startsWith('Original Line'));
  const [first = message] =
    quoted && about.length > 0 ? [about.find((line) => PROBLEM.test(line)) ?? about[0]] : lines;
  return first.replace(`${path}: `, '').replace(/ \(line \d+\)$/, '');
};

const PROBLEM = /^(Expected Number|Error when|Value with|Maximum line|Could not convert|Invalid)/;

const remedyFor = (message: string, path: string, isOfLine: boolean): string => {
  const [, word = ''] = /Could not convert string "([^"]*)"/.exec(message) ?? [];
  if (isUsualNull(word)) return `say that it stands for no value: --csv-null ${shellWord(word.trim())}`;
  return /could not convert|converting column| is not a /i.test(message)
    ? 'say the type of the column: --csv-types COLUMN=VARCHAR'
    : `put ${isOfLine ? 'the line' : 'the file'} right; ${asItIs(path)}`;
};

const asItIs = (path: string): string =>
  `pond copy ${shellWord(`host://${path}`)} without --as takes the file as it is`;
