import { boundedCache } from '../../domain/bounded-cache.js';
import type { FileSystem } from '../../ports/file-system.js';
import type { DataFile } from '../log/log-entry.js';
import { type ColumnFile, type ColumnFooter, openColumns } from '../parquet/column-reading.js';
import type { TableLayout } from '../table-layout.js';
import { type Group, groupsOf } from './file-groups.js';

/** A file of rows whose footer was read. */
export interface OpenedFile extends ColumnFile {
  readonly groups: readonly Group[];
}

/** Files of rows, of which footers and small ones are kept. */
export interface OpenedFiles {
  readonly open: (file: DataFile) => Promise<OpenedFile>;
  /** The row groups of a file whose footer is kept; undefined of any other. */
  readonly knownGroups: (file: DataFile) => readonly Group[] | undefined;
}

/** Footers that are kept, counted in row groups. */
const KEPT_GROUPS = 2_000;
/** Bytes of whole files that are kept: whoever follows a path looks into the same one again and again. */
const KEPT_BYTES = 8 * 1024 * 1024;
/** A larger file is read in parts, and nothing of it is kept but its footer. */
const SMALL_FILE = 2 * 1024 * 1024;

export const openedFiles = (files: FileSystem, layout: TableLayout): OpenedFiles => {
  const footers = boundedCache<{ readonly footer: ColumnFooter; readonly groups: readonly Group[] }>(
    KEPT_GROUPS,
  );
  const whole = boundedCache<OpenedFile>(KEPT_BYTES);

  const openFresh = async (file: DataFile): Promise<OpenedFile> => {
    const known = footers.get(file.path);
    const opened = await openColumns(files, layout.dataFile(file.path), file.size, known?.footer);
    if (known !== undefined) return { ...opened, groups: known.groups };
    const { footer } = opened;
    const groups = groupsOf(footer);
    footers.put(file.path, { footer, groups }, groups.length);
    return { ...opened, groups };
  };

  return {
    knownGroups: ({ path }) => footers.get(path)?.groups,
    open: async (file) => {
      const kept = whole.get(file.path);
      if (kept !== undefined && kept.bytes.byteLength === file.size) return kept;
      const fresh = await openFresh(file);
      if (file.size <= SMALL_FILE) whole.put(file.path, fresh, file.size);
      return fresh;
    },
  };
};
