import { isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { shellWord } from '../../domain/shell-word.js';
import type { FileSystem } from '../../ports/file-system.js';
import type { QueryEngine, QueryFailed, WrittenFile } from '../../ports/query-engine.js';
import { openParquet } from '../../series/parquet-file.js';
import type { CliError } from '../errors.js';
import { hostFileFailed, incomingContent, isFileSystemError, orFailureOf } from '../pond/host-content.js';
import { asUtf8, decompressed, NotDecodable } from './decoded-bytes.js';
import { rangesOf } from './incoming-files.js';
import type { CsvOptions, RowsFile } from './incoming-format.js';

/** Ports that converting needs from outside. */
export interface ConvertDeps {
  readonly files: FileSystem;
  readonly engine: Pick<QueryEngine, 'session'>;
  readonly workspace: string;
  readonly signal: AbortSignal;
  readonly onBytes: (count: number) => void;
}

const SOURCE = 'source';
const MEMORY_LIMIT = '512MB';

/**
 * Writes the rows of a host file to a Parquet file in the workspace, and returns where that is. What is ambiguous is
 * refused: rows of different lengths, a first line that may or may not be the names, text in another encoding.
 */
export const convertRows =
  (
    { files, engine, workspace, signal, onBytes }: ConvertDeps,
    hostPath: string,
    { format, compression }: RowsFile,
    csv: CsvOptions,
    number: number,
  ): TE.TaskEither<CliError, string> =>
  async () => {
    const content = incomingContent({ bytes: files.streamFile(hostPath), path: hostPath, signal, onBytes });
    let fault: NotDecodable | null = null;
    const plain = decompressed(content.stream, compression);
    const decoded = format === 'parquet' ? plain : asUtf8(plain, csv.encoding);
    const spooled = `${workspace}/incoming-${number}.${format}`;
    try {
      const written = await files.streamToNewFile(spooled, decoded)();
      if (isLeft(written)) return left(content.failure() ?? hostFileFailed(written.left));
    } catch (thrown) {
      if (thrown instanceof NotDecodable) fault = thrown;
      else if (content.failure() === null && !isFileSystemError(thrown)) throw thrown;
      if (fault === null) return left(orFailureOf(content)(hostFileFailed(thrown as never)));
      return left(notRows(hostPath, fault.message, fault.line, fault.remedy));
    }
    // Before the writer's lock is taken, like what came without a compression.
    if (format === 'parquet')
      return pipe(
        TE.fromIOEither(files.stat(spooled)),
        TE.mapLeft(hostFileFailed),
        TE.flatMap(({ size }) => openParquet({ size, read: rangesOf(files, spooled) }, hostPath)),
        TE.map(() => spooled),
      )();
    const made = await engine.session<QueryFailed, WrittenFile>(
      [
        {
          name: SOURCE,
          format,
          path: hostPath,
          contents: [{ file: spooled }],
          ...(format === 'csv' ? { csv: { ...csv, strict: true } } : {}),
        },
      ],
      { signal, workspace: `${workspace}`, memoryLimit: MEMORY_LIMIT, outputs: number },
      (session) => session.write(`SELECT * FROM ${SOURCE}`, { format: 'parquet', like: SOURCE }),
    )();
    files.remove(spooled)();
    if (isRight(made)) return right(made.right.file);
    if (signal.aborted) return left({ _tag: 'Interrupted', call: 'copy' });
    const { message } = made.left;
    const line = /\bfirst line\b/.test(message) ? '1' : /\b[Ll]ine:? (\d+)/.exec(message)?.[1];
    return left(
      notRows(
        hostPath,
        message.split('\n')[0] ?? message,
        line === undefined ? null : Number(line),
        made.left.remedy ?? remedyFor(message, hostPath),
      ),
    );
  };

const notRows = (path: string, problem: string, line: number | null, remedy: string | null): CliError => ({
  _tag: 'NotRows',
  path,
  problem,
  line,
  remedy,
});

const remedyFor = (message: string, path: string): string =>
  /could not convert|converting column/i.test(message)
    ? 'say the type of the column: --csv-types COLUMN=VARCHAR'
    : `put the line right; pond copy ${shellWord(`host://${path}`)} without --as takes the file as it is`;
