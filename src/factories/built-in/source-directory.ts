import type { Entry } from '../../tinyfs/tinyfs.js';

/** Words for a source that is a directory, of which nothing would be exported, and everything withdrawn that was; null: it is none. */
export const directoryAsSource = (source: string, matches: readonly Entry[]): string | null => {
  const [entry] = matches;
  if (entry === undefined || matches.length > 1 || !entry.entryType.startsWith('directory')) return null;
  const path = source.replace(/\/+$/, '');
  return entry.path === path ? `config.source: ${path} is a directory: its files are ${path}/**` : null;
};
