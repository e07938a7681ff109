import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Arrival } from '../../control/records/arrival-record.js';
import { type PondPath, parentOf, ROOT } from '../../domain/paths/pond-path.js';
import { printArrivalMark } from '../../domain/watches/arrival-mark.js';
import { WATCH_FACTORY, type WatchWords } from '../../domain/watches/watch-words.js';
import { steps } from '../../effects/steps.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import { withMisfit } from '../../series/with-misfit.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import { isPersistenceError } from '../../tinyfs/thrown-error.js';
import type { PondWriter } from '../../tinyfs/tinyfs.js';
import { writeTransaction } from '../commit/write-transaction.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { WriteOutcome } from '../shapes/transactions.js';
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
  /** Files that can never go where they are to go, each with the reason. */
  readonly refused: readonly { readonly file: ReadyFile; readonly reason: string }[];
  /** Files that were not come to: the writer's lock had been held for long enough. */
  readonly left: readonly ReadyFile[];
}

/** A file that changed while it was written, so that what is in the transaction is not what it is. */
export interface FileFault {
  readonly _tag: 'FileChanged';
  readonly file: ReadyFile;
}

/** Milliseconds for which a batch holds the writer's lock before it goes on in another commit. A single file may take longer. */
const LONGEST_HELD = 2_000;

/**
 * Writes files in one transaction, each with the mark by which it is known again. Under the lock it is looked once more which of
 * them are in the data already, so that whatever serves the pond beside this, each arrives once. One that cannot go where it is to go
 * leaves nothing in the transaction, and does not keep the others from arriving with it.
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
        const [taken, unchanged, others]: [ReadyFile[], ReadyFile[], ReadyFile[]] = [[], [], []];
        const refused: { readonly file: ReadyFile; readonly reason: string }[] = [];
        const until = pond.ports.clock.monotonicMs() + LONGEST_HELD;
        let seen = 0;
        for (const ready of files) {
          if (taken.length > 0 && pond.ports.clock.monotonicMs() > until) break;
          seen += 1;
          const { file, sha256 } = ready;
          const known = knownAt.get(file.path);
          const isSame = known?.size === file.size && known.modifiedAt === file.modifiedAt;
          if (isSame && known.outcome === 'taken' && known.sha256 === sha256 && !known.isSettled)
            others.push(ready);
          else if (await run(isThere(fs, words, ready, known ?? null))) unchanged.push(ready);
          else {
            const reason = await run(writeOne({ pond, fs, held, words, watch, txnSeq }, ready));
            if (reason === null) taken.push(ready);
            else refused.push({ file: ready, reason });
          }
        }
        return { taken, unchanged, known: others, refused, left: files.slice(seen) };
      }),
    {
      operation: 'watch',
      approves: false,
      signal,
      about: { factoryName: WATCH_FACTORY, configPath: watch },
      ...(tasks === null ? {} : { tasks }),
      describe: (error) => describeFault(error as FileFault),
    },
  );

const describeFault = (fault: FileFault): string | null =>
  fault._tag === 'FileChanged' ? `${fault.file.file.path} changed while it was read` : null;

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

/** Writes one file; returns why it is refused, null where it is not. */
const writeOne = (
  { pond, fs, held, words, watch, txnSeq }: WritingOne,
  ready: ReadyFile,
): TE.TaskEither<PondError | FileFault, string | null> =>
  steps<PondError | FileFault, string | null>(async ({ run, fail }) => {
    const { file, sha256, target, spooled } = ready;
    const { path, size, modifiedAt } = file;
    const attributes = printArrivalMark({ watch, path, size, modifiedAt, sha256 }, txnSeq);
    const missing = await firstMissing(fs, parentOf(target));
    const made = await fs.mkdirAll(parentOf(target))();
    const refusal = async (error: TinyFsError): Promise<string> => {
      if (!isOfFile(error)) return fail(error);
      // What was made for it goes with it.
      if (missing !== null && !isLeft(made)) await run(fs.remove(missing, { recursive: true }));
      return describeError(error);
    };
    if (isLeft(made)) return refusal(made.left);
    const fromHost = spooled === null ? hashing(held.streamFile(file.realPath)) : null;
    const content = fromHost === null ? pond.ports.files.streamFile(spooled ?? '') : fromHost.bytes;
    const written = await (words.as === 'series'
      ? fs.appendToSeries(target, content, { attributes, series: words.series })
      : fs.write(target, content, { attributes, entryType: words.as }))();
    const isFailed = fromHost !== null && fromHost.failure() !== null;
    // What is refused by its place is not read to its end.
    const isOther = fromHost !== null && !isLeft(written) && fromHost.sha256() !== sha256;
    // What is refused may be so because it was changed; it comes again as what it is then.
    if (isFailed || isOther || !isAsItWas(held, file)) return fail({ _tag: 'FileChanged', file: ready });
    return isLeft(written) ? refusal(withMisfit(ready.misfits ?? [])(written.left)) : null;
  });

/** The directory nearest to the root that is not there on the way to a path, itself included. */
const firstMissing = async (fs: PondWriter, path: PondPath): Promise<PondPath | null> => {
  if (path === ROOT || !isLeft(await fs.stat(path)())) return null;
  return (await firstMissing(fs, parentOf(path))) ?? path;
};

/** Tells whether an error is about what is in the file, or where it goes, and not about the pond's own disk. */
const isOfFile = (error: TinyFsError): boolean => !isPersistenceError(error) && error._tag !== 'NotTrusted';
