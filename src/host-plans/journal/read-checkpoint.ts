import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { sha256 } from '../../domain/documents/sha256.js';
import { callFailed, type HostOperationError } from '../steps/host-error.js';
import type { CheckpointPlace, FoundCheckpoint } from './checkpoint-place.js';
import { type JournalRecord, readJournal, type UnreadableJournal } from './checkpoint-record.js';
import { strayPath } from './journal-effects.js';
import { type Provenance, provenanceOf } from './journal-seal.js';

/** Content of a checkpoint. */
export interface ReadCheckpoint {
  readonly records: readonly JournalRecord[];
  readonly provenance: Provenance;
  /** The number of the user to whom its file belongs. */
  readonly owner: number;
  /** The SHA-256 of all of it. */
  readonly digest: string;
}

/** Reads a checkpoint, and tells who made it. */
export const readCheckpoint = (
  { ports: { files }, author }: CheckpointPlace,
  { id, path }: FoundCheckpoint,
): Either<HostOperationError | UnreadableJournal, ReadCheckpoint> => {
  const stat = files.lstat(path)();
  if (isLeft(stat)) return left(callFailed(stat.left));
  if (stat.right.kind !== 'file') return unreadable('not a regular file');
  const bytes = files.readFile(path)();
  if (isLeft(bytes)) return left(callFailed(bytes.left));
  const lines = readJournal(bytes.right);
  if (isLeft(lines)) return lines;
  const records = lines.right.map(({ record }) => record);
  const stray = strayPath(records, id);
  if (stray !== null) return unreadable(`no plan makes ${JSON.stringify(stray)}`);
  const provenance = provenanceOf(lines.right, id, author);
  return right({ records, provenance, owner: stat.right.owner, digest: sha256(bytes.right) });
};

/** Tells whether a checkpoint could not be read because it is not there any more: its plan has ended. */
export const isGone = (error: HostOperationError | UnreadableJournal): boolean =>
  error._tag === 'HostCallFailed' && error.code === 'ENOENT';

const unreadable = (problem: string): Either<UnreadableJournal, never> =>
  left({ _tag: 'UnreadableJournal', line: 1, problem });
