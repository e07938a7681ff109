import { isRight } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../domain/documents/json.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { printable } from '../../domain/text/printable.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { Spooled } from '../../ports/spool.js';
import { withMisfit } from '../../series/with-misfit.js';
import type { WriteTransaction } from '../../steward/shapes/transactions.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { ByteStream } from '../../tinyfs/persistence.js';
import type { SeriesOptions } from '../../tinyfs/tinyfs.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { checkWritten } from '../pond/check-entry.js';
import { incomingContent, orFailureOf } from '../pond/host-content.js';
import { hostFileState, isAsItWas } from '../pond/host-file-state.js';
import type { Progress } from '../words/progress.js';
import type { Converted } from './converted-files.js';
import type { CopyIn } from './direction.js';
import type { IncomingFile } from './incoming-files.js';
import { namesInPond, within } from './places.js';

/** Facts that all of one copy share. */
export interface Taking {
  /** Parquet files that were made of rows. */
  readonly converted: Converted;
  readonly copy: CopyIn;
  readonly progress: Progress;
  /** Standard input; null where it is not asked for. */
  readonly input: Spooled | null;
  /** Ports by which sources are read. */
  readonly held: HostFileSystem;
}

/** Copies one file to its place below the target. A plain file that changed meanwhile is copied, and said; Parquet is refused. */
export const putFile = (
  invocation: Invocation,
  transaction: WriteTransaction,
  { file, target, progress, input, held, copy, converted }: Taking & { file: IncomingFile; target: PondPath },
): TE.TaskEither<CliError, Put> => {
  const { terminal, program } = invocation;
  const { fs } = transaction;
  const { hostPath, entryType } = file;
  const { series, always, once } = copy;
  const made = converted.get(file);
  const content = incomingContent({
    bytes:
      made !== undefined
        ? program.files.streamFile(made.file)
        : hostPath !== null
          ? held.streamFile(hostPath)
          : (input?.bytes ?? terminal.stdin),
    path: hostPath ?? 'standard input',
    signal: terminal.interrupt,
    // What was converted has been read and counted.
    ...(made === undefined ? { onBytes: progress.advance } : {}),
  });
  const path = within(target, namesInPond(file));
  const before = hostPath === null ? null : hostFileState(held, hostPath);
  return pipe(
    entryType === 'series'
      ? appendFile(fs, path, content.stream, { series, once })
      : pipe(
          fs.write(path, content.stream, { entryType, always }),
          TE.map(({ txnSeq }) => txnSeq !== transaction.txnSeq),
        ),
    TE.mapLeft(withMisfit(made?.misfits ?? [])),
    TE.mapLeft(withSource(copy.sources.length > 1 || file.names.length > 0 ? hostPath : null)),
    TE.mapLeft(orFailureOf(content)),
    TE.tap(() => checkWritten(terminal, transaction, path)),
    TE.flatMap((isUnchanged): TE.TaskEither<CliError, Put> => {
      const appended = entryType === 'series' ? hostPath : null;
      const put = { path, isUnchanged, appended, changed: null };
      if (hostPath === null || made !== undefined) return TE.right(put);
      // What is to be Parquet was looked at before; a part of one file and a part of another are none.
      if (entryType !== 'file')
        return isAsItWas(held, hostPath, stateWhenFound(file))
          ? TE.right(put)
          : TE.left({ _tag: 'HostFileChanged', path: hostPath });
      if (isAsItWas(held, hostPath, before)) return TE.right(put);
      warnOfChange(invocation, hostPath);
      return TE.right({ ...put, changed: hostPath });
    }),
  );
};

/** Appends a file to a series; true where it is one of the versions already. Others of the same copy may have made versions before. */
const appendFile = (
  fs: WriteTransaction['fs'],
  path: PondPath,
  content: ByteStream,
  options: { readonly series: SeriesOptions; readonly once: boolean },
): TE.TaskEither<TinyFsError, boolean> =>
  pipe(
    TE.fromTask(fs.stat(path)),
    TE.flatMap((before) =>
      pipe(
        fs.appendToSeries(path, content, options),
        TE.map(
          ({ nodeId, version }) =>
            isRight(before) && before.right.nodeId === nodeId && before.right.version === version,
        ),
      ),
    ),
  );

/** The error with the file that it is about, where the path in the pond does not say that. */
const withSource =
  (source: string | null) =>
  <E extends { readonly _tag: string }>(error: E): E =>
    source !== null && (error._tag === 'SchemaConflict' || error._tag === 'NotParquet')
      ? { ...error, source }
      : error;

const stateWhenFound = ({ size, modifiedAt }: IncomingFile) =>
  size === null || modifiedAt === null ? null : { size, modifiedAt };

/** A file as it is in the pond afterwards. */
export interface Put {
  readonly path: PondPath;
  /** True: it had this content before, as a series has a version. */
  readonly isUnchanged: boolean;
  /** The file of the host that a series got, or has already, as one of its versions; null where it is not a series. */
  readonly appended: string | null;
  /** The file of the host, where that was written to meanwhile. */
  readonly changed: string | null;
}

/** Files that are named one by one, at most. */
const MOST_NAMED = 10;

/** Says what was there already; of a folder that is copied again how much of it. */
export const sayUnchanged = ({ terminal }: Invocation, written: readonly Put[]): void => {
  const unchanged = written.filter((put) => put.isUnchanged);
  if (unchanged.length > MOST_NAMED) {
    const share = unchanged.length === written.length ? 'all' : `${unchanged.length} of`;
    terminal.writeErr(
      `pond: ${share} ${written.length} files are unchanged: they have their content already\n`,
    );
    return;
  }
  for (const { path, appended } of unchanged) {
    const why =
      appended === null
        ? 'it has this content already'
        : `${printable(appended)} is one of its versions already`;
    terminal.writeErr(`pond: ${printable(path)} is unchanged: ${why}\n`);
  }
};

/** Warns of a file that changed while it was copied: the copy may be neither what was there before nor what is there now. */
const warnOfChange = ({ terminal }: Invocation, hostPath: string): void =>
  terminal.writeErr(
    `pond: warning: ${printable(hostPath)} changed while it was copied: the copy may have a part of what was there before and a part of what is there now; copy it again\n`,
  );

/** Names the files that changed, for the document. */
export const changedAmong = (written: readonly (readonly Put[])[]): JsonObject => {
  const changed = written.flat().flatMap((put) => put.changed ?? []);
  return changed.length === 0 ? {} : { changed_while_copied: changed };
};
