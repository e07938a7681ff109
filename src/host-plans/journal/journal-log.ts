import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Binding } from '../../domain/binding.js';
import type { AppendLog } from '../../ports/append-log.js';
import type { Clock } from '../../ports/clock.js';
import type { FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import type { Lock } from '../../ports/locks.js';
import type { Logger } from '../../ports/logger.js';
import type { HostOperationError } from '../steps/host-error.js';
import { encodeRecord, type JournalRecord } from './checkpoint-record.js';
import { type Sealing, sealOf } from './journal-seal.js';

/** Place of the journal of one plan, and what it needs. */
export interface JournalPlace {
  readonly id: string;
  readonly path: string;
  /** Filesystem that the plan works on, and keeps things aside in. */
  readonly worked: HostFileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pid: number;
  /** Creates (or opens) and locks it. */
  readonly open: () => Either<HostOperationError, OpenedJournal>;
  /** It is not needed any more, or kept under the name of its end. Lets go of the lock. */
  readonly retire: (end: JournalEnd, lock: Lock) => Either<FileSystemError, void>;
}

/** End of its plan. */
export type JournalEnd = 'executed' | 'rolled_back' | 'incomplete';

/** A journal that records can be added to. */
export interface OpenedJournal {
  readonly log: AppendLog;
  readonly lock: Lock;
  /** Place where it is made; null where no key can be kept, or it goes on with what somebody else began. */
  readonly bound: Binding | null;
  readonly sealing: Sealing | null;
}

/** The file of a journal: each record is a line, sealed with those before it where a key is kept. */
export interface JournalLog {
  readonly open: () => Either<HostOperationError, OpenedJournal>;
  readonly append: (
    record: JournalRecord,
    durability: 'durable' | 'relaxed',
  ) => Either<HostOperationError, void>;
  /** Ends what a process began to write when it died: that must not run into the next line. */
  readonly separate: () => Either<HostOperationError, void>;
  /** Closes and retires it, for good. */
  readonly close: (end: JournalEnd) => void;
}

/** A journal that is not open yet. */
export const journalLog = (place: JournalPlace): JournalLog => {
  let opened: OpenedJournal | null = null;
  const failed = (problem: string) => left(journalFailed(place.path, problem));

  return {
    open: () => {
      const answered = place.open();
      if (isLeft(answered)) return answered;
      opened = answered.right;
      return answered;
    },
    append: (record, durability) => {
      if (opened === null) return failed('it is not open');
      const { log, sealing } = opened;
      let last = '';
      const seal = (json: string): string => {
        last = sealing === null ? '' : sealOf(sealing, json);
        return last;
      };
      const appended = log.append(encodeRecord(record, sealing === null ? null : seal), durability)();
      if (isLeft(appended)) return failed(appended.left.code);
      // A line that could not be added is not there, and nothing is sealed after it.
      if (sealing !== null) opened = { ...opened, sealing: { ...sealing, last } };
      return right(undefined);
    },
    separate: () => {
      const separated = opened?.log.append(Buffer.from('\n'), 'relaxed')();
      return separated !== undefined && isLeft(separated) ? failed(separated.left.code) : right(undefined);
    },
    close: (end) => {
      if (opened === null) return;
      const { log, lock } = opened;
      log.close();
      opened = null;
      const retired = place.retire(end, lock);
      if (isLeft(retired)) {
        place.logger.log('warn', 'checkpoint_delete_failed', { path: place.path, code: retired.left.code });
      }
    },
  };
};

const journalFailed = (path: string, problem: string): HostOperationError => ({
  _tag: 'CheckpointFailed',
  path,
  problem,
});
