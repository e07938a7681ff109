import { isLeft } from 'fp-ts/lib/Either.js';
import { shellWord } from '../../../domain/shell-word.js';
import { couldBeExchanged, isOfNobodyElse } from '../../../host-plans/steps/shared-directory.js';
import type { FileSystemError, HostFileSystem } from '../../../ports/file-system.js';
import type { StewardPorts } from '../../steward-ports.js';

type Ports = Pick<StewardPorts, 'hostFiles' | 'hold' | 'host' | 'logger'>;

const OF_OTHERS = 0o077;
/** The bits of a directory that its owner shares with a group: what is made in it is the group's, who may write it. */
const SHARED = 0o2020;
const FOR_OWNER = { directory: 0o700, file: 0o600 } as const;

/**
 * Takes the control table and all beside it from everybody else, where the directory is this user's and is not shared
 * with a group. The directory goes first: from then on nobody else reaches or exchanges what is in it. Nothing is
 * opened, since that could cost this process its locks. What cannot be changed, or has another name, is told, and the write goes on.
 */
export const makeControlPrivate = (ports: Ports, controlDir: string): void => {
  const { hostFiles, hold } = ports;
  // Every write asks, and nearly always it is a private directory: where it is a link, what that leads to is looked at.
  const there = hostFiles.stat(controlDir)();
  if (!isLeft(there) && there.right.kind === 'directory' && (there.right.mode & OF_OTHERS) === 0) return;
  const place = placeOf(ports, controlDir);
  if (place === null) return;
  const { files, release } = hold();
  try {
    makePrivate(ports, files, place, controlDir);
  } finally {
    release();
  }
};

/** The directory without symlinks in its path; null where another user could have put it there, and so have had something else changed. */
const placeOf = ({ hostFiles, host }: Ports, controlDir: string): string | null => {
  const pond = controlDir.slice(0, controlDir.lastIndexOf('/'));
  const [real, parent] = [hostFiles.realPath(controlDir)(), hostFiles.realPath(pond)()];
  if (isLeft(real) || isLeft(parent)) return null;
  if (!couldBeExchanged(hostFiles, host.user, controlDir)) return real.right;
  // In a directory of this user's that others may write, what stands there itself is looked at, and no link is followed.
  const isLink = real.right !== `${parent.right}${controlDir.slice(pond.length)}`;
  return isLink || !isOfNobodyElse(hostFiles, host.user, pond) ? null : real.right;
};

const makePrivate = (
  { host, logger }: Ports,
  files: HostFileSystem,
  place: string,
  controlDir: string,
): void => {
  const stat = files.lstat(place)();
  if (isLeft(stat) || host.user === null) return;
  const { mode, owner } = stat.right;
  if (owner !== host.user.id || (mode & OF_OTHERS) === 0 || (mode & SHARED) === SHARED) return;
  const tell = ({ path, code }: FileSystemError) =>
    logger.log('warn', 'control_not_private', {
      path,
      error: code,
      remedy: `chmod -R go= ${shellWord(controlDir)}`,
    });
  const visit = (path: string): void => {
    const found = files.lstat(path)();
    if (isLeft(found)) return;
    const { kind, links } = found.right;
    if ((kind !== 'file' && kind !== 'directory') || found.right.owner !== owner) return;
    // One with another name may be a file of somewhere else, which somebody has linked there while it could be reached; or a snapshot
    // of the pond has it too, by which others still read it.
    if (kind === 'file' && links > 1) {
      if ((found.right.mode & OF_OTHERS) !== 0)
        logger.log('warn', 'control_not_private', {
          path,
          links,
          remedy: `find its other names (find DIR -samefile ${shellWord(path)}); if they are copies of this pond: chmod go= ${shellWord(path)}`,
        });
      return;
    }
    const changed = files.chmodUnopened(path, FOR_OWNER[kind])();
    if (isLeft(changed)) {
      // What a process has removed meanwhile needs nothing any more.
      if (changed.left.code !== 'ENOENT') tell(changed.left);
      return;
    }
    if (kind === 'file') return;
    const names = files.readDirectory(path)();
    if (isLeft(names)) tell(names.left);
    else for (const name of names.right) visit(`${path}/${name}`);
  };
  visit(place);
};
