import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createBrotliDecompress, createGunzip } from 'node:zlib';
import { Decompress } from 'fzstd';
import { encodingNamed } from '../domain/documents/text-encoding.js';
import type { Compression } from './rows-file.js';
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
  compression: Compression,
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

/** Text as UTF-8. What is not in the encoding is refused with its line, never replaced. */
export async function* asUtf8(bytes: AsyncIterable<Uint8Array>, named: string): AsyncGenerator<Uint8Array> {
  const encoding = encodingNamed(named) ?? named;
  const { encoding: name } = new TextDecoder(encoding);
  if (name === 'utf-8') yield* checkedUtf8(bytes);
  else yield* fromOther(bytes, encoding, name);
}

const REPLACEMENT = '\u{fffd}';

async function* fromOther(
  bytes: AsyncIterable<Uint8Array>,
  encoding: string,
  name: string,
): AsyncGenerator<Uint8Array> {
  const strict = new TextDecoder(encoding, { fatal: true });
  // Says where a fault is, which the strict one does not.
  const lenient = new TextDecoder(encoding);
  let line = 1;
  const decoded = (chunk: Uint8Array | null): string => {
    const shown = chunk === null ? lenient.decode() : lenient.decode(chunk, { stream: true });
    try {
      const text = chunk === null ? strict.decode() : strict.decode(chunk, { stream: true });
      line += linesIn(text);
      return text;
    } catch {
      throw new NotDecodable(
        `it is not ${name}`,
        line + linesIn(shown.split(REPLACEMENT)[0] ?? ''),
        'say its encoding with --csv-encoding, such as utf-8, latin1, windows-1252 or utf-16le',
      );
    }
  };
  for await (const chunk of bytes) yield Buffer.from(decoded(chunk));
  yield Buffer.from(decoded(null));
}

const linesIn = (text: string): number => text.split('\n').length - 1;

async function* checkedUtf8(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let line = 1;
  let rest = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const all = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    const whole = all.subarray(0, all.length - unfinished(all));
    if (!isUtf8(whole)) throw notUtf8(line + linesBeforeFault(whole));
    line += countLines(whole);
    yield whole;
    rest = Buffer.from(all.subarray(whole.length));
  }
  if (rest.length > 0) throw notUtf8(line);
}

const notUtf8 = (line: number): NotDecodable =>
  new NotDecodable(
    'it is not UTF-8',
    line,
    'say its encoding, such as --csv-encoding latin1, windows-1252 or utf-16le',
  );

/** Bytes at the end that begin a character which goes on in the next piece. */
const unfinished = (bytes: Buffer): number => {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
};

const NEWLINE = 0x0a;

const countLines = (bytes: Buffer): number => {
  let count = 0;
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
};

const linesBeforeFault = (bytes: Buffer): number => {
  let count = 0;
  for (let from = 0; ; count += 1) {
    const end = bytes.indexOf(NEWLINE, from);
    if (end === -1 || !isUtf8(bytes.subarray(from, end))) return count;
    from = end + 1;
  }
};
