import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Arrival } from '../../control/arrival-record.js';
import { parentOf } from '../../domain/paths/pond-path.js';
import { printArrivalMark } from '../../domain/watches/arrival-mark.js';
import { WATCH_FACTORY, type WatchWords } from '../../domain/watches/watch-words.js';
import { steps } from '../../effects/steps.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import { isPersistenceError } from '../../tinyfs/thrown-error.js';
import type { PondWriter } from '../../tinyfs/tinyfs.js';
import { writeTransaction } from '../commit/write-transaction.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { WriteOutcome } from '../transactions.js';
import { learnArrivals } from './learn-arrivals.js';
import { hashing, isAsItWas, type ReadyFile } from './prepare-arrival.js';

/** A batch that is to be committed. */
export interface Writing {
  readonly pond: Pond;
  readonly watch: string;
  readonly words: WatchWords;
  /** Ports by which the folder is read. */
  readonly held: HostFileSystem;
  /** Tells whether the tasks that follow are left to the background. */
  readonly tasks: 'wait' | 'background' | null;
  readonly signal: AbortSignal;
}

/** Files of a batch by what became of them in its transaction. */
export interface WrittenFiles {
  readonly taken: readonly ReadyFile[];
  /** Files whose content is there already. */
  readonly unchanged: readonly ReadyFile[];
  /** Files that somebody else has taken in meanwhile. */
  readonly known: readonly ReadyFile[];
}

/** A single file that keeps its batch from being committed. */
export type FileFault =
  | { readonly _tag: 'FileRefused'; readonly file: ReadyFile; readonly reason: string }
  | { readonly _tag: 'FileChanged'; readonly file: ReadyFile };

/**
 * Writes files in one transaction, each with the mark by which it is known again. Under the lock it is looked once more which of
 * them are in the data already, so that whatever serves the pond beside this, each arrives once.
 */
export const writeArrivals = (
  { pond, watch, words, held, tasks, signal }: Writing,
  files: readonly ReadyFile[],
): TE.TaskEither<PondError | FileFault, WriteOutcome<WrittenFiles>> =>
  writeTransaction(pond)<PondError | FileFault, WrittenFiles>(
    ({ fs, txnSeq, basedOnSeq }) =>
      steps(async ({ run }) => {
        await run(learnArrivals(pond, watch, basedOnSeq));
        const recorded = await run(
          pond.control.arrivalsOf(
            watch,
            files.map(({ file }) => file.path),
          ),
        );
        const knownAt = new Map(recorded.map((arrival) => [arrival.path, arrival]));
        const written = { taken: [], unchanged: [], known: [] } as {
          readonly [K in keyof WrittenFiles]: ReadyFile[];
        };
        for (const ready of files) {
          const { file, sha256 } = ready;
          const known = knownAt.get(file.path);
          const isSame = known?.size === file.size && known.modifiedAt === file.modifiedAt;
          if (isSame && known.outcome === 'taken' && known.sha256 === sha256 && !known.isSettled)
            written.known.push(ready);
          else if (await run(isThere(fs, words, ready, known ?? null))) written.unchanged.push(ready);
          else {
            await run(writeOne({ pond, fs, held, words, watch, txnSeq }, ready));
            written.taken.push(ready);
          }
        }
        return written;
      }),
    {
      ...{ operation: 'watch', approves: false, signal },
      about: { factoryName: WATCH_FACTORY, configPath: watch },
      ...(tasks === null ? {} : { tasks }),
      describe: (error) => describeFault(error as FileFault),
    },
  );

const describeFault = (fault: FileFault): string | null => {
  switch (fault._tag) {
    case 'FileRefused':
      return `${fault.file.file.path}: ${fault.reason}`;
    case 'FileChanged':
      return `${fault.file.file.path} changed while it was read`;
    default:
      return null;
  }
};

/**
 * Tells whether the content of a file is in the pond already. Of what was made of rows only its file tells, as long as nobody has
 * written over it since; of a series, whether that file was appended as it is.
 */
const isThere = (
  fs: PondWriter,
  { as }: WatchWords,
  { target, sha256 }: ReadyFile,
  known: Arrival | null,
): TE.TaskEither<never, boolean> => {
  const isKnown = known !== null && known.outcome !== 'refused' && known.sha256 === sha256;
  return pipe(
    fs.stat(target),
    TE.match(
      () => false,
      (entry) => {
        if (entry.entryType !== as) return false;
        if (as === 'series') return isKnown;
        return entry.sha256 === sha256 || (isKnown && as === 'table' && entry.txnSeq === known.txnSeq);
      },
    ),
    TE.fromTask<boolean, never>,
  );
};

interface WritingOne {
  readonly pond: Pond;
  readonly fs: PondWriter;
  readonly held: HostFileSystem;
  readonly words: WatchWords;
  readonly watch: string;
  readonly txnSeq: number;
}

const writeOne = (
  { pond, fs, held, words, watch, txnSeq }: WritingOne,
  ready: ReadyFile,
): TE.TaskEither<PondError | FileFault, void> =>
  steps<PondError | FileFault, void>(async ({ run, fail }) => {
    const { file, sha256, target, spooled } = ready;
    const { path, size, modifiedAt } = file;
    const attributes = printArrivalMark({ watch, path, size, modifiedAt, sha256 }, txnSeq);
    const orRefused = TE.mapLeft((error: TinyFsError): PondError | FileFault =>
      isOfFile(error) ? { _tag: 'FileRefused', file: ready, reason: describeError(error) } : error,
    );
    await run(orRefused(fs.mkdirAll(parentOf(target))));
    const fromHost = spooled === null ? hashing(held.streamFile(file.realPath)) : null;
    const content = fromHost === null ? pond.ports.files.streamFile(spooled ?? '') : fromHost.bytes;
    const written = await (words.as === 'series'
      ? fs.appendToSeries(target, content, { attributes, series: words.series })
      : fs.write(target, content, { attributes, entryType: words.as }))();
    const isRead = fromHost === null || fromHost.sha256() === sha256;
    if ((fromHost !== null && fromHost.failure() !== null) || !isRead || !isAsItWas(held, file))
      return fail({ _tag: 'FileChanged', file: ready });
    if (isLeft(written)) await run(orRefused(TE.left(written.left)));
  });

/** Tells whether an error is about what is in the file, or where it goes, and not about the pond's own disk. */
const isOfFile = (error: TinyFsError): boolean => !isPersistenceError(error) && error._tag !== 'NotTrusted';
