import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from './control-error.js';
import type { Arrival, EndedBatch, LearntArrivals, WatchStatus } from './records/arrival-record.js';

/** Methods of the control table about watched folders. */
export interface WatchMethods {
  /** Facts that are remembered of files of a watched folder; those of which nothing is are left out. */
  readonly arrivalsOf: (
    watch: string,
    paths: readonly string[],
  ) => TaskEither<ControlError, readonly Arrival[]>;
  /** The newest commit of which it is known here what it has taken in for a watch; 0: of none. */
  readonly knownArrivals: (watch: string) => TaskEither<ControlError, number>;
  /** Remembers what the data says was taken in; what is remembered of a later commit stays. Durable. */
  readonly learnArrivals: (learnt: LearntArrivals) => TaskEither<ControlError, void>;
  /** Records what became of the files of a batch. Durable: what follows on the host happens after it. */
  readonly recordBatch: (batch: EndedBatch) => TaskEither<ControlError, void>;
  /** Records that nothing is left to be done on the host with files, and where they were put. Durable. */
  readonly settleArrivals: (
    watch: string,
    settled: readonly { readonly path: string; readonly aside: string | null }[],
  ) => TaskEither<ControlError, void>;
  /** Forgets files that are not there any more, except for the newest ten thousand. Not fsynced. */
  readonly forgetArrivals: (
    watch: string,
    isThere: (path: string) => boolean,
  ) => TaskEither<ControlError, void>;
  /** Keeps in mind what keeps a folder from being looked at (null: nothing); returns whether that is new. Not fsynced. */
  readonly setWatchProblem: (
    watch: string,
    problem: string | null,
    at: number,
  ) => TaskEither<ControlError, boolean>;
  /** Batches, refusals and the problem of a watch. */
  readonly watchStatus: (watch: string) => TaskEither<ControlError, WatchStatus>;
}
