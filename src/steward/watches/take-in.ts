import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Arrival, ArrivalOutcome } from '../../control/arrival-record.js';
import type { WatchWords } from '../../domain/watches/watch-words.js';
import { steps } from '../../effects/steps.js';
import { holding } from '../../host-plans/held-work.js';
import { splitBatch } from '../../planner/watches/split-batch.js';
import { ATTRIBUTE, SPAN } from '../../ports/telemetry-names.js';
import { closedReader } from '../discovery/closed-reader.js';
import type { PondError } from '../errors.js';
import { inSpan } from '../pond/in-span.js';
import { withinEntry } from '../pond/inside/within-entry.js';
import { layout, type Pond } from '../pond/pond.js';
import { refuseUntrusted } from '../tasks/refuse-untrusted.js';
import { finishOnHost } from './finish-on-host.js';
import type { PreparedFile, ReadyFile, SettledFile } from './prepare-arrival.js';
import { prepareBatch } from './prepare-batch.js';
import { type Writing, type WrittenFiles, writeArrivals } from './write-arrivals.js';

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
        const ready = prepared.filter((one): one is ReadyFile => one._tag === 'Ready');
        const writing: Writing = { pond, watch, words, held, tasks, signal };
        const all = await run(writeAll(writing, ready));
        const refusedBefore = prepared.filter((one) => one._tag === 'Refused');
        const refused = [...refusedBefore, ...all.refused];
        const problems = [...prepared.flatMap((one) => (one._tag === 'Unreadable' ? [one.problem] : []))];
        const endedAt = pond.ports.clock.nowMicros();
        const arrivals = [
          ...all.commits.flatMap(({ txnSeq, files: written }) => [
            ...written.taken.map((one) => arrivalOf(one, 'taken', { txnSeq, endedAt, words })),
            ...written.unchanged.map((one) => arrivalOf(one, 'unchanged', { txnSeq: null, endedAt, words })),
          ]),
          ...refused.map((one) =>
            arrivalOf({ ...one, reason: pond.redact(one.reason) }, 'refused', {
              txnSeq: null,
              endedAt,
              words,
            }),
          ),
        ];
        const known = all.commits.flatMap(({ files: written }) => written.known);
        if (arrivals.length > 0) {
          const txnSeq =
            all.commits.findLast(({ files: written }) => written.taken.length > 0)?.txnSeq ?? null;
          const records = arrivals.map(({ arrival }) => arrival);
          await run(pond.control.recordBatch({ watch, endedAt, txnSeq, arrivals: records }));
        }
        const others = known.map((one) => arrivalOf(one, 'taken', { txnSeq: null, endedAt, words }));
        problems.push(...(await run(finishOnHost(pond, { watch, words }, [...arrivals, ...others]))));
        const count = (outcome: ArrivalOutcome) =>
          arrivals.filter(({ arrival }) => arrival.outcome === outcome).length;
        const counts = {
          taken: count('taken'),
          unchanged: count('unchanged'),
          refused: count('refused'),
        };
        say(pond, watch, counts, refused);
        return {
          ...counts,
          left,
          failedTasks: all.commits.reduce((sum, { failedTasks }) => sum + failedTasks, 0),
          problems,
        };
      }),
    ),
  );

type RefusedFile = Extract<PreparedFile, { _tag: 'Refused' }>;

interface Commit {
  /** Null: it was none, since nothing was new. */
  readonly txnSeq: number | null;
  readonly files: WrittenFiles;
  readonly failedTasks: number;
}

/** Files of a batch that are tried together. */
interface Part {
  readonly files: readonly ReadyFile[];
  /** Tells whether those that a gate names are tried apart. */
  readonly byName: boolean;
}

/** Commits a batch, and, where a gate or a file keeps that from happening, its parts. */
const writeAll = (
  writing: Writing,
  files: readonly ReadyFile[],
): TE.TaskEither<
  PondError,
  { readonly commits: readonly Commit[]; readonly refused: readonly RefusedFile[] }
> =>
  steps(async ({ fail }) => {
    const commits: Commit[] = [];
    const refused: RefusedFile[] = [];
    const waiting: Part[] = [{ files, byName: true }];
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const { files: next, byName } = part;
      if (next.length === 0) continue;
      const written = await writeArrivals(writing, next)();
      if (!isLeft(written)) {
        const { value, txnSeq } = written.right;
        const isCommit = written.right._tag === 'Committed';
        const failed =
          written.right._tag === 'Committed'
            ? written.right.tasks.filter(({ state }) => state === 'failed').length
            : 0;
        commits.push({ txnSeq: isCommit ? txnSeq : null, files: value, failedTasks: failed });
        refused.push(...value.refused.map(({ file, reason }) => refusalOf(file, reason)));
        waiting.unshift({ files: value.left, byName });
        continue;
      }
      const error = written.left;
      if (error._tag === 'FileChanged')
        // What has changed has not settled, and comes again.
        waiting.unshift({ files: next.filter((one) => one !== error.file), byName });
      else if (error._tag === 'GateRefused') {
        const [only] = next;
        const reason = error.gates.map(({ path, message }) => `${path}: ${message}`).join('\n');
        if (next.length === 1 && only !== undefined) refused.push(refusalOf(only, reason));
        // Who names few of many each time is asked for halves, so that the number of transactions follows that of refused files.
        else
          waiting.unshift(
            ...splitBatch(next, byName ? reason : '').map((one) => ({ files: one, byName: false })),
          );
      } else {
        // What was committed before is recorded by whoever looks next.
        return fail(error);
      }
    }
    return { commits, refused };
  });

const refusalOf = ({ file, sha256 }: ReadyFile, reason: string): RefusedFile => ({
  _tag: 'Refused',
  file,
  sha256,
  reason,
});

interface ArrivedAs {
  readonly txnSeq: number | null;
  readonly endedAt: number;
  readonly words: WatchWords;
}

const arrivalOf = (
  one: ReadyFile | RefusedFile,
  outcome: ArrivalOutcome,
  { txnSeq, endedAt, words }: ArrivedAs,
): { readonly file: SettledFile; readonly arrival: Arrival } => {
  const { file, sha256 } = one;
  const { path, size, modifiedAt } = file;
  const staysThere = outcome === 'refused' ? words.refused === null : words.after._tag === 'Keep';
  return {
    file,
    arrival: {
      path,
      size,
      modifiedAt,
      sha256,
      outcome,
      txnSeq,
      arrivedAt: endedAt,
      aside: null,
      reason: one._tag === 'Refused' ? one.reason : null,
      isSettled: staysThere,
    },
  };
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
