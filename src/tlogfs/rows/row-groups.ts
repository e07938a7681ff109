import type { OpLogRow } from './op-log-columns.js';

/*
 * Whoever looks into a directory decodes the row groups that it is in, so they are small, and a directory that has many
 * rows does not share its groups: a group ends with the directory unless that would leave it next to empty. Each group
 * takes about two kilobytes of the footer, which is what keeps them from being smaller still.
 */

/** A row group holds at most so many rows ... */
const GROUP_ROWS = 1024;
/** ... and so many bytes of inline content, so that none is large to decode. */
const GROUP_CONTENT = 4 * 1024 * 1024;
/** With so many rows a group ends where its directory does. */
const FULL_ENOUGH = 512;

/** How many rows each row group takes; the rows are sorted. */
export const groupSizes = (rows: readonly OpLogRow[]): number[] => {
  const sizes: number[] = [];
  let count = 0;
  let bytes = 0;
  let directory: string | undefined;
  for (const { row, content } of rows) {
    const length = content?.length ?? 0;
    const isFull = count === GROUP_ROWS || bytes + length > GROUP_CONTENT;
    if (count > 0 && (isFull || (count >= FULL_ENOUGH && row.partId !== directory))) {
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
