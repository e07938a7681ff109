import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { EntryStat, FileSystemError, HostFileSystem } from '../../ports/file-system.js';
import type { Host } from '../../ports/host.js';
import { isWithin } from '../operations/host-path.js';
import { callFailed, cannotRemove, type HostEntryKind, type HostOperationError } from './host-error.js';
import { type HostStep, type HostStepOf, swapOf } from './host-step.js';
import { unremovableIn } from './removable-tree.js';

type Answer = Either<HostOperationError, void>;

const DONE: Answer = right(undefined);

/** Ports that a step needs besides itself. */
export interface Performing {
  readonly files: HostFileSystem;
  /** The user who removes what is taken away; null where files belong to nobody. */
  readonly user: Host['user'];
  /** Remembers who a directory is, once it is made. */
  readonly onMade: (path: string) => void;
}

/** Steps that take no time; see `HostStep`. */
export type QuickStep = Exclude<HostStep, { readonly step: 'StageFile' }>;

/** Does one step. Its staging directory must be there, with what the step needs in it, all of it durable. */
export const performStep = ({ files, user, onMade }: Performing, step: QuickStep): Answer => {
  switch (step.step) {
    case 'MakeLink':
      return newAt(step.path, files.symlink(step.text, step.path)());
    case 'MakeDirectory': {
      const made = newAt(step.path, files.makeDirectory(step.path, step.mode)());
      if (!isLeft(made)) onMade(step.path);
      return made;
    }
    case 'StageLink': {
      const made = answer(files.symlink(step.text, step.staged)());
      return isLeft(made) || step.owner === undefined
        ? made
        : answer(files.giveLink(step.staged, step.owner)());
    }
    case 'Place':
      return newAt(step.path, files.link(step.staged, step.path)());
    case 'Replace':
      return replace(files, step);
    case 'TakeAway':
      return takeAway(files, user, step);
    case 'SetMode':
      return answer(files.chmod(step.path, step.after)());
  }
};

/** Makes the staged file: complete, with its mode and time, and durable, before anybody sees it. */
export const stageFile =
  (
    files: HostFileSystem,
    step: HostStepOf<'StageFile'>,
    /** Content of a `FileWrite`. */
    content: () => Uint8Array,
  ): TaskEither<HostOperationError, void> =>
  async () => {
    const { staged, source, modifiedAt, mode, owner } = step;
    const as = owner === undefined ? { mode, fsync: true } : { mode, fsync: true, owner };
    if (source === null) return answer(files.createFile(staged, content(), as)());
    if (step.by === 'second-name') return answer(files.link(source, staged)());
    const before = files.lstat(source)();
    const copied = await files.copyFile(source, staged, as)();
    if (isLeft(copied)) return answer(copied);
    const after = files.lstat(source)();
    if (!isSameFile(before, after)) return left({ _tag: 'SourceChanged', path: source });
    if (modifiedAt === null) return DONE;
    return answer(files.setModifiedAt(staged, modifiedAt)());
  };

/** Tells whether a file is the same one, and was not written to, before and after it was copied. */
const isSameFile = (
  before: Either<FileSystemError, EntryStat>,
  after: Either<FileSystemError, EntryStat>,
): boolean =>
  !isLeft(before) &&
  !isLeft(after) &&
  (['device', 'inode', 'size', 'modifiedAt'] as const).every((key) => before.right[key] === after.right[key]);

/** Gives what will be replaced its second name, and the new entry the one that it leaves in the act. */
export const keepForReplacing = (
  files: HostFileSystem,
  { path, staged, preserved }: HostStepOf<'Replace'>,
): Answer => {
  const found = files.stat(path)();
  if (isLeft(found)) return answer(found);
  const { kind } = found.right;
  if (kind !== 'file' && kind !== 'symlink') return left({ _tag: 'TargetOccupied', path, found: kind });
  const kept = files.link(path, preserved)();
  if (isLeft(kept)) return answer(kept);
  return answer(files.link(staged, swapOf(staged))());
};

/** The path always leads to the old content or the new one. */
const replace = (files: HostFileSystem, { path, staged }: HostStepOf<'Replace'>): Answer =>
  answer(files.rename(swapOf(staged), path)());

const takeAway = (
  files: HostFileSystem,
  user: Host['user'],
  { path, preserved, expected }: HostStepOf<'TakeAway'>,
): Answer => {
  const before = checkKind(files, path, expected);
  if (isLeft(before)) return before;
  const renamed = files.rename(path, preserved)();
  if (isLeft(renamed)) return answer(renamed);
  // Nothing can come into it under its old name any more, so that this stays true.
  const after = checkKind(files, preserved, expected, path);
  if (isLeft(after) || (expected !== 'directory' && expected !== 'empty-directory')) return after;
  const unremovable = unremovableIn(files, user, preserved);
  if (unremovable === null) return after;
  // Where it was is what it is known by.
  const moved = isWithin(unremovable.path, preserved) ? unremovable.path.slice(preserved.length) : '';
  return left(cannotRemove({ ...unremovable, path: `${path}${moved}` }));
};

const checkKind = (
  files: HostFileSystem,
  at: string,
  expected: HostStepOf<'TakeAway'>['expected'],
  path = at,
): Answer => {
  const stat = files.stat(at)();
  if (isLeft(stat)) return answer(stat);
  const [wanted, ...others] = KINDS[expected];
  const { kind } = stat.right;
  if (kind !== wanted && !others.includes(kind)) {
    return left({ _tag: 'WrongKind', path, expected: wanted, found: kind });
  }
  if (expected !== 'empty-directory') return DONE;
  const names = files.readDirectory(at)();
  if (isLeft(names)) return answer(names);
  return names.right.length === 0 ? DONE : left({ _tag: 'DirectoryNotEmpty', path });
};

const KINDS: Readonly<
  Record<HostStepOf<'TakeAway'>['expected'], readonly [HostEntryKind, ...HostEntryKind[]]>
> = {
  file: ['file'],
  symlink: ['symlink'],
  'file-or-symlink': ['file', 'symlink'],
  directory: ['directory'],
  'empty-directory': ['directory'],
};

/** Somebody else was there first. */
const newAt = (path: string, made: Either<FileSystemError, void>): Answer => {
  if (!isLeft(made)) return DONE;
  return made.left.code === 'EEXIST' ? left({ _tag: 'TargetOccupied', path, found: 'other' }) : answer(made);
};

const answer = (result: Either<FileSystemError, unknown>): Answer =>
  isLeft(result) ? left(callFailed(result.left)) : DONE;
