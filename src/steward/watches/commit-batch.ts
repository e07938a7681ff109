import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { splitBatch } from '../../planner/watches/split-batch.js';
import type { PondError } from '../errors.js';
import type { WriteOutcome } from '../shapes/transactions.js';
import type { PreparedFile, ReadyFile } from './prepare-arrival.js';
import { type Writing, type WrittenFiles, writeArrivals } from './write-arrivals.js';

/** A file that never arrives as it is. */
export type RefusedFile = Extract<PreparedFile, { _tag: 'Refused' }>;

/** A commit that has taken in files of a batch. */
export interface CommitOfBatch {
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

/** Commits of a batch, oldest first, and what was refused of it. */
export interface CommittedBatch {
  readonly commits: readonly CommitOfBatch[];
  readonly refused: readonly RefusedFile[];
}

/** Commits a batch, and, where a gate or a file keeps that from happening, its parts. */
export const commitBatch = (
  writing: Writing,
  files: readonly ReadyFile[],
): TE.TaskEither<PondError, CommittedBatch> =>
  steps(async ({ fail }) => {
    const commits: CommitOfBatch[] = [];
    const refused: RefusedFile[] = [];
    const waiting: Part[] = [{ files, byName: true }];
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      const { files: next, byName } = part;
      if (next.length === 0) continue;
      const written = await writeArrivals(writing, next)();
      if (!isLeft(written)) {
        const { value } = written.right;
        commits.push(commitOf(written.right));
        refused.push(...value.refused.map(({ file, reason }) => refusalOf(file, reason)));
        waiting.unshift({ files: value.left, byName });
        continue;
      }
      const error = written.left;
      // What has changed has not settled, and comes again.
      if (error._tag === 'FileChanged')
        waiting.unshift({ files: next.filter((one) => one !== error.file), byName });
      else if (error._tag === 'GateRefused') {
        const [only] = next;
        const reason = error.gates.map(({ path, message }) => `${path}: ${message}`).join('\n');
        if (next.length === 1 && only !== undefined) refused.push(refusalOf(only, reason));
        else waiting.unshift(...partsOf(next, byName ? reason : ''));
      }
      // What was committed before is recorded by whoever looks next.
      else return fail(error);
    }
    return { commits, refused };
  });

const refusalOf = ({ file, sha256 }: ReadyFile, reason: string): RefusedFile => ({
  _tag: 'Refused',
  file,
  sha256,
  reason,
});

/** Gates that name few of many each time are asked for halves, so that the number of transactions follows that of refused files. */
const partsOf = (files: readonly ReadyFile[], reason: string): readonly Part[] =>
  splitBatch(files, reason).map((part) => ({ files: part, byName: false }));

const commitOf = (outcome: WriteOutcome<WrittenFiles>): CommitOfBatch =>
  outcome._tag === 'Committed'
    ? {
        txnSeq: outcome.txnSeq,
        files: outcome.value,
        failedTasks: outcome.tasks.filter(({ state }) => state === 'failed').length,
      }
    : { txnSeq: null, files: outcome.value, failedTasks: 0 };
