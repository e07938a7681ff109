import { isLeft } from 'fp-ts/lib/Either.js';
import { shellWord } from '../../../domain/shell-word.js';
import type { PondError } from '../../errors.js';
import type { StewardPorts } from '../../steward-ports.js';
import { layout } from '../pond.js';

type Ports = Pick<StewardPorts, 'hostFiles'>;

/** Names that a filesystem of its own has. */
const OF_FILESYSTEMS = /^lost\+found$/;

const OF_CONTROL =
  /^(control\.db.*|writer\.(lock|queue|holder)|watch\.lock|(place|firings|replica)\.json.*|runners|host-plans|host-exports|queries|merged|derived|output|remotes)$/;

const OF_DATA = /^(_delta_log|_staging|_blobs|_history|part-.*)$/;

/**
 * Refuses to make a pond, or a control table, where `data` or `control` is a symlink to what holds something else: it may have come with
 * an archive, and whatever lies there would be closed to others, and filled.
 */
export const refuseStrangeLinks = ({ hostFiles }: Ports, directory: string): PondError | null => {
  const { data, control } = layout(directory);
  for (const [path, isOwn] of [
    [data, OF_DATA],
    [control, OF_CONTROL],
  ] as const) {
    const target = linkedTo({ hostFiles }, path);
    const names = target === null ? null : hostFiles.readDirectory(target)();
    if (names === null || isLeft(names)) continue;
    const strange = names.right.find((name) => !isOwn.test(name) && !OF_FILESYSTEMS.test(name));
    if (strange !== undefined)
      return {
        _tag: 'PondFileUnusable',
        path,
        problem: `it is a symlink to ${target}, where there is something else than a pond has (${strange}): remove it, or let it lead to an empty directory`,
      };
  }
  return null;
};

/** Refuses to put a database aside that is reached through a symlink: it may be another pond's. */
export const refuseThroughLink = ({ hostFiles }: Ports, controlDir: string): PondError | null => {
  const target = linkedTo({ hostFiles }, controlDir);
  return target === null
    ? null
    : {
        _tag: 'PondFileUnusable',
        path: controlDir,
        problem: `it is a symlink to ${target}, so that the control table there may be another pond's, and is not put aside: remove the symlink (rm ${shellWord(controlDir)}), or move control.db away yourself`,
      };
};

/** The directory that a symlink leads to; null where there is none. */
const linkedTo = ({ hostFiles }: Ports, path: string): string | null => {
  const stat = hostFiles.stat(path)();
  if (isLeft(stat) || stat.right.kind !== 'symlink') return null;
  const real = hostFiles.realPath(path)();
  return isLeft(real) ? null : real.right;
};
