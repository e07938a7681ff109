import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import type { PondConfiguration } from '../../trust/configuration.js';
import { SYSTEM_DIRECTORIES } from '../../trust/system-directories.js';
import { closedReader } from '../discovery/closed-reader.js';
import { type DiscoverableFs, readDiscovered } from '../discovery/discover.js';
import { readSettings } from '../settings/read-settings.js';
import { readSettingsFile } from '../settings/settings.js';

/** Reads all that can make one state of a pond run something, without loading anything. */
export const readConfiguration = (view: PersistenceView): TaskEither<TinyFsError, PondConfiguration> =>
  steps(async (s) => {
    const fs = closedReader(view);
    if (!(await s.run(fs.exists('/etc')))) return { entries: [], settings: null, modules: [] };
    const entries: DiscoveredEntry[] = [];
    for (const directory of SYSTEM_DIRECTORIES) entries.push(...(await entriesIn(fs, directory)()));
    const settings = await s.run(readSettingsFile(fs));
    const read = settings === null ? null : await readSettings(fs)();
    // Unreadable settings name no modules: nothing is loaded because of them.
    const modules = read === null || isLeft(read) ? [] : read.right.factoryModules;
    return { entries, settings, modules };
  });

/** A directory that cannot be listed has no entries here, as it has none for discovery, which rejects it as a whole. */
const entriesIn =
  (fs: DiscoverableFs, directory: string): (() => Promise<readonly DiscoveredEntry[]>) =>
  async () => {
    const listed = await fs.list(directory)();
    if (isLeft(listed)) return [];
    const entries: DiscoveredEntry[] = [];
    for (const { path } of listed.right) entries.push(await readDiscovered(fs, path)());
    return entries;
  };
