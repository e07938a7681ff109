import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { sha256 } from '../../domain/documents/sha256.js';
import type { FileSystem } from '../../ports/file-system.js';
import { corrupt, run } from '../failure.js';
import { packRangeOf } from '../table-layout.js';

/*
 * A pack holds log entries that a checkpoint stands for, of consecutive versions, the text of each exactly as it was
 * published. It is compressed blocks of them, one after another, an index as JSON, the length of the index in four
 * bytes (little endian), and `PONDPACK`. A block, raw deflate, is a line with the JSON array of its entries' lengths in
 * bytes, and then the entries. A pack never changes.
 */

const MAGIC = 'PONDPACK';
const TAIL = 4 + MAGIC.length;

/** A block ends with so many entries, or so many bytes of them. */
const BLOCK_TEXTS = 256;
const BLOCK_BYTES = 1024 * 1024;

/** More than any block has, and than any index is long: what says more is damaged. */
const LARGEST_BLOCK = 512 * 1024 * 1024;
const LARGEST_INDEX = 16 * 1024 * 1024;

const Block = t.type({ first: t.number, count: t.number, offset: t.number, size: t.number, bytes: t.number });
const Index = t.type({
  pack: t.literal(1),
  first: t.number,
  count: t.number,
  /** SHA-256 of all that comes before the index. */
  sha256: t.string,
  blocks: t.readonlyArray(Block),
});

export type PackIndex = t.TypeOf<typeof Index>;

/** The content of a pack of these entries, the first of which is that of version `first`. */
export const encodePack = (first: number, texts: readonly Uint8Array[]): Uint8Array => {
  const parts: Uint8Array[] = [];
  const blocks: t.TypeOf<typeof Block>[] = [];
  let offset = 0;
  for (let start = 0; start < texts.length; ) {
    const block = blockFrom(texts, start);
    const lengths = `${JSON.stringify(block.map(({ length }) => length))}\n`;
    const raw = Buffer.concat([Buffer.from(lengths), ...block]);
    const compressed = deflateRawSync(raw, { level: 9 });
    blocks.push({
      first: first + start,
      count: block.length,
      offset,
      size: compressed.length,
      bytes: raw.length,
    });
    parts.push(compressed);
    offset += compressed.length;
    start += block.length;
  }
  const body = Buffer.concat(parts);
  const index: PackIndex = { pack: 1, first, count: texts.length, sha256: sha256(body), blocks };
  const indexBytes = Buffer.from(JSON.stringify(index));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(indexBytes.length);
  return new Uint8Array(Buffer.concat([body, indexBytes, length, Buffer.from(MAGIC)]));
};

const blockFrom = (texts: readonly Uint8Array[], start: number): readonly Uint8Array[] => {
  const block: Uint8Array[] = [];
  let bytes = 0;
  for (const text of texts.slice(start, start + BLOCK_TEXTS)) {
    if (block.length > 0 && bytes + text.length > BLOCK_BYTES) break;
    block.push(text);
    bytes += text.length;
  }
  return block;
};

type Reading = Pick<FileSystem, 'readRange' | 'stat'>;

/** The index of a pack; throws `CorruptData` naming it, or the `FileSystemError`. */
export const readPackIndex = (files: Reading, path: string): PackIndex => {
  const { size } = run(files.stat(path));
  if (size < TAIL) throw corrupt(path, 'too short for a pack of log entries');
  const tail = Buffer.from(run(files.readRange(path, size - TAIL, TAIL)));
  if (tail.subarray(4).toString('latin1') !== MAGIC) throw corrupt(path, 'not a pack of log entries');
  const length = tail.readUInt32LE(0);
  const start = size - TAIL - length;
  if (length > LARGEST_INDEX || start < 0) throw corrupt(path, 'its index is longer than it');
  const index = Index.decode(parsed(path, run(files.readRange(path, start, length))));
  if (isLeft(index)) throw corrupt(path, 'its index is not one of a pack');
  if (!isSound(index.right, start)) throw corrupt(path, 'its index names blocks that it does not have');
  const range = packRangeOf(path.slice(path.lastIndexOf('/') + 1));
  const { first, count } = index.right;
  if (range !== null && (range.first !== first || range.last !== first + count - 1)) {
    throw corrupt(path, 'its index has other versions than its name says');
  }
  return index.right;
};

/**
 * Tells whether the blocks follow one another, in the file as in their versions, and say no more of themselves than their bytes
 * can be: what is read of a pack is bounded by its size.
 */
const isSound = ({ first, count, blocks }: PackIndex, end: number): boolean => {
  let [version, at] = [first, 0];
  for (const block of blocks) {
    const isNext = block.first === version && block.offset === at;
    const isPossible =
      isCount(block.count) &&
      isCount(block.size) &&
      block.count <= block.bytes &&
      block.bytes <= Math.min(LARGEST_BLOCK, block.size * MOST_OF_A_BYTE);
    if (!isNext || !isPossible) return false;
    version += block.count;
    at += block.size;
  }
  return at <= end && version === first + count;
};

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

/** More bytes than deflate makes of one: 258 of two bits. */
const MOST_OF_A_BYTE = 1040;

const parsed = (path: string, bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    if (error instanceof SyntaxError) throw corrupt(path, 'its index is not JSON');
    throw error;
  }
};

/** Some consecutive entries of a pack: the bytes of each. */
export interface PackedTexts {
  readonly first: number;
  readonly texts: readonly Uint8Array[];
}

/** The entries of the block that has a version. */
export const readPackBlock = (
  files: Reading,
  path: string,
  index: PackIndex,
  version: number,
): PackedTexts => {
  const block = index.blocks.find(({ first, count }) => first <= version && version < first + count);
  if (block === undefined) throw corrupt(path, `it does not have version ${version}`);
  const compressed = run(files.readRange(path, block.offset, block.size));
  const raw = inflated(path, compressed, block.bytes);
  const end = raw.indexOf(0x0a);
  const lengths = t.array(t.number).decode(parsed(path, raw.subarray(0, Math.max(end, 0))));
  if (isLeft(lengths) || lengths.right.length !== block.count) throw corrupt(path, 'a block is damaged');
  let at = end + 1;
  const texts = lengths.right.map((length) => {
    const text = raw.subarray(at, at + length);
    at += length;
    return text;
  });
  if (at !== raw.length) throw corrupt(path, 'a block is damaged');
  return { first: block.first, texts };
};

const inflated = (path: string, compressed: Uint8Array, bytes: number): Buffer => {
  try {
    return inflateRawSync(compressed, { maxOutputLength: Math.max(1, bytes) });
  } catch (error) {
    throw corrupt(
      path,
      `a block cannot be decompressed (${error instanceof Error ? error.message : String(error)})`,
    );
  }
};

/** Returns what is wrong with a pack, read as a whole; null: nothing. Throws the `FileSystemError`. */
export const packProblem = (files: Reading & Pick<FileSystem, 'readFile'>, path: string): string | null => {
  const index = readPackIndex(files, path);
  const last = index.blocks.at(-1);
  const body = run(files.readFile(path)).subarray(0, last === undefined ? 0 : last.offset + last.size);
  return sha256(body) === index.sha256 ? null : 'it is not what was written';
};
