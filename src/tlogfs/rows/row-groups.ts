import type { OpLogRow } from './op-log-columns.js';

/** A row group holds at most so many rows ... */
const GROUP_ROWS = 4096;
/** ... and so many bytes of inline content, so that none is large to decode. */
const GROUP_CONTENT = 4 * 1024 * 1024;

/** How many rows each row group takes. */
export const groupSizes = (rows: readonly OpLogRow[]): number[] => {
  const sizes: number[] = [];
  let count = 0;
  let bytes = 0;
  for (const { content } of rows) {
    const length = content?.length ?? 0;
    if (count > 0 && (count === GROUP_ROWS || bytes + length > GROUP_CONTENT)) {
      sizes.push(count);
      count = 0;
      bytes = 0;
    }
    count += 1;
    bytes += length;
  }
  return [...sizes, Math.max(count, 1)];
};
