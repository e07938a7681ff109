import { lstatSync, readlinkSync, type Stats, statSync } from 'node:fs';
import type { Host } from '../../ports/host.js';

/** Returns what keeps the user's state directory from being used, in words that end a sentence. */
export class Unusable extends Error {}

/** A directory as far as it is there, without links in its path, and the names below it that are missing. */
export interface SurveyedDirectory {
  readonly path: string;
  readonly missing: readonly string[];
}

const MOST_LINKS = 40;
const STICKY = 0o1000;
const BY_GROUP = 0o020;
const BY_OTHERS = 0o002;
const SUPERUSER = 0;

/**
 * Follows a path from the root and refuses one that another user could lead elsewhere: through a link or a directory
 * that is neither root's nor this user's, or a directory in which others can exchange what is this user's. Refuses
 * what lies in a pond, too: whoever sends a pond must not send what this user has approved.
 */
export const surveyDirectory = (named: string, user: Host['user']): SurveyedDirectory => {
  let path = '';
  let rest = partsOf(named);
  if (rest.length === 0) throw new Unusable('it is the root of the file system');
  for (let links = 0; rest.length > 0; ) {
    const [name = '', ...after] = rest;
    const next = `${path}/${name}`;
    const stats = lstatSync(next, { throwIfNoEntry: false });
    if (stats === undefined) {
      if (rest.includes('..')) throw new Unusable(`${next} is not there, and .. follows`);
      return { path: path === '' ? '/' : path, missing: rest };
    }
    if (user !== null && stats.uid !== user.id && stats.uid !== SUPERUSER) {
      throw new Unusable(`${next} belongs to another user`);
    }
    if (stats.isSymbolicLink()) {
      links += 1;
      if (links > MOST_LINKS) throw new Unusable(`${next} leads in a circle`);
      const target = readlinkSync(next);
      if (target.startsWith('/')) path = '';
      rest = [...partsOf(target), ...after];
      continue;
    }
    if (name === '..') {
      path = path.slice(0, Math.max(0, path.lastIndexOf('/')));
      rest = after;
      continue;
    }
    if (!stats.isDirectory()) throw new Unusable(`${next} is not a directory`);
    if (isExchangeable(stats, user)) throw new Unusable(`others can exchange what is in ${next}`);
    if (isPond(next)) throw new Unusable(`it lies in the pond ${next}`);
    path = next;
    rest = after;
  }
  return { path, missing: [] };
};

const partsOf = (path: string): readonly string[] =>
  path.split('/').filter((part) => part !== '' && part !== '.');

const isExchangeable = ({ mode, uid, gid }: Stats, user: Host['user']): boolean => {
  if ((mode & STICKY) !== 0) return false;
  if ((mode & BY_OTHERS) !== 0) return true;
  if ((mode & BY_GROUP) === 0 || user === null) return false;
  return gid !== user.group && !(uid === SUPERUSER && gid === SUPERUSER);
};

const isPond = (path: string): boolean =>
  statSync(`${path}/data/_delta_log`, { throwIfNoEntry: false }) !== undefined;
