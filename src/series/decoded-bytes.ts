import { isUtf8 } from 'node:buffer';
import { compressionOfBytes } from '../domain/documents/compression.js';
import { encodingNamed } from '../domain/text/text-encoding.js';
import { NotDecodable } from '../queries/decompressed.js';

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
  let hasBegun = false;
  for await (const chunk of bytes) {
    const text = decoded(chunk);
    if (!hasBegun && text.startsWith(BYTES_TURNED)) throw turned(name);
    hasBegun ||= text !== '';
    yield Buffer.from(text);
  }
  yield Buffer.from(decoded(null));
}

/** A byte order mark that was read with the two bytes of each character the wrong way round. */
const BYTES_TURNED = '\u{fffe}';

const turned = (name: string): NotDecodable =>
  new NotDecodable(
    `it is not ${name}: its first bytes say that it has the other order of bytes`,
    1,
    `say --csv-encoding ${name === 'utf-16le' ? 'utf-16be' : 'utf-16le'}`,
  );

const linesIn = (text: string): number => text.split('\n').length - 1;

async function* checkedUtf8(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let line = 1;
  let rest = Buffer.alloc(0);
  for await (const chunk of bytes) {
    const all = rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([rest, chunk]);
    const whole = all.subarray(0, all.length - unfinished(all));
    if (!isUtf8(whole)) throw (line === 1 && compressed(all)) || notUtf8(line + linesBeforeFault(whole));
    line += countLines(whole);
    yield whole;
    rest = Buffer.from(all.subarray(whole.length));
  }
  if (rest.length > 0) throw notUtf8(line);
}

/** The error for bytes that are compressed; null: they do not look so. */
const compressed = (bytes: Uint8Array): NotDecodable | null => {
  const compression = compressionOfBytes(bytes);
  return compression === null
    ? null
    : new NotDecodable(
        `it is compressed by ${compression}, which its name does not say`,
        null,
        `give it a name that ends in .${compression === 'gzip' ? 'gz' : 'zst'}`,
      );
};

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
