import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { HostOperationError } from '../steps/host-error.js';
import type { FoundCheckpoint } from './checkpoint-place.js';
import type { JournalRecord } from './checkpoint-record.js';
import type { FileCheckpoints } from './file-checkpoints.js';
import { type JournalEffect, journalEffects } from './journal-effects.js';
import { isGone, type ReadCheckpoint } from './read-checkpoint.js';

/** A checkpoint for people to look at. */
export interface CheckpointSummary {
  readonly id: string;
  /** Its file on the host. */
  readonly path: string;
  /** `running`: a live process is at it. `abandoned`: a crash left it. `made_elsewhere`: recovery leaves it alone. */
  readonly state: 'running' | 'abandoned' | 'rolled_back' | 'incomplete' | 'unreadable' | 'made_elsewhere';
  /** Microseconds since the epoch; null where it cannot be read. */
  readonly startedAt: number | null;
  /** Number of the plan's operations; null where it cannot be read. */
  readonly operations: number | null;
  /** Descriptions of what could not be undone. */
  readonly failures: readonly { readonly operation: string; readonly message: string }[];
  /** Effects that recovery might have, path by path; empty where it has nothing to do, or cannot be read. */
  readonly effects: readonly JournalEffect[];
  /** The number of the user to whom its file belongs; null where it cannot be read. */
  readonly owner: number | null;
  /** The SHA-256 of what stands in it; null where it cannot be read. */
  readonly digest: string | null;
}

/** Those of a directory's checkpoints that are wanted, as people look at them. */
export const checkpointSummaries = (
  checkpoints: FileCheckpoints,
  isWanted: (found: FoundCheckpoint) => boolean,
): Either<HostOperationError, readonly CheckpointSummary[]> => {
  const found = checkpoints.find();
  if (isLeft(found)) return found;
  const summaries: CheckpointSummary[] = [];
  for (const checkpoint of found.right.filter(isWanted)) {
    const summary = summaryOf(checkpoints, checkpoint);
    if (isLeft(summary)) return summary;
    if (summary.right !== null) summaries.push(summary.right);
  }
  return right(summaries);
};

/** Null where it has gone since it was found. */
const summaryOf = (
  checkpoints: FileCheckpoints,
  found: FoundCheckpoint,
): Either<HostOperationError, CheckpointSummary | null> => {
  const live = found.state === 'open' ? checkpoints.isLive(found) : right(false);
  if (isLeft(live)) return live;
  const read = checkpoints.read(found);
  if (isLeft(read) && isGone(read.left)) return right(null);
  const { id, path } = found;
  if (isLeft(read)) return right({ ...UNREADABLE, id, path });
  const { records, owner, digest } = read.right;
  return right({
    id,
    path,
    owner,
    digest,
    effects: found.state === 'rolled_back' ? [] : journalEffects(records),
    state: live.right ? 'running' : stateOf(found, read.right),
    ...summaryOfRecords(records),
  });
};

/** State of a checkpoint that nobody is at. */
const stateOf = ({ state }: FoundCheckpoint, { provenance }: ReadCheckpoint): CheckpointSummary['state'] => {
  if (state === 'rolled_back') return 'rolled_back';
  if (provenance._tag !== 'Here') return 'made_elsewhere';
  return state === 'open' ? 'abandoned' : 'incomplete';
};

const UNREADABLE = {
  state: 'unreadable',
  startedAt: null,
  operations: null,
  failures: [],
  effects: [],
  owner: null,
  digest: null,
} as const;

const summaryOfRecords = (
  records: readonly JournalRecord[],
): Pick<CheckpointSummary, 'startedAt' | 'operations' | 'failures'> => {
  const plan = records.find((record) => record.record === 'plan');
  const end = records.findLast(
    (record) =>
      record.record === 'incomplete' || record.record === 'executed' || record.record === 'rolled_back',
  );
  return {
    startedAt: plan?.started_at ?? null,
    operations: plan?.operations ?? null,
    failures: end?.failures ?? [],
  };
};
