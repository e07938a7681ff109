import { corrupt, run } from '../tlogfs/failure.js';
import { hasEntry, packsOf } from '../tlogfs/log/entry-text.js';
import { versionOf } from '../tlogfs/table-layout.js';
import type { LocalLog } from './local-log.js';

/** More than any table has: a name in the log's folder may say any number. */
const MOST_MISSING = 5_000_000;

/** Versions up to the newest whose entries are not there: a pull was killed, or lost its power, while it published them. */
export const missingEntries = ({ files, layout, state }: LocalLog): readonly number[] => {
  const there = new Set(run(files.readDirectory(layout.logDir)).map((name) => versionOf(name, '.json')));
  const packs = packsOf(files, layout);
  const missing: number[] = [];
  for (let version = 0; version <= state.version; version += 1) {
    if (there.has(version)) continue;
    if (packs.some(({ first, last }) => first <= version && version <= last)) continue;
    missing.push(version);
    if (missing.length > MOST_MISSING) {
      throw corrupt(
        layout.logDir,
        `of ${state.version} versions more than ${MOST_MISSING} entries are missing`,
      );
    }
  }
  return missing;
};

/** The newest version up to one whose entry is here; -1: there is none, only a checkpoint whose entries are still to come. */
export const newestEntryHere = (local: LocalLog, highest: number): number => {
  if (highest < 0 || hasEntry(local.files, local.layout, highest, [])) return highest;
  const missing = new Set(missingEntries(local));
  for (let version = highest; version >= 0; version -= 1) if (!missing.has(version)) return version;
  return -1;
};
