import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import type { Compression } from '../domain/documents/compression.js';
import { xxh64 } from './xxh64.js';
import { zstdParts } from './zstd-parts.js';

/** A content that is not what its name or its options say. `line`: where, from 1; null: nowhere in particular. */
export class NotDecodable extends Error {
  override readonly name = 'NotDecodable';
  constructor(
    message: string,
    readonly line: number | null,
    readonly remedy: string | null,
  ) {
    super(message);
  }
}

/** Bounds of what compressed bytes may become: `free` bytes in any case, and more up to so many times as they are. */
interface Expansion {
  readonly free: number;
  readonly times: number;
}

const EXPANSION: Expansion = { free: 1024 * 1024 * 1024, times: 200 };

/** The bytes before they were compressed. A few that become very many are refused before they fill the disk. */
export async function* decompressed(
  bytes: AsyncIterable<Uint8Array>,
  compression: Compression | null,
  { free, times }: Expansion = EXPANSION,
): AsyncGenerator<Uint8Array> {
  if (compression === null) {
    yield* bytes;
    return;
  }
  let taken = 0;
  const counted = async function* () {
    for await (const chunk of bytes) {
      taken += chunk.length;
      yield chunk;
    }
  };
  let made = 0;
  for await (const chunk of compression === 'zstd' ? fromZstd(counted()) : fromZlib(counted(), compression)) {
    made += chunk.length;
    if (made > free && made > times * taken)
      throw new NotDecodable(
        `it becomes more than ${times} times as much as it is, and more than ${Math.round(free / 2 ** 20)} MiB`,
        null,
        'if that is what it should be, decompress it and copy what it becomes',
      );
    yield chunk;
  }
}

/** The same bytes, and what their source threw, which the compression is not to blame for. */
const remembering = (bytes: AsyncIterable<Uint8Array>) => {
  const source: { problem: unknown } = { problem: null };
  const same = async function* () {
    try {
      yield* bytes;
    } catch (thrown) {
      source.problem = thrown;
      throw thrown;
    }
  };
  return { source, bytes: same() };
};

async function* fromZlib(
  compressed: AsyncIterable<Uint8Array>,
  compression: 'gzip' | 'brotli',
): AsyncGenerator<Uint8Array> {
  const output = compression === 'gzip' ? createGunzip() : createBrotliDecompress();
  const { source, bytes } = remembering(compressed);
  const ended = pipeline(Readable.from(bytes, { objectMode: true }), output).then(
    () => null,
    (problem: unknown) => problem,
  );
  try {
    for await (const chunk of output) yield chunk;
  } catch (thrown) {
    await ended;
    throw source.problem ?? damaged(compression, thrown);
  }
}

async function* fromZstd(compressed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { source, bytes } = remembering(compressed);
  try {
    let frame = zstdFrame();
    for await (const { kind, bytes: part } of zstdParts(bytes)) {
      if (kind === 'header') frame = zstdFrame();
      yield* frame.take(part, kind === 'end');
      if (kind === 'end' && part.length > 0 && part.readUInt32LE() !== frame.checksum())
        throw new Error('what it becomes does not have its checksum');
    }
  } catch (thrown) {
    throw source.problem ?? damaged('zstd', thrown);
  }
}

/** A frame that is decompressed. Its checksum is of all that came out of it, which the decompressor does not compare. */
const zstdFrame = () => {
  const ready: Uint8Array[] = [];
  const stream = new Decompress((chunk) => {
    ready.push(chunk);
  });
  const sum = xxh64();
  return {
    take: (part: Uint8Array, isLast: boolean): readonly Uint8Array[] => {
      stream.push(Uint8Array.from(part), isLast);
      for (const chunk of ready) sum.add(chunk);
      return ready.splice(0);
    },
    checksum: () => sum.low32(),
  };
};

const damaged = (compression: string, thrown: unknown): NotDecodable =>
  new NotDecodable(
    `it is not whole ${compression}: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    null,
    'compress it again, or copy it as plain bytes without --as',
  );
