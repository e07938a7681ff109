import type { OpLogRow } from './op-log-columns.js';

/*
 * What a file says of its directories and of the names in them, so that a reader passes over it without its footer. A
 * Bloom filter in blocks (the split blocks of Parquet's own, which know one column each and not two together): a name has its
 * block, and one bit in each word of that. A block ends with a checksum, so that other bytes say nothing.
 *
 * It lies behind the mark that a Parquet file begins with, where no reader of Parquet looks: a block's place follows from the
 * number of the file's rows, which the log says, so that one small read answers.
 */

/** Files of fewer rows have none: their footers are short. */
const WORTH_A_FILTER = 256;
const MARK = 4;
const BLOCK = 32;
const WORDS = 7;
const WORD = 32;
/** A file that says each name once is wrongly not passed over less than once in a hundred times. */
const BITS_FOR_ROW = 12;
/** The first block, which says what the others are. Readers do without it; `pond fsck` and people look. */
const TITLE = 'pond-steward names 1';

/** Two numbers of 32 bits for what is looked for: a directory, or a name in a directory. */
export interface FilterKey {
  readonly place: number;
  readonly bits: number;
}

/** The key of a directory, or of a name in it. */
export const filterKey = (partId: string, name?: string): FilterKey => {
  const directory = hashed(EMPTY, partId);
  return finished(name === undefined ? directory : hashed(directory, `\0${name}`));
};

/** The filter of sorted rows, which stands behind a file's mark; null where they are too few. */
export const nameFilter = (rows: readonly OpLogRow[]): Uint8Array | null => {
  if (rows.length < WORTH_A_FILTER) return null;
  const count = blocksOf(rows.length);
  const bytes = Buffer.alloc(BLOCK * (1 + count));
  bytes.write(TITLE, 'latin1');
  const view = new DataView(bytes.buffer, bytes.byteOffset + BLOCK, BLOCK * count);
  let partId: string | null = null;
  let directory = EMPTY;
  for (const { row } of rows) {
    if (row.partId !== partId) {
      partId = row.partId;
      directory = hashed(EMPTY, partId);
      put(view, count, finished(directory));
    }
    put(view, count, finished(hashed(directory, `\0${row.name}`)));
  }
  for (let block = 0; block < count; block += 1) {
    view.setUint32(BLOCK * block + WORD_BYTES * WORDS, checksum(view, BLOCK * block, block), true);
  }
  return bytes;
};

/** Place in a file of so many rows of the block that a key is in; null where it has none. */
export const blockAt = (
  rows: number,
  key: FilterKey,
): { readonly start: number; readonly size: number } | null =>
  rows < WORTH_A_FILTER ? null : { start: MARK + BLOCK * (1 + blockIndex(blocksOf(rows), key)), size: BLOCK };

/** Place of all blocks, and of their title; null where there are none. */
export const filterAt = (rows: number): { readonly start: number; readonly size: number } | null =>
  rows < WORTH_A_FILTER ? null : { start: MARK, size: BLOCK * (1 + blocksOf(rows)) };

/** Tells whether a block, which is the key's, leaves the key out. Other bytes than a block's leave out nothing. */
export const leavesOut = (block: Uint8Array, rows: number, key: FilterKey): boolean => {
  if (block.length !== BLOCK) return false;
  const view = new DataView(block.buffer, block.byteOffset, BLOCK);
  return isBlock(view, 0, blockIndex(blocksOf(rows), key)) && !has(view, 0, key);
};

/** Tells whether bytes behind a file's mark begin with the title of a filter. */
export const isFilter = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes.subarray(0, TITLE.length)).toString('latin1') === TITLE;

/** Fault of a filter of these rows; null where there is none. */
export const filterProblem = (
  bytes: Uint8Array,
  rows: readonly { readonly partId: string; readonly name: string }[],
): string | null => {
  const count = blocksOf(rows.length);
  if (bytes.length !== BLOCK * (1 + count)) return 'what the file says of its names is cut off';
  const view = new DataView(bytes.buffer, bytes.byteOffset + BLOCK, BLOCK * count);
  for (let block = 0; block < count; block += 1) {
    if (!isBlock(view, BLOCK * block, block)) return 'what the file says of its names is damaged';
  }
  const isKnown = (key: FilterKey) => has(view, BLOCK * blockIndex(count, key), key);
  return rows.every(({ partId, name }) => isKnown(filterKey(partId)) && isKnown(filterKey(partId, name)))
    ? null
    : 'what the file says of its names leaves out a row';
};

const WORD_BYTES = 4;

const blocksOf = (rows: number): number => Math.ceil((rows * BITS_FOR_ROW) / (WORDS * WORD));

const blockIndex = (count: number, { place }: FilterKey): number => Math.floor((place / 2 ** 32) * count);

/** Odd numbers, by which a key's bits are multiplied to choose the bit of each word: those of Parquet's filter. */
const SALTS = [0x47b6137b, 0x44974d91, 0x8824ad5b, 0xa2b7289d, 0x705495c7, 0x2df1424b, 0x9efc4947];

const bitOf = (bits: number, salt: number): number => 1 << (Math.imul(bits, salt) >>> 27);

const put = (view: DataView, count: number, key: FilterKey): void => {
  let at = BLOCK * blockIndex(count, key);
  for (const salt of SALTS) {
    view.setUint32(at, view.getUint32(at, true) | bitOf(key.bits, salt), true);
    at += WORD_BYTES;
  }
};

const has = (view: DataView, start: number, { bits }: FilterKey): boolean =>
  SALTS.every((salt, word) => (view.getUint32(start + WORD_BYTES * word, true) & bitOf(bits, salt)) !== 0);

const isBlock = (view: DataView, start: number, index: number): boolean =>
  view.getUint32(start + WORD_BYTES * WORDS, true) === checksum(view, start, index);

/** Checksum of a block's words and of its place, so that it is not taken for another one. */
const checksum = (view: DataView, start: number, index: number): number => {
  let sum = mixed(index + 1);
  for (let word = 0; word < WORDS; word += 1) {
    sum = mixed(sum ^ view.getUint32(start + WORD_BYTES * word, true));
  }
  return sum;
};

const EMPTY: FilterKey = { place: 0x811c9dc5, bits: 0x9747b28c };

const SURROGATES = { first: 0xd800, last: 0xdfff };
/** Unit that a half of a pair becomes where it is written without the other. */
const REPLACEMENT = 0xfffd;

/** Goes over a text's UTF-16 units (FNV-1a, and the same with another factor); halves of pairs are all alike. */
const hashed = ({ place, bits }: FilterKey, text: string): FilterKey => {
  let [first, second] = [place, bits];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    const unit = code >= SURROGATES.first && code <= SURROGATES.last ? REPLACEMENT : code;
    first = Math.imul(first ^ unit, 0x01000193);
    second = Math.imul(second ^ unit, 0x5bd1e995);
  }
  return { place: first, bits: second };
};

const finished = ({ place, bits }: FilterKey): FilterKey => ({ place: mixed(place), bits: mixed(bits) });

/** Spreads each bit over all 32 (the last steps of MurmurHash3). */
const mixed = (value: number): number => {
  let mixing = value ^ (value >>> 16);
  mixing = Math.imul(mixing, 0x85ebca6b);
  mixing ^= mixing >>> 13;
  mixing = Math.imul(mixing, 0xc2b2ae35);
  return (mixing ^ (mixing >>> 16)) >>> 0;
};
