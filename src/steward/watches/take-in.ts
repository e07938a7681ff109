import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { ArrivalOutcome } from '../../control/records/arrival-record.js';
import type { WatchWords } from '../../domain/watches/watch-words.js';
import { steps } from '../../effects/steps.js';
import { holding } from '../../host-plans/held-work.js';
import { ATTRIBUTE, SPAN } from '../../ports/telemetry-names.js';
import { closedReader } from '../discovery/closed-reader.js';
import type { PondError } from '../errors.js';
import { inSpan } from '../pond/in-span.js';
import { withinEntry } from '../pond/inside/within-entry.js';
import { layout, type Pond } from '../pond/pond.js';
import { refuseUntrusted } from '../tasks/refuse-untrusted.js';
import { arrivalsOf, type FileArrival } from './arrivals-of-batch.js';
import { type CommitOfBatch, commitBatch, type RefusedFile } from './commit-batch.js';
import { finishOnHost } from './finish-on-host.js';
import type { SettledFile } from './prepare-arrival.js';
import { prepareBatch } from './prepare-batch.js';

/** A watch whose files are taken in. */
export interface TakingIn {
  readonly watch: string;
  readonly words: WatchWords;
  /** Tells whether the tasks that follow are left to the background; null: as the settings say. */
  readonly tasks: 'wait' | 'background' | null;
  readonly signal: AbortSignal;
}

/** Result of a batch. */
export interface TakenIn {
  readonly taken: number;
  readonly unchanged: number;
  readonly refused: number;
  /** Files that are left for the next batch. */
  readonly left: readonly SettledFile[];
  /** Tasks that followed the commits and failed. */
  readonly failedTasks: number;
  /** Reasons why files could not be read, or be moved afterwards. */
  readonly problems: readonly string[];
}

/**
 * Takes settled files in, in one commit, in an order in which a crash anywhere loses and doubles nothing:
 *
 *   1. Trust is looked at. Each file is read, with its digest; what will never arrive as it is is refused.
 *   2. The write transaction: each version carries path, size, time and digest of its file. After its commit point the files have
 *      arrived, whatever follows: who looks next learns it from the data. Where a gate refuses, the batch is split until what is
 *      refused stands alone; where writing takes long, it goes on in another commit.
 *   3. The control table: what became of each file, durably, of the refused ones with the reason.
 *   4. On the host: moving and deleting, in this order, and that it is done. A crash before it leaves files that are known as
 *      unfinished.
 */
export const takeIn = (
  pond: Pond,
  taking: TakingIn,
  files: readonly SettledFile[],
): TE.TaskEither<PondError, TakenIn> => {
  const attributes = { [ATTRIBUTE.pondId]: pond.tlog.pondId, [ATTRIBUTE.taskConfigPath]: taking.watch };
  return inSpan(pond.ports.telemetry, { name: SPAN.batch, parent: null, attributes })((span) =>
    steps<PondError, TakenIn>(async ({ run }) => {
      const { txnSeq } = await run(pond.tlog.head());
      await run(refuseUntrusted(pond, [txnSeq]));
      const words = await run(withDirectory(pond, taking.words, txnSeq));
      const at = { path: taking.watch, txnSeq, txnId: pond.ports.ids.uuidV7(), span };
      return run(withinEntry(pond, { chain: [] }, at, takeBatch(pond, { ...taking, words }, files)));
    }),
  );
};

/** A directory that is there takes files in, also where it is written without a slash. */
const withDirectory = (pond: Pond, words: WatchWords, txnSeq: number): TE.TaskEither<PondError, WatchWords> =>
  steps(async ({ run }) => {
    const found = await closedReader(await run(pond.tlog.snapshot(txnSeq))).stat(words.into.path)();
    const isDirectory = words.into.isDirectory || (!isLeft(found) && found.right.entryType === 'directory');
    return { ...words, into: { ...words.into, isDirectory } };
  });

const takeBatch = (
  pond: Pond,
  taking: TakingIn,
  files: readonly SettledFile[],
): TE.TaskEither<PondError, TakenIn> =>
  holding(pond.ports.hold, (held) =>
    pond.ports.workspaces.use<PondError, TakenIn>(layout(pond.directory).queries, (workspace) =>
      steps(async ({ run }) => {
        const { words, watch, tasks, signal } = taking;
        const { prepared, left } = await run(prepareBatch({ pond, held, words, workspace, signal }, files));
        const ready = prepared.filter((one) => one._tag === 'Ready');
        const written = await run(commitBatch({ pond, watch, words, held, tasks, signal }, ready));
        const refused = [...prepared.filter((one) => one._tag === 'Refused'), ...written.refused];
        const batch = { commits: written.commits, refused };
        const endedAt = pond.ports.clock.nowMicros();
        const { arrivals, known } = arrivalsOf(batch, { endedAt, words, redact: pond.redact });
        if (arrivals.length > 0) {
          const records = arrivals.map(({ arrival }) => arrival);
          const txnSeq = newestCommit(written.commits);
          await run(pond.control.recordBatch({ watch, endedAt, txnSeq, arrivals: records }));
        }
        const unfinished = await run(finishOnHost(pond, { watch, words }, [...arrivals, ...known]));
        const counts = countsOf(arrivals);
        say(pond, watch, counts, refused);
        return {
          ...counts,
          left,
          failedTasks: written.commits.reduce((sum, { failedTasks }) => sum + failedTasks, 0),
          problems: [
            ...prepared.flatMap((one) => (one._tag === 'Unreadable' ? [one.problem] : [])),
            ...unfinished,
          ],
        };
      }),
    ),
  );

/** The newest commit that has taken something in. */
const newestCommit = (commits: readonly CommitOfBatch[]): number | null =>
  commits.findLast(({ files }) => files.taken.length > 0)?.txnSeq ?? null;

const countsOf = (arrivals: readonly FileArrival[]): Pick<TakenIn, 'taken' | 'unchanged' | 'refused'> => {
  const count = (outcome: ArrivalOutcome): number =>
    arrivals.filter(({ arrival }) => arrival.outcome === outcome).length;
  return { taken: count('taken'), unchanged: count('unchanged'), refused: count('refused') };
};

const say = (
  { ports: { logger }, redact }: Pond,
  watch: string,
  counts: Pick<TakenIn, 'taken' | 'unchanged' | 'refused'>,
  refused: readonly RefusedFile[],
): void => {
  if (counts.taken + counts.unchanged + counts.refused > 0)
    logger.log('info', 'batch_taken_in', { watch, ...counts });
  for (const { file, reason } of refused)
    logger.log('warn', 'file_refused', { watch, file: file.path, reason: redact(reason) });
};
