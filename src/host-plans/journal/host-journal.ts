import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { CheckpointEnd } from '../../executor/all-or-nothing/capabilities.js';
import type { OperationThrew } from '../../executor/operation.js';
import { describeHostError, type HostOperationError } from '../steps/host-error.js';
import { stagingEntriesOf } from '../steps/host-step.js';
import { JOURNAL_FORMAT, type JournaledIntent, type JournalRecord } from './checkpoint-record.js';
import { cleanStaging, failuresOf } from './clean-staging.js';
import { type HostCheckpoint, stagingNameOf } from './host-checkpoint.js';
import { type JournalLog, type JournalPlace, journalLog } from './journal-log.js';

/**
 * The checkpoint of one plan as an append-only file. A record of intents is durable before any of its effects; the
 * record of the end is durable before anything that undoing would need is deleted.
 */
export const createHostJournal = (
  place: JournalPlace,
  intents: JournaledIntent[],
): HostCheckpoint & { readonly resume: () => Either<HostOperationError, void> } => {
  const { clock, logger, pid } = place;
  const log = journalLog(place);
  return {
    id: place.id,
    stagingName: stagingNameOf(place.id),
    create: ({ checksum, operations }, traceParent) =>
      TE.fromIOEither(() => {
        const opened = log.open();
        if (isLeft(opened)) return opened;
        const { bound } = opened.right;
        return log.append(
          {
            record: 'plan',
            format: JOURNAL_FORMAT,
            checksum,
            operations: operations.length,
            started_at: clock.nowMicros(),
            pid,
            trace_parent: traceParent,
            ...(bound === null ? {} : { bound }),
          },
          'relaxed',
        );
      }),
    resume: () => {
      const opened = log.open();
      if (isLeft(opened)) return opened;
      const separated = log.separate();
      if (isLeft(separated)) return separated;
      return log.append({ record: 'resumed', at: clock.nowMicros(), pid }, 'relaxed');
    },
    intend: (batch) =>
      TE.fromIOEither(() => {
        const operations = batch.map(({ operation: { id, kind }, undo: { steps } }) => ({ id, kind, steps }));
        const written = log.append({ record: 'intents', operations }, 'durable');
        if (!isLeft(written)) for (const intent of operations) if (isStaging(intent)) intents.push(intent);
        return written;
      }),
    noteMade: (path, identity) => {
      // Only makes undoing after a crash surer: without it a directory is known by its path.
      const noted = log.append({ record: 'made', path, ...identity }, 'relaxed');
      if (isLeft(noted)) logger.log('debug', 'directory_not_noted', { path });
    },
    undone: ({ id }) => log.append({ record: 'undone', operation: id }, 'relaxed'),
    settle: (end) => TE.fromIOEither(() => settle(place, log, intents, end)),
  };
};

/** Records the end of a plan, and removes what operations kept aside for the way back, which there is not from here on. */
const settle = (
  { worked, logger }: JournalPlace,
  log: JournalLog,
  intents: readonly JournaledIntent[],
  end: CheckpointEnd<HostOperationError>,
): Either<HostOperationError, Failures> => {
  const record = endRecord(end);
  const ended = log.append(record, 'durable');
  if (isLeft(ended)) return ended;
  const kept = new Set(end._tag === 'Incomplete' ? end.failures.map(({ operation }) => operation) : []);
  const leftOver = cleanStaging(
    worked,
    kept.size === 0 ? intents : intents.filter(({ id }) => !kept.has(id)),
  );
  // What is left over is said, and is nobody's but a user's who asks for it.
  const failures = kept.size === 0 ? failuresOf(leftOver) : [];
  for (const { left: path, error } of leftOver) {
    logger.log('warn', 'staging_not_removed', { path, code: error.code });
  }
  if (failures.length > 0 && record.record !== 'incomplete') {
    log.append({ ...record, failures: failures.map(inWords) }, 'durable');
  }
  log.close(failures.length > 0 ? 'incomplete' : record.record);
  return right(failures);
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
