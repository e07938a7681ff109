import { isLeft } from 'fp-ts/lib/Either.js';
import { shellWord } from '../../domain/shell-word.js';
import type { FileSystemError } from '../../ports/file-system.js';
import type { StewardPorts } from '../steward-ports.js';

const OF_OTHERS = 0o077;
/** The bits of a directory that its owner shares with a group: what is made in it is the group's, who may write it. */
const SHARED = 0o2020;
const FOR_OWNER = { directory: 0o700, file: 0o600 } as const;

/**
 * Takes the control table and all beside it from everybody else, where the directory is this user's and is not shared
 * with a group. The directory goes first: from then on nobody else reaches or exchanges what is in it. Nothing is
 * opened, since that could cost this process its locks. What cannot be changed is told, and the write goes on.
 */
export const makeControlPrivate = (
  { hostFiles, host, logger }: Pick<StewardPorts, 'hostFiles' | 'host' | 'logger'>,
  controlDir: string,
): void => {
  // Every write asks, and nearly always it is a private directory: where it is a link, what that leads to is looked at.
  const there = hostFiles.stat(controlDir)();
  if (!isLeft(there) && there.right.kind === 'directory' && (there.right.mode & OF_OTHERS) === 0) return;
  const real = hostFiles.realPath(controlDir)();
  const stat = isLeft(real) ? real : hostFiles.lstat(real.right)();
  if (isLeft(real) || isLeft(stat) || host.user === null) return;
  const { mode, owner } = stat.right;
  if (owner !== host.user.id || (mode & OF_OTHERS) === 0 || (mode & SHARED) === SHARED) return;
  const tell = ({ path, code }: FileSystemError) =>
    logger.log('warn', 'control_not_private', {
      path,
      error: code,
      remedy: `chmod -R go= ${shellWord(controlDir)}`,
    });
  const visit = (path: string): void => {
    const found = hostFiles.lstat(path)();
    if (isLeft(found)) return;
    const { kind } = found.right;
    if ((kind !== 'file' && kind !== 'directory') || found.right.owner !== owner) return;
    const changed = hostFiles.chmodUnopened(path, FOR_OWNER[kind])();
    if (isLeft(changed)) {
      // What a process has removed meanwhile needs nothing any more.
      if (changed.left.code !== 'ENOENT') tell(changed.left);
      return;
    }
    if (kind === 'file') return;
    const names = hostFiles.readDirectory(path)();
    if (isLeft(names)) tell(names.left);
    else for (const name of names.right) visit(`${path}/${name}`);
  };
  visit(real.right);
};
