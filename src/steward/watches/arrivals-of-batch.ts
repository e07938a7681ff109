import type { Arrival, ArrivalOutcome } from '../../control/records/arrival-record.js';
import type { WatchWords } from '../../domain/watches/watch-words.js';
import type { CommittedBatch, RefusedFile } from './commit-batch.js';
import type { ReadyFile, SettledFile } from './prepare-arrival.js';

/** A file of a batch, and what is recorded of it. */
export interface FileArrival {
  readonly file: SettledFile;
  readonly arrival: Arrival;
}

/** Facts that all files of a batch share. */
interface OfBatch {
  /** Microseconds since the epoch. */
  readonly endedAt: number;
  readonly words: WatchWords;
  /** Takes secrets out of words. */
  readonly redact: (text: string) => string;
}

/** Tells what became of a batch's files: `arrivals` is to be recorded, `known` was taken in before and has only to be finished on the host. */
export const arrivalsOf = (
  { commits, refused }: CommittedBatch,
  of: OfBatch,
): { readonly arrivals: readonly FileArrival[]; readonly known: readonly FileArrival[] } => ({
  arrivals: [
    ...commits.flatMap(({ txnSeq, files }) => [
      ...files.taken.map((one) => arrivalOf(one, 'taken', txnSeq, of)),
      ...files.unchanged.map((one) => arrivalOf(one, 'unchanged', null, of)),
    ]),
    ...refused.map((one) => arrivalOf({ ...one, reason: of.redact(one.reason) }, 'refused', null, of)),
  ],
  known: commits.flatMap(({ files }) => files.known.map((one) => arrivalOf(one, 'taken', null, of))),
});

const arrivalOf = (
  one: ReadyFile | RefusedFile,
  outcome: ArrivalOutcome,
  txnSeq: number | null,
  { endedAt, words }: Pick<OfBatch, 'endedAt' | 'words'>,
): FileArrival => {
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
