import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { FileSystem } from '../ports/file-system.js';
import { rootOfTree } from '../tlogfs/check/live-content.js';
import { nodeTree } from '../tlogfs/check/node-tree.js';
import { attempt, isMissing } from '../tlogfs/failure.js';
import { readEntryText } from '../tlogfs/log/entry-text.js';
import { type DataFile, decodeLogEntry, type LogEntry } from '../tlogfs/log/log-entry.js';
import { openTable } from '../tlogfs/log/table.js';
import type { TableState } from '../tlogfs/log/table-state.js';
import { openColumns } from '../tlogfs/parquet/column-reading.js';
import { rowFiles } from '../tlogfs/rows/row-files.js';
import { type TableLayout, tableLayout } from '../tlogfs/table-layout.js';
import type { TLogError } from '../tlogfs/tlog.js';

/** A content that lies outside of the rows. */
export interface Blob {
  readonly digest: string;
  readonly size: number;
}

/** An entry as it was published, and its meaning. */
export interface TextAndEntry {
  readonly text: Uint8Array;
  readonly entry: LogEntry;
}

/** A pond's log on this machine, as it is when it is opened. */
export interface LocalLog {
  readonly files: FileSystem;
  readonly layout: TableLayout;
  readonly state: TableState;
  /** The bytes of an entry as they were published. */
  readonly text: (version: number) => TaskEither<TLogError, Uint8Array>;
  readonly entry: (version: number) => TaskEither<TLogError, LogEntry>;
  /** Both, read once. */
  readonly textAndEntry: (version: number) => TaskEither<TLogError, TextAndEntry>;
  /** Tells whether a file of the table, by its name in the log, is there with its size. */
  readonly hasFile: (file: DataFile) => boolean;
  readonly hasBlob: (blob: Blob) => boolean;
  /** Tells whether a blob was here before a version was published, as far as the times of both files say. */
  readonly wasHere: (blob: Blob, version: number) => boolean;
  /** The blobs that rows of some files refer to. */
  readonly blobsOf: (files: Iterable<DataFile>) => TaskEither<TLogError, readonly Blob[]>;
  /** The content root of the state after a transaction. */
  readonly contentRoot: (txnSeq: number) => TaskEither<TLogError, string>;
}

export const openLocalLog = (files: FileSystem, dataDir: string): TaskEither<TLogError, LocalLog> =>
  attempt(async () => {
    const layout = tableLayout(dataDir);
    const table = await openTable(files, layout);
    return localLogOf(files, dataDir, table.known());
  });

/** The same of a state that is known: what it refers to is looked for in a directory. */
export const localLogOf = (files: FileSystem, dataDir: string, state: TableState): LocalLog => {
  const layout = tableLayout(dataDir);
  const rows = rowFiles(files, layout);
  const isThere = (path: string, size: number): boolean => {
    const found = files.stat(path)();
    return found._tag === 'Right' && found.right.kind === 'file' && found.right.size === size;
  };
  /** One column tells it: most files of small commits name none, and a push looks into each. */
  const mayNameBlobs = async ({ path, size }: DataFile): Promise<boolean> => {
    const columns = await openColumns(files, layout.dataFile(path), size);
    for (const group of columns.footer.groups) {
      const { storage_format: formats = [] } = await columns.read(group, ['storage_format']);
      if (formats.includes('external')) return true;
    }
    return false;
  };
  return {
    files,
    layout,
    state,
    text: (version) => attempt(async () => readEntryText(files, layout, version)),
    entry: (version) =>
      attempt(async () => decodeLogEntry(layout.logEntry(version), readEntryText(files, layout, version))),
    textAndEntry: (version) =>
      attempt(async () => {
        const text = readEntryText(files, layout, version);
        return { text, entry: decodeLogEntry(layout.logEntry(version), text) };
      }),
    hasFile: ({ path, size }) => isThere(layout.dataFile(path), size),
    hasBlob: ({ digest, size }) => isThere(layout.blob(digest), size),
    wasHere: ({ digest }, version) => {
      const blob = files.stat(layout.blob(digest))();
      const entry = files.stat(layout.logEntry(version))();
      return (
        blob._tag === 'Right' && entry._tag === 'Right' && blob.right.modifiedAt < entry.right.modifiedAt
      );
    },
    blobsOf: (dataFiles) =>
      attempt(async () => {
        const blobs = new Map<string, Blob>();
        for (const file of dataFiles) {
          if (!(await mayNameBlobs(file))) continue;
          for (const { storageFormat, sha256, size } of await rows.select(file, {})) {
            if (storageFormat === 'external' && sha256 !== null) blobs.set(sha256, { digest: sha256, size });
          }
        }
        return [...blobs.values()];
      }),
    contentRoot: (txnSeq) =>
      attempt(async () => {
        const all = [];
        for (const file of state.files.values()) {
          for (const row of await rows.select(file, {})) if (row.txnSeq <= txnSeq) all.push(row);
        }
        return rootOfTree(nodeTree(all));
      }),
  };
};

/** Tells whether an error is about a file that is not there (any more). */
export const isGone = (error: { readonly _tag: string }): boolean =>
  isMissing(error) || (error._tag === 'StorageFailed' && 'code' in error && error.code === 'ENOENT');
