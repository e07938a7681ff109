import { boundedCache } from '../../domain/bounded-cache.js';
import type { FileSystem } from '../../ports/file-system.js';
import { run } from '../failure.js';
import type { DataFile } from '../log/log-entry.js';
import type { TableLayout } from '../table-layout.js';
import { blockAt, filterAt, filterKey, leavesOut } from './name-filter.js';

/** Tells whether a file may have rows of a directory, or of a name in it, by what it says of its names. */
export type MayHave = (file: DataFile, partId: string, name?: string) => boolean;

/** Bytes of filters that are kept. */
const KEPT = 4 * 1024 * 1024;
/** Looks into a file's filter after which all of it is read. */
const FEW_LOOKS = 16;
const KEPT_LOOKS = 10_000;

/** Throws the `FileSystemError` where a file is missing. */
export const nameFilters = (files: FileSystem, layout: TableLayout): MayHave => {
  const whole = boundedCache<Uint8Array>(KEPT);
  const looks = boundedCache<number>(KEPT_LOOKS);

  const filterOf = (file: DataFile): Uint8Array | null => {
    const kept = whole.get(file.path);
    if (kept !== undefined) return kept;
    const before = looks.get(file.path) ?? 0;
    looks.put(file.path, before + 1, 1);
    const place = filterAt(file.bounds.rows);
    if (before < FEW_LOOKS || place === null) return null;
    const bytes = run(files.readRange(layout.dataFile(file.path), place.start, place.size));
    whole.put(file.path, bytes, bytes.length);
    return bytes;
  };

  return (file, partId, name) => {
    const { rows } = file.bounds;
    const key = filterKey(partId, name);
    const place = blockAt(rows, key);
    if (place === null || place.start + place.size > file.size) return true;
    const { start, size } = place;
    const filter = filterOf(file);
    const offset = start - (filterAt(rows)?.start ?? 0);
    const block =
      filter?.subarray(offset, offset + size) ??
      run(files.readRange(layout.dataFile(file.path), start, size));
    return !leavesOut(block, rows, key);
  };
};
