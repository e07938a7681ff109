import type { FileStat, FileSystem, FoundInstead } from '../../ports/file-system.js';
import type { TableLayout } from '../table-layout.js';
import type { TableFinding } from './table-finding.js';
import type { TableSource } from './table-source.js';

/**
 * Finds what is neither a regular file nor a directory in a table's directories, or is one where the other belongs.
 * Whoever needs it is refused by name; here all of them are told at once. Nothing is opened.
 */
export const checkKinds = ({ files, layout, named }: TableSource): readonly TableFinding[] =>
  unsafeEntries(files, directoriesOf(files, layout)).map(({ path, found }) => ({
    _tag: 'UnsafeFile',
    file: named(path),
    found,
  }));

/** A directory, and which names of its entries are those of directories. */
export interface KnownDirectory {
  readonly path: string;
  readonly directories: Pick<ReadonlySet<string>, 'has'>;
}

export interface UnsafeEntry {
  readonly path: string;
  readonly found: FoundInstead;
}

/** Finds what in these directories is not of the kind that it should be; each directory is looked at, too. */
export const unsafeEntries = (
  files: Pick<FileSystem, 'stat' | 'readDirectory'>,
  known: readonly KnownDirectory[],
): readonly UnsafeEntry[] => {
  const unsafe: UnsafeEntry[] = [];
  for (const { path, directories } of known) {
    const names = files.readDirectory(path)();
    if (names._tag === 'Left') {
      const { left } = names;
      if (left._tag === 'UnsafeFile') unsafe.push({ path: left.path, found: left.found });
      continue;
    }
    for (const name of names.right) {
      const found = files.stat(`${path}/${name}`)();
      // Gone since it was listed.
      if (found._tag === 'Left') continue;
      const instead = insteadOf(found.right.kind, directories.has(name));
      if (instead !== null) unsafe.push({ path: `${path}/${name}`, found: instead });
    }
  }
  const seen = new Set<string>();
  return unsafe.filter(({ path }) => !seen.has(path) && seen.add(path));
};

const insteadOf = (kind: FileStat['kind'], isDirectory: boolean): FoundInstead | null => {
  if (kind === 'symlink') return kind;
  if (kind === 'other') return 'special';
  return (kind === 'directory') === isDirectory ? null : kind;
};

const NONE: ReadonlySet<string> = new Set();

/** Directories of blobs: by their names, since writers make new ones at any time. */
const OF_BLOBS: KnownDirectory['directories'] = { has: (name) => /^[0-9a-f]{2}$/.test(name) };

const directoriesOf = (files: FileSystem, layout: TableLayout): readonly KnownDirectory[] => {
  const parent = layout.blobRoot.slice(0, layout.blobRoot.lastIndexOf('/'));
  const folders = files.readDirectory(layout.blobRoot)();
  const ofBlobs = folders._tag === 'Right' ? folders.right.filter(OF_BLOBS.has) : [];
  const isThere = (name: string) => {
    const found = files.stat(`${layout.blobRoot}/${name}`)();
    // What stands there instead is told of once, by its own name.
    return found._tag === 'Right' && found.right.kind === 'directory';
  };
  return [
    { path: layout.dataDir, directories: new Set(['_delta_log', '_staging', '_blobs', '_history']) },
    { path: layout.logDir, directories: NONE },
    { path: layout.historyDir, directories: NONE },
    { path: layout.stagingDir, directories: NONE },
    { path: parent, directories: new Set(['sha256']) },
    { path: layout.blobRoot, directories: OF_BLOBS },
    ...ofBlobs.filter(isThere).map((name) => ({ path: `${layout.blobRoot}/${name}`, directories: NONE })),
  ];
};
