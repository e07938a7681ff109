import type { OpLogRow } from './op-log-columns.js';

/*
 * Whoever looks into a directory reads which rows of a group are its own, and decodes these. A directory with many of a
 * file's rows has groups of its own, so that neither it nor the small ones beside it cost more than they must; otherwise a
 * group ends with a directory unless that would leave it half empty. Each group takes about two kilobytes of the footer,
 * which every reader of the file parses: that keeps groups from being smaller.
 */

/** A row group holds at most so many rows ... */
const GROUP_ROWS = 4096;
/** ... and so many bytes of inline content, so that none is large to decode. */
const GROUP_CONTENT = 4 * 1024 * 1024;
/** A group of so many rows ends where its directory does. */
const FULL_ENOUGH = GROUP_ROWS / 2;
/** A directory that has so many rows, and one of so many parts of a file, has groups of its own. */
const MANY_ROWS = 512;
const PARTS = 32;

/** Numbers of rows that the row groups take; the rows are sorted. */
export const groupSizes = (rows: readonly OpLogRow[]): number[] => {
  const large = largeDirectories(rows);
  const sizes: number[] = [];
  let count = 0;
  let bytes = 0;
  let directory: string | undefined;
  for (const { row, content } of rows) {
    const length = content?.length ?? 0;
    const isFull = count === GROUP_ROWS || bytes + length > GROUP_CONTENT;
    const isNext = row.partId !== directory;
    const ends = isNext && (count >= FULL_ENOUGH || large.has(row.partId) || large.has(directory ?? ''));
    if (count > 0 && (isFull || ends)) {
      sizes.push(count);
      count = 0;
      bytes = 0;
    }
    count += 1;
    bytes += length;
    directory = row.partId;
  }
  return [...sizes, Math.max(count, 1)];
};

const largeDirectories = (rows: readonly OpLogRow[]): ReadonlySet<string> => {
  const most = Math.max(MANY_ROWS, rows.length / PARTS);
  const large = new Set<string>();
  if (rows.length < most) return large;
  let start = 0;
  rows.forEach(({ row }, index) => {
    if (row.partId !== rows[start]?.row.partId) start = index;
    if (index - start + 1 >= most) large.add(row.partId);
  });
  return large;
};
