import type { FileSystem } from '../../ports/file-system.js';
import {
  fileNameOf,
  isOwnDataFile,
  isStagedName,
  packRangeOf,
  type TableLayout,
  versionOf,
} from '../table-layout.js';
import type { Stray } from './table-finding.js';
import { listed, type TableSource } from './table-source.js';

/** Files of which the table consists. */
export interface Referenced {
  /** Data files that any entry of the log ever added, merged-away ones included. */
  readonly dataFiles: ReadonlySet<string>;
  /** Digests of all blobs that rows refer to. */
  readonly blobs: ReadonlySet<string>;
}

/** A stray with where it is. */
export interface FoundStray {
  readonly stray: Stray;
  readonly path: string;
}

/**
 * Files in the data directory that nothing refers to. What a writer that is at work has not committed yet looks the
 * same: only under the writer's lock, or after asking who holds it, are they left over.
 */
export const findStrays = (
  { files, layout, named }: TableSource,
  { dataFiles, blobs }: Referenced,
): readonly FoundStray[] => {
  const found = (tag: Exclude<Stray['_tag'], 'UnknownFile'>, path: string): FoundStray[] => {
    const stat = files.stat(path)();
    // Gone since it was listed.
    if (stat._tag === 'Left') return [];
    return stat.right.kind !== 'file'
      ? unknown(path)
      : [{ path, stray: { _tag: tag, file: named(path), bytes: stat.right.size } }];
  };
  const unknown = (path: string): FoundStray[] => [
    { path, stray: { _tag: 'UnknownFile', file: named(path) } },
  ];

  const ofTable = new Set([...dataFiles].map(fileNameOf));
  const inData = listed(files, layout.dataDir)
    .filter((name) => !FOLDERS.has(name) && !ofTable.has(name))
    .flatMap((name) => {
      const path = layout.dataFile(name);
      return isOwnDataFile(name) ? found('OrphanedDataFile', path) : unknown(path);
    });
  const inStaging = listed(files, layout.stagingDir).flatMap((name) =>
    isStagedName(name) ? found('StagedLeftover', layout.staged(name)) : unknown(layout.staged(name)),
  );
  const inLog = listed(files, layout.logDir)
    .filter(
      (name) =>
        name !== '_last_checkpoint' &&
        versionOf(name, '.json') === null &&
        versionOf(name, '.checkpoint.parquet') === null,
    )
    .flatMap((name) => unknown(`${layout.logDir}/${name}`));
  const inHistory = listed(files, layout.historyDir)
    .filter((name) => packRangeOf(name) === null)
    .flatMap((name) => unknown(`${layout.historyDir}/${name}`));
  const inBlobs = blobFiles(files, layout).flatMap(({ path, digest }) =>
    digest === null ? unknown(path) : blobs.has(digest) ? [] : found('OrphanedBlob', path),
  );
  return [...inData, ...inStaging, ...inLog, ...inHistory, ...inBlobs];
};

const FOLDERS: ReadonlySet<string> = new Set(['_delta_log', '_staging', '_blobs', '_history']);

/** The files of `_blobs`; `digest` is null where a name or its place is not a blob's. */
const blobFiles = (
  files: FileSystem,
  layout: TableLayout,
): readonly { readonly path: string; readonly digest: string | null }[] => {
  const root = layout.blobRoot;
  const parent = root.slice(0, root.lastIndexOf('/'));
  const beside = listed(files, parent)
    .filter((name) => `${parent}/${name}` !== root)
    .map((name) => ({ path: `${parent}/${name}`, digest: null }));
  return [
    ...beside,
    ...listed(files, root).flatMap((folder) => {
      const directory = `${root}/${folder}`;
      const isFolder = files.stat(directory)();
      if (isFolder._tag === 'Right' && isFolder.right.kind !== 'directory') {
        return [{ path: directory, digest: null }];
      }
      return listed(files, directory).map((name) => ({
        path: `${directory}/${name}`,
        digest: /^[0-9a-f]{64}$/.test(name) && layout.blob(name) === `${directory}/${name}` ? name : null,
      }));
    }),
  ];
};
