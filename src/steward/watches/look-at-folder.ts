import { join } from 'node:path';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { type Glob, parseGlob } from '../../domain/paths/glob-pattern.js';
import { matchesGlob } from '../../domain/paths/matches-glob.js';
import { ROOT } from '../../domain/paths/pond-path.js';
import { compareUtf8 } from '../../domain/text/bytes-order.js';
import type { WatchWords } from '../../domain/watches/watch-words.js';
import { realDirectories } from '../../host-plans/steps/real-directories.js';
import {
  type Acceptance,
  describeSharedDirectory,
  type OwnersAbove,
  sharedDirectory,
  sharedInTree,
} from '../../host-plans/steps/shared-directory.js';
import type { SeenFile } from '../../planner/watches/settling.js';
import { isUnfinishedName } from '../../planner/watches/unfinished-name.js';
import type { EntryStat, FileSystemError, HostFileSystem } from '../../ports/file-system.js';

/** Contents of a watched folder at one look. */
export interface FolderLook {
  /** The folder without symlinks on the way. */
  readonly root: string;
  /** The directory that it is: another one may have taken its place since the last look. */
  readonly identity: string;
  /** Files that match the pattern, by name. */
  readonly files: readonly SeenFile[];
  /** Names that match and are not regular files, and directories that are not looked into, with the reason. */
  readonly passedOver: readonly { readonly name: string; readonly why: string }[];
}

/** Names in a folder that are looked at, at most: what is beyond them arrives when others have gone. */
const MOST_NAMES = 1_000_000;

/**
 * Looks at a folder and, as far as its pattern goes, at what is below. Symlinks are not followed, except on the way to the folder
 * where only root or this user could have made them; a directory in which another user could exchange what is there is refused.
 * `own`: the directories of the pond. Left: why nothing can be seen.
 */
export const lookAtFolder = (
  files: HostFileSystem,
  acceptance: Acceptance,
  words: WatchWords,
  own: readonly string[],
): Either<string, FolderLook> => {
  const { folder, pattern } = words;
  const real = realDirectories(files, { ...acceptance, changed: new Set() });
  const root = real(folder);
  for (const path of [folder, root]) {
    const shared = acceptance.allowShared
      ? null
      : sharedDirectory(files, acceptance.user, join(path, 'entry'));
    if (shared !== null) return left(describeSharedDirectory({ ...shared, path: folder }));
  }
  const stat = files.lstat(root)();
  if (isLeft(stat)) return left(unseen(folder, stat.left));
  if (stat.right.kind !== 'directory') return left(`${folder} is not a directory`);
  if (own.some((directory) => isInside(directory, root)))
    return left(`${folder} is in the pond's own directory`);
  const glob = parseGlob(pattern, ROOT);
  if (isLeft(glob)) return left(`${pattern} is not a pattern`);
  const elsewhere = [...own, placeOf(words), words.refused]
    .filter((path) => path !== null)
    .map((path) => real(path));
  return walk(files, acceptance, { root, words, glob: glob.right, elsewhere, top: stat.right });
};

interface Walking {
  readonly root: string;
  readonly words: WatchWords;
  readonly glob: Glob;
  /** Directories that are not looked into, wherever they are. */
  readonly elsewhere: readonly string[];
  readonly top: EntryStat;
}

const walk = (
  files: HostFileSystem,
  { user, allowShared }: Acceptance,
  { root, words: { folder, pattern }, glob, elsewhere, top }: Walking,
): Either<string, FolderLook> => {
  const found: SeenFile[] = [];
  const passedOver: { readonly name: string; readonly why: string }[] = [];
  const depth = pattern.includes('**') ? Number.POSITIVE_INFINITY : pattern.split('/').length;
  const waiting: {
    readonly names: readonly string[];
    readonly owners: OwnersAbove;
    readonly stat: EntryStat;
  }[] = [{ names: [], owners: null, stat: top }];
  let count = 0;
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { names, owners, stat: directory } = next;
    const { why, above } = sharedInTree(user, owners, directory);
    if (why !== null && !allowShared) {
      passedOver.push({ name: `${names.join('/')}/`, why });
      continue;
    }
    const listed = files.readDirectory(join(root, ...names))();
    if (isLeft(listed)) {
      if (names.length === 0) return left(unseen(folder, listed.left));
      passedOver.push({ name: `${names.join('/')}/`, why: listed.left.code });
      continue;
    }
    for (const name of [...listed.right].sort(compareUtf8)) {
      count += 1;
      if (count > MOST_NAMES) break;
      const below = [...names, name];
      const isWanted = matchesGlob(glob, below) && !isUnfinishedName(below, pattern);
      const mayLead = below.length < depth && !isUnfinishedName([...below, 'x'], pattern);
      if (!isWanted && !mayLead) continue;
      const stat = files.lstat(join(root, ...below))();
      // What has gone since it was listed is not there.
      if (isLeft(stat)) continue;
      const { kind, size, modifiedAt, device, inode } = stat.right;
      if (kind === 'directory') {
        if (mayLead && !elsewhere.includes(join(root, ...below)))
          waiting.push({ names: below, owners: above, stat: stat.right });
      } else if (isWanted && kind === 'file')
        found.push({ name: below.join('/'), size, modifiedAt, identity: `${device}:${inode}` });
      else if (isWanted)
        passedOver.push({
          name: below.join('/'),
          why: kind === 'symlink' ? 'a symlink' : 'a pipe, socket or device',
        });
    }
  }
  const identity = `${top.device}:${top.inode}`;
  return right({ root, identity, files: found.sort((a, b) => compareUtf8(a.name, b.name)), passedOver });
};

const placeOf = ({ after }: WatchWords): string | null => (after._tag === 'Move' ? after.directory : null);

const isInside = (directory: string, path: string): boolean =>
  path === directory || path.startsWith(`${directory}/`);

const unseen = (folder: string, { code, call }: FileSystemError): string =>
  code === 'ENOENT' ? `${folder} is not there` : `${folder} cannot be read: ${code} (${call})`;
