import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import {
  CONFIGURATION_DIRECTORY,
  SETTINGS_PATH,
  SYSTEM_DIRECTORIES,
} from '../../domain/paths/configuration-paths.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { ROOT_ID } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import type { PondConfiguration } from '../../trust/configuration.js';
import { type ClosedReader, closedReader } from '../discovery/closed-reader.js';
import { readListed } from '../discovery/discover.js';
import { readSettings } from '../settings/read-settings.js';
import { readSettingsFile } from '../settings/settings.js';

/** A configuration, and where in the pond it comes from. */
export interface ReadConfiguration extends PondConfiguration {
  /**
   * The ids of the directories whose entries make it, besides `/etc` in the root. Null: a symlink is on the way, and it may
   * come from anywhere.
   */
  readonly places: ReadonlySet<string> | null;
}

/** Reads all that can make one state of a pond run something, without loading anything. */
export const readConfiguration = (view: PersistenceView): TaskEither<TinyFsError, ReadConfiguration> =>
  steps(async (s) => {
    const fs = closedReader(view);
    const nothing = { entries: [], settings: null, modules: [], remotes: [] };
    const top = await placeOf(fs, CONFIGURATION_DIRECTORY)();
    if (!(await s.run(fs.exists(CONFIGURATION_DIRECTORY))))
      return { ...nothing, places: top === 'missing' ? new Set() : null };
    const entries: DiscoveredEntry[] = [];
    const places = [top];
    for (const directory of SYSTEM_DIRECTORIES) {
      const place = await placeOf(fs, directory)();
      // Below a link there may be something where nothing seems to be.
      if (place === 'missing') continue;
      places.push(place);
      const read = await entriesIn(fs, directory)();
      if (!read.isPlain) places.push(null);
      entries.push(...read.entries);
    }
    if ((await placeOf(fs, SETTINGS_PATH)()) === null) places.push(null);
    const settings = await s.run(readSettingsFile(fs));
    const read = settings === null ? null : await readSettings(fs)();
    // Unreadable settings name no modules: nothing is loaded because of them.
    const modules = read === null || isLeft(read) ? [] : read.right.factoryModules;
    const remotes =
      read === null || isLeft(read) ? [] : Object.values(read.right.remotes).map(({ url }) => url);
    const known = places.filter((place) => place !== null);
    return {
      entries,
      settings,
      modules,
      remotes,
      places: known.length < places.length ? null : new Set(known),
    };
  });

/** Tells whether a row may be one of those that a configuration is read from, which comes from `places`. */
export const isOfConfiguration = (
  { partId, name }: Pick<NodeRow, 'partId' | 'name'>,
  places: ReadonlySet<string>,
): boolean => places.has(partId) || (partId === ROOT_ID && name === 'etc');

type Looking = Pick<
  ClosedReader,
  'lstat' | 'list' | 'stat' | 'exists' | 'readBytes' | 'getDynamicNodeConfig' | 'contentsIn'
>;

/** The id of what stands at a path itself; null for a symlink, and where it cannot be told. */
const placeOf =
  (fs: Looking, path: string): (() => Promise<string | 'missing' | null>) =>
  async () => {
    const found = await fs.lstat(path)();
    if (isLeft(found)) return found.left._tag === 'PathNotFound' ? 'missing' : null;
    return found.right.entryType === 'symlink' ? null : found.right.nodeId;
  };

/**
 * A directory that cannot be listed has no entries here, as it has none for discovery, which rejects it as a whole.
 * `isPlain`: its entries are those that there are, and none is a link.
 */
const entriesIn =
  (
    fs: Looking,
    directory: PondPath,
  ): (() => Promise<{ readonly entries: readonly DiscoveredEntry[]; readonly isPlain: boolean }>) =>
  async () => {
    const listed = await fs.list(directory)();
    if (isLeft(listed)) return { entries: [], isPlain: false };
    const entries = await readListed(fs, directory, listed.right);
    return { entries, isPlain: !listed.right.some(({ entryType }) => entryType === 'symlink') };
  };
