import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { AppendLogs } from '../ports/append-log.js';
import type { HostFileSystem } from '../ports/file-system.js';
import {
  decodeJournal,
  encodeRecord,
  JOURNAL_FORMAT,
  type JournalRecord,
} from './journal/checkpoint-record.js';
import { callFailed, type HostOperationError } from './steps/host-error.js';
import type { HostStep } from './steps/host-step.js';

/** There is no checkpoint of that id: nobody made one, or its plan has ended and it was deleted. */
export interface CheckpointNotFound {
  readonly _tag: 'CheckpointNotFound';
  readonly id: string;
}

/** An operation that may have had effects, and the steps in which: what undoing it needs. JSON. */
export interface CheckpointEntry {
  readonly id: string;
  readonly kind: string;
  readonly steps: readonly unknown[];
}

/** Facts that are known when a plan is going to be executed. */
export interface NewCheckpoint {
  readonly id: string;
  /** The plan's. */
  readonly checksum: string;
  /** Number of operations of the plan. */
  readonly operations: number;
  /** Microseconds since the epoch. */
  readonly startedAt: number;
}

/** A checkpoint as it is kept: every operation that may have had effects, in the order in which they began. */
export interface StoredCheckpoint extends NewCheckpoint {
  readonly entries: readonly CheckpointEntry[];
}

/**
 * Store in which the checkpoints of host plans are kept. What it is told is as durable as the store is when it returns. It does
 * not lock: one process at a time works with a checkpoint. `hostPlans` of `pond-steward` has checkpoints that several
 * processes find and recover.
 */
export interface CheckpointStore {
  /** A new checkpoint; an error where there is one of that id. */
  readonly create: (checkpoint: NewCheckpoint) => TE.TaskEither<HostOperationError, void>;
  /** Adds operations before they have effects. */
  readonly record: (
    id: string,
    entries: readonly CheckpointEntry[],
  ) => TE.TaskEither<HostOperationError | CheckpointNotFound, void>;
  /** Reads a checkpoint. */
  readonly restore: (id: string) => TE.TaskEither<HostOperationError | CheckpointNotFound, StoredCheckpoint>;
  /** Forgets a checkpoint; one that is not there is fine. */
  readonly delete: (id: string) => TE.TaskEither<HostOperationError, void>;
}

const notFound = (id: string): CheckpointNotFound => ({ _tag: 'CheckpointNotFound', id });

const unusable = (path: string, problem: string): HostOperationError => ({
  _tag: 'CheckpointFailed',
  path,
  problem,
});

/**
 * Checkpoints that last as long as the process.
 *
 * @example
 * const checkpoints = memoryCheckpointStore();
 * const none = await checkpoints.restore('unknown')();
 */
export const memoryCheckpointStore = (): CheckpointStore => {
  const stored = new Map<string, StoredCheckpoint>();
  return {
    create: (checkpoint) => {
      if (stored.has(checkpoint.id)) return TE.left(unusable(checkpoint.id, 'there is one of that id'));
      stored.set(checkpoint.id, { ...checkpoint, entries: [] });
      return TE.right(undefined);
    },
    record: (id, entries) => {
      const checkpoint = stored.get(id);
      if (checkpoint === undefined) return TE.left(notFound(id));
      stored.set(id, { ...checkpoint, entries: [...checkpoint.entries, ...entries] });
      return TE.right(undefined);
    },
    restore: (id) => TE.fromNullable<CheckpointNotFound>(notFound(id))(stored.get(id)),
    delete: (id) => {
      stored.delete(id);
      return TE.right(undefined);
    },
  };
};

/** Ports that checkpoints in files are made with. */
export interface CheckpointFiles {
  readonly files: HostFileSystem;
  readonly logs: AppendLogs;
}

/**
 * Checkpoints in the files of a directory, one for each, that survive the process and the power. The directory is made
 * where it is missing. `CheckpointFailed` for one that is damaged.
 *
 * @example
 * const { files, logs } = hostFileSystem;
 * const checkpoints = fileCheckpointStore({ files, logs }, '/var/lib/mine/checkpoints');
 */
export const fileCheckpointStore = ({ files, logs }: CheckpointFiles, directory: string): CheckpointStore => {
  const pathOf = (id: string) => `${directory}/${id}.journal`;
  const append = (
    path: string,
    open: AppendLogs['open'],
    record: JournalRecord,
  ): Either<HostOperationError, void> => {
    const log = open(path)();
    if (isLeft(log)) return left(callFailed(log.left));
    const appended = log.right.append(encodeRecord(record), 'durable')();
    log.right.close();
    return isLeft(appended) ? left(callFailed(appended.left)) : appended;
  };
  return {
    create: ({ id, checksum, operations, startedAt }) =>
      TE.fromIOEither(() => {
        const made = files.makeDirectories(directory)();
        if (isLeft(made)) return left(callFailed(made.left));
        const begun = append(pathOf(id), logs.create, {
          record: 'plan',
          format: JOURNAL_FORMAT,
          checksum,
          operations,
          started_at: startedAt,
          pid: 0,
        });
        if (isLeft(begun)) return begun;
        const synced = files.fsyncDirectory(directory)();
        return isLeft(synced) ? left(callFailed(synced.left)) : right(undefined);
      }),
    record: (id, entries) =>
      TE.fromIOEither(() => {
        const recorded = append(pathOf(id), logs.open, {
          record: 'intents',
          operations: entries.map((entry) => ({ ...entry, steps: entry.steps as readonly HostStep[] })),
        });
        if (!isLeft(recorded)) return recorded;
        return left<HostOperationError | CheckpointNotFound>(
          isMissing(recorded.left) ? notFound(id) : recorded.left,
        );
      }),
    restore: (id) =>
      TE.fromIOEither(() => {
        const bytes = files.readFile(pathOf(id))();
        if (isLeft(bytes)) return left(bytes.left.code === 'ENOENT' ? notFound(id) : callFailed(bytes.left));
        const records = decodeJournal(bytes.right);
        return isLeft(records)
          ? left(unusable(pathOf(id), `line ${records.left.line}: ${records.left.problem}`))
          : checkpointOf(id, pathOf(id), records.right);
      }),
    delete: (id) =>
      TE.fromIOEither(() => {
        const removed = files.remove(pathOf(id))();
        return isLeft(removed) ? left(callFailed(removed.left)) : right(undefined);
      }),
  };
};

const isMissing = (error: HostOperationError): boolean =>
  error._tag === 'HostCallFailed' && error.code === 'ENOENT';

const checkpointOf = (
  id: string,
  path: string,
  records: readonly JournalRecord[],
): Either<HostOperationError, StoredCheckpoint> => {
  const plan = records.find((record) => record.record === 'plan');
  if (plan === undefined) return left(unusable(path, 'it does not say of which plan it is'));
  const { checksum, operations, started_at: startedAt } = plan;
  const entries = records.flatMap((record) => (record.record === 'intents' ? record.operations : []));
  return right({ id, checksum, operations, startedAt, entries });
};
