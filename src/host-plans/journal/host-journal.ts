import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Binding } from '../../domain/binding.js';
import type { CheckpointEnd } from '../../executor/all-or-nothing/capabilities.js';
import type { OperationThrew } from '../../executor/operation.js';
import type { AppendLog } from '../../ports/append-log.js';
import type { Clock } from '../../ports/clock.js';
import type { FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import type { Lock } from '../../ports/locks.js';
import type { Logger } from '../../ports/logger.js';
import { describeHostError, type HostOperationError } from '../steps/host-error.js';
import { stagingEntriesOf } from '../steps/host-step.js';
import {
  encodeRecord,
  JOURNAL_FORMAT,
  type JournaledIntent,
  type JournalRecord,
} from './checkpoint-record.js';
import { cleanStaging, failuresOf } from './clean-staging.js';
import { type HostCheckpoint, stagingNameOf } from './host-checkpoint.js';
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
  readonly retire: (
    end: 'executed' | 'rolled_back' | 'incomplete',
    lock: Lock,
  ) => Either<FileSystemError, void>;
}

/** A journal that records can be added to. */
export interface OpenedJournal {
  readonly log: AppendLog;
  readonly lock: Lock;
  /** Place where it is made; null where no key can be kept, or it goes on with what somebody else began. */
  readonly bound: Binding | null;
  readonly sealing: Sealing | null;
}

/**
 * The checkpoint of one plan as an append-only file. A record of intents is durable before any of its effects; the
 * record of the end is durable before anything that undoing would need is deleted.
 */
export const createHostJournal = (
  place: JournalPlace,
  intents: JournaledIntent[],
): HostCheckpoint & { readonly resume: () => Either<HostOperationError, void> } => {
  const { worked, clock, logger, pid } = place;
  let opened: OpenedJournal | null = null;

  const append = (
    record: JournalRecord,
    durability: 'durable' | 'relaxed',
  ): Either<HostOperationError, void> => {
    if (opened === null) return left(failed(place.path, 'it is not open'));
    const { sealing } = opened;
    let last = '';
    const seal = (json: string): string => {
      last = sealing === null ? '' : sealOf(sealing, json);
      return last;
    };
    const line = encodeRecord(record, sealing === null ? null : seal);
    const appended = opened.log.append(line, durability)();
    if (isLeft(appended)) return left(failed(place.path, appended.left.code));
    // A line that could not be added is not there, and nothing is sealed after it.
    if (sealing !== null) opened = { ...opened, sealing: { ...sealing, last } };
    return right(undefined);
  };

  const open = (): Either<HostOperationError, void> => {
    const answered = place.open();
    if (isLeft(answered)) return answered;
    opened = answered.right;
    return right(undefined);
  };

  const settle = (end: CheckpointEnd<HostOperationError>): Either<HostOperationError, Failures> => {
    const record = endRecord(end);
    const ended = append(record, 'durable');
    if (isLeft(ended)) return ended;
    const kept = new Set(end._tag === 'Incomplete' ? end.failures.map(({ operation }) => operation) : []);
    const leftOver = cleanStaging(
      worked,
      kept.size === 0 ? intents : intents.filter(({ id }) => !kept.has(id)),
    );
    // There is no way back from here. What is left over is said, and is nobody's but a user's who asks for it.
    const failures = kept.size === 0 ? failuresOf(leftOver) : [];
    for (const { left: path, error } of leftOver) {
      logger.log('warn', 'staging_not_removed', { path, code: error.code });
    }
    if (failures.length > 0 && record.record !== 'incomplete') {
      append({ ...record, failures: failures.map(inWords) }, 'durable');
    }
    if (opened === null) return right(failures);
    const { log, lock } = opened;
    log.close();
    opened = null;
    const retired = place.retire(failures.length > 0 ? 'incomplete' : record.record, lock);
    if (isLeft(retired)) {
      logger.log('warn', 'checkpoint_delete_failed', { path: place.path, code: retired.left.code });
    }
    return right(failures);
  };

  return {
    id: place.id,
    stagingName: stagingNameOf(place.id),
    create: ({ checksum, operations }, traceParent) =>
      TE.fromIOEither(() => {
        const created = open();
        if (isLeft(created)) return created;
        return append(
          {
            record: 'plan',
            format: JOURNAL_FORMAT,
            checksum,
            operations: operations.length,
            started_at: clock.nowMicros(),
            pid,
            trace_parent: traceParent,
            ...(opened?.bound == null ? {} : { bound: opened.bound }),
          },
          'relaxed',
        );
      }),
    resume: () => {
      const answered = open();
      if (isLeft(answered)) return answered;
      // A line that was cut off must not run into the next one.
      const separated = opened?.log.append(Buffer.from('\n'), 'relaxed')();
      if (separated !== undefined && isLeft(separated)) return left(failed(place.path, separated.left.code));
      return append({ record: 'resumed', at: clock.nowMicros(), pid }, 'relaxed');
    },
    intend: (batch) =>
      TE.fromIOEither(() => {
        const operations = batch.map(({ operation: { id, kind }, undo: { steps } }) => ({ id, kind, steps }));
        const written = append({ record: 'intents', operations }, 'durable');
        if (!isLeft(written)) for (const intent of operations) if (isStaging(intent)) intents.push(intent);
        return written;
      }),
    noteMade: (path, identity) => {
      // Only makes undoing after a crash surer: without it a directory is known by its path.
      const noted = append({ record: 'made', path, ...identity }, 'relaxed');
      if (isLeft(noted)) logger.log('debug', 'directory_not_noted', { path });
    },
    undone: ({ id }) => append({ record: 'undone', operation: id }, 'relaxed'),
    settle: (end) => TE.fromIOEither(() => settle(end)),
  };
};

/** Only what an operation keeps aside is to be cleaned up after it. */
const isStaging = ({ steps }: JournaledIntent): boolean =>
  steps.some((step) => stagingEntriesOf(step).length > 0);

type EndRecord = Extract<JournalRecord, { readonly record: 'executed' | 'rolled_back' | 'incomplete' }>;

const endRecord = (end: CheckpointEnd<HostOperationError>): EndRecord => {
  switch (end._tag) {
    case 'Executed':
      return { record: 'executed' };
    case 'RolledBack':
      return { record: 'rolled_back' };
    case 'Incomplete':
      return {
        record: 'incomplete',
        failures: end.failures.map(inWords),
      };
  }
};

type Failures = readonly { readonly operation: string; readonly error: HostOperationError }[];

const inWords = ({
  operation,
  error,
}: {
  readonly operation: string;
  readonly error: HostOperationError | OperationThrew;
}) => ({
  operation,
  message: error._tag === 'OperationThrew' ? error.message : describeHostError(error),
});

const failed = (path: string, problem: string): HostOperationError => ({
  _tag: 'CheckpointFailed',
  path,
  problem,
});
