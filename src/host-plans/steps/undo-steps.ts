import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Undone } from '../../executor/all-or-nothing/capabilities.js';
import type { EntryStat, FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import { callFailed, type HostOperationError } from './host-error.js';
import type { HostStep, HostStepOf } from './host-step.js';
import type { Touched } from './secure-directories.js';

/** Identity of an entry, whatever its name. */
export interface Identity {
  readonly device: string;
  readonly inode: string;
}

export interface UndoingSteps {
  readonly files: HostFileSystem;
  readonly madeAs: (path: string) => Identity | null;
  /** Takes what must be secured afterwards. */
  readonly touched: Pick<Touched, 'add'>;
}

/**
 * Undoes an operation's steps in reverse order. `done` is how many were done, the one after them having failed (or
 * not begun); null: unknown. Goes on past what cannot be undone and returns the first such error.
 */
export const undoSteps = (
  { files, madeAs, touched }: UndoingSteps,
  steps: readonly HostStep[],
  done: number | null,
): Either<HostOperationError, Undone> => {
  let firstError: HostOperationError | null = null;
  let undone: Undone = 'Nothing';
  const last = done === null ? steps.length - 1 : Math.min(done, steps.length - 1);
  for (let place = last; place >= 0; place -= 1) {
    const step = steps[place];
    if (step === undefined) continue;
    const known = done === null ? 'unknown' : place < done ? 'done' : 'failed';
    const result = undoStep({ files, known, madeAs }, step);
    touched.add(step);
    if (isLeft(result)) firstError ??= result.left;
    else if (result.right === 'Undone') undone = 'Undone';
  }
  return firstError === null ? right(undone) : left(firstError);
};

type Answer = Either<HostOperationError, Undone>;

const NOTHING: Answer = right('Nothing');
const UNDONE: Answer = right('Undone');

interface Undoing {
  readonly files: HostFileSystem;
  /** Tells whether the step was done: `unknown` after a crash. One that failed may be there in part. */
  readonly known: 'done' | 'failed' | 'unknown';
  /** Identity of a directory when the plan made it, if that is known. */
  readonly madeAs: (path: string) => Identity | null;
}

/**
 * Takes one step back, as far as it is there. What is there and is not the plan's stays: that is an error where it
 * keeps what was there before from coming back, or where the plan's own entry is known to have been there.
 */
const undoStep = (undoing: Undoing, step: HostStep): Answer => {
  switch (step.step) {
    case 'StageFile':
    case 'StageLink':
      // What is staged goes with its directory.
      return NOTHING;
    case 'MakeLink':
      return undoing.known === 'failed' ? NOTHING : unmakeLink(undoing, step);
    case 'MakeDirectory':
      return undoing.known === 'failed' ? NOTHING : unmakeDirectory(undoing, step);
    case 'Place':
      return undoing.known === 'failed' ? NOTHING : unplace(undoing, step);
    case 'Replace':
      return putBack(undoing, step);
    case 'TakeAway':
      return bringBack(undoing, step);
    case 'SetMode':
      return resetMode(undoing, step);
  }
};

const unmakeLink = (undoing: Undoing, { path, text }: HostStepOf<'MakeLink'>): Answer => {
  const { files } = undoing;
  const found = entryAt(files, path);
  if (isLeft(found)) return found;
  if (found.right === null) return NOTHING;
  const linked = found.right.kind === 'symlink' ? files.readLink(path)() : null;
  if (linked === null || isLeft(linked) || linked.right !== text) return notOurs(undoing, path);
  return answer(files.removeFile(path)());
};

const unmakeDirectory = (undoing: Undoing, { path }: HostStepOf<'MakeDirectory'>): Answer => {
  const { files } = undoing;
  const found = entryAt(files, path);
  if (isLeft(found)) return found;
  if (found.right === null) return NOTHING;
  const made = undoing.madeAs(path);
  if (found.right.kind !== 'directory' || (made !== null && !isSame(found.right, made))) {
    return notOurs(undoing, path);
  }
  const removed = files.removeDirectory(path)();
  if (isLeft(removed) && removed.left.code === 'ENOTEMPTY') return left({ _tag: 'DirectoryNotEmpty', path });
  return answer(removed);
};

const unplace = (undoing: Undoing, { path, staged }: HostStepOf<'Place'>): Answer => {
  const { files } = undoing;
  const found = entryAt(files, path);
  if (isLeft(found)) return found;
  if (found.right === null) return NOTHING;
  const ours = entryAt(files, staged);
  if (isLeft(ours)) return ours;
  if (ours.right === null || !isSameEntry(found.right, ours.right)) return notOurs(undoing, path);
  return answer(files.removeFile(path)());
};

/** Tells whether it has been put back: not while `preserved` is there. */
const putBack = ({ files }: Undoing, { path, staged, preserved }: HostStepOf<'Replace'>): Answer => {
  const kept = entryAt(files, preserved);
  if (isLeft(kept)) return kept;
  if (kept.right === null) return NOTHING;
  const found = entryAt(files, path);
  if (isLeft(found)) return found;
  const ours = entryAt(files, staged);
  if (isLeft(ours)) return ours;
  if (found.right !== null) {
    // Not replaced yet, or put back already.
    if (isSameEntry(found.right, kept.right)) return NOTHING;
    if (ours.right === null || !isSameEntry(found.right, ours.right)) {
      return left({ _tag: 'Intruded', path, preserved });
    }
  }
  return answer(files.rename(preserved, path)());
};

const bringBack = ({ files }: Undoing, { path, preserved }: HostStepOf<'TakeAway'>): Answer => {
  const kept = entryAt(files, preserved);
  if (isLeft(kept)) return kept;
  if (kept.right === null) return NOTHING;
  const found = entryAt(files, path);
  if (isLeft(found)) return found;
  if (found.right === null) return answer(files.rename(preserved, path)());
  // Put back already; only its second name has outlived a power loss.
  return isSameEntry(found.right, kept.right) ? NOTHING : left({ _tag: 'Intruded', path, preserved });
};

/** The directory itself goes next; only what is in it must become removable. */
const resetMode = ({ files }: Undoing, { path, before, after }: HostStepOf<'SetMode'>): Answer => {
  const found = entryAt(files, path);
  if (isLeft(found)) return found;
  if (found.right === null || found.right.kind !== 'directory' || found.right.mode !== after) return NOTHING;
  return answer(files.chmod(path, before)());
};

const notOurs = ({ known }: Undoing, path: string): Answer =>
  known === 'done' ? left({ _tag: 'Intruded', path, preserved: null }) : NOTHING;

/** Null where there is nothing, also because the way there is gone. */
const entryAt = (files: HostFileSystem, path: string): Either<HostOperationError, EntryStat | null> => {
  const stat = files.lstat(path)();
  if (!isLeft(stat)) return stat;
  const { code } = stat.left;
  return code === 'ENOENT' || code === 'ENOTDIR' ? right(null) : left(callFailed(stat.left));
};

const isSameEntry = (a: EntryStat, b: EntryStat): boolean => a.device === b.device && a.inode === b.inode;

const isSame = ({ device, inode }: EntryStat, made: Identity): boolean =>
  String(device) === made.device && String(inode) === made.inode;

const answer = (result: Either<FileSystemError, unknown>): Answer =>
  isLeft(result) ? left(callFailed(result.left)) : UNDONE;
