import { dirname, join } from 'node:path';
import { type Either, isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import { printable } from '../../domain/text/printable.js';
import {
  type Acceptance,
  describeSharedDirectory,
  sharedDirectory,
} from '../../host-plans/steps/shared-directory.js';
import type { FileSystemError, HostFileSystem } from '../../ports/file-system.js';

/** A file that is to be moved out of a watched folder. */
export interface Leaving {
  /** Path of the file, without symlinks on the way. */
  readonly from: string;
  /** Directory that it is moved to. */
  readonly directory: string;
  /** Name below it. */
  readonly name: string;
  readonly size: number;
  readonly modifiedAt: number;
  /** Text that is put beside it; null: none. */
  readonly reason: string | null;
  /** A name for what is on its way, where it has to be copied. */
  readonly temporaryName: string;
}

/** Names that are tried before it is given up. */
const MOST_TRIES = 10_000;
/** Bytes of the longest name. */
const NAME_MAX = 255;

/**
 * Moves a file to a directory, and returns where it is then. Nothing that is there is replaced: a name that is taken is followed by `~2`,
 * `~3` ... The reason is there before the file is. Done again after a crash it comes to the same: a file that is linked to
 * its place already, or was copied there, is only taken out of the folder. Left: why it stays where it is.
 */
export const putAside = async (
  files: HostFileSystem,
  acceptance: Acceptance,
  leaving: Leaving,
): Promise<Either<string, string>> => {
  const place = dirname(join(leaving.directory, leaving.name));
  const shared = acceptance.allowShared
    ? null
    : sharedDirectory(files, acceptance.user, join(place, 'entry'));
  if (shared !== null) return left(describeSharedDirectory({ ...shared, path: place }));
  const made = files.makeDirectories(place)();
  if (isLeft(made)) return left(failed(leaving, made.left));
  for (let number = 1; number <= MOST_TRIES; number += 1) {
    const to = join(leaving.directory, numbered(leaving.name, number));
    const moved = await moveTo(files, leaving, to);
    if (isLeft(moved)) return left(failed(leaving, moved.left));
    if (moved.right === 'moved') return right(to);
  }
  return left(`${printable(leaving.from)} cannot be moved: too many files of that name are in ${place}`);
};

const moveTo = async (
  files: HostFileSystem,
  leaving: Leaving,
  to: string,
): Promise<Either<FileSystemError, 'moved' | 'taken'>> => {
  const there = files.lstat(to)();
  if (isRight(there)) {
    if (!isTheSame(files, leaving, to)) return right('taken');
  } else {
    if (there.left.code !== 'ENOENT') return there;
    const said = sayReason(files, leaving, to);
    if (isLeft(said)) return said;
    if (said.right === 'taken') return right('taken');
    const linked = await linkOrCopy(files, leaving, to);
    if (isLeft(linked)) return linked.left.code === 'EEXIST' ? right('taken') : linked;
  }
  for (const step of [
    files.fsyncDirectory(dirname(to)),
    files.removeFile(leaving.from),
    files.fsyncDirectory(dirname(leaving.from)),
  ]) {
    const done = step();
    // Somebody else was as fast.
    if (isLeft(done) && done.left.code !== 'ENOENT') return done;
  }
  return right('moved');
};

/** Tells whether what is at a place is the file already: linked there, or copied by somebody who died before it was removed here. */
const isTheSame = (files: HostFileSystem, { from, size, modifiedAt }: Leaving, to: string): boolean => {
  const [a, b] = [files.lstat(from)(), files.lstat(to)()];
  if (isLeft(a) || isLeft(b) || b.right.kind !== 'file') return false;
  if (a.right.device === b.right.device) return a.right.inode === b.right.inode;
  return b.right.size === size && b.right.modifiedAt === modifiedAt;
};

const sayReason = (
  files: HostFileSystem,
  { reason }: Leaving,
  to: string,
): Either<FileSystemError, 'said' | 'taken'> => {
  if (reason === null) return right('said');
  const path = join(dirname(to), reasonName(to.slice(to.lastIndexOf('/') + 1)));
  const content = Buffer.from(`${reason}\n`);
  const made = files.createFile(path, content, { mode: 0o644, fsync: true })();
  if (isRight(made)) return right('said');
  if (made.left.code !== 'EEXIST') return made;
  const there = files.readFile(path)();
  if (isLeft(there)) return right('taken');
  if (content.equals(there.right)) return right('said');
  // The beginning of it is what somebody left who died while writing it.
  if (!content.subarray(0, there.right.length).equals(there.right)) return right('taken');
  const removed = files.removeFile(path)();
  if (isLeft(removed)) return removed;
  const again = files.createFile(path, content, { mode: 0o644, fsync: true })();
  return isLeft(again) ? again : right('said');
};

/** `name.reason.txt`, shortened where that would be too long a name. */
const reasonName = (name: string): string => {
  const ending = '.reason.txt';
  let short = name;
  while (Buffer.byteLength(short) > NAME_MAX - ending.length) short = short.slice(0, -1);
  return short + ending;
};

const linkOrCopy = async (
  files: HostFileSystem,
  { from, modifiedAt, temporaryName }: Leaving,
  to: string,
): Promise<Either<FileSystemError, void>> => {
  const linked = files.link(from, to)();
  if (isRight(linked) || !NOT_LINKED.has(linked.left.code)) return linked;
  // Another disk, or one that has no links.
  const stat = files.lstat(from)();
  if (isLeft(stat)) return stat;
  const temporary = join(dirname(to), temporaryName);
  const copied = await files.copyFile(from, temporary, { mode: stat.right.mode, fsync: true })();
  if (isLeft(copied)) return copied;
  const dated = files.setModifiedAt(temporary, modifiedAt)();
  const placed = isLeft(dated) ? dated : giveName(files, temporary, to);
  if (isLeft(placed)) files.remove(temporary)();
  return placed;
};

/** Gives a file its name over nothing that is there; where there are no links, over what comes there at this very moment. */
const giveName = (files: HostFileSystem, from: string, to: string): Either<FileSystemError, void> => {
  const linked = files.link(from, to)();
  if (isRight(linked)) return files.remove(from)();
  return NOT_LINKED.has(linked.left.code) ? files.rename(from, to)() : linked;
};

const NOT_LINKED: ReadonlySet<string> = new Set([
  'EXDEV',
  'EPERM',
  'ENOTSUP',
  'ENOSYS',
  'EMLINK',
  'EOPNOTSUPP',
]);

const numbered = (name: string, number: number): string => {
  if (number === 1) return name;
  const ending = `~${number}`;
  let short = name;
  while (Buffer.byteLength(short.slice(short.lastIndexOf('/') + 1)) > NAME_MAX - ending.length)
    short = short.slice(0, -1);
  return short + ending;
};

const failed = ({ from, directory }: Leaving, { code, call }: FileSystemError): string =>
  `${printable(from)} cannot be moved to ${directory}: ${code} (${call})`;
