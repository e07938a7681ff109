/** Bytes of the largest window that is taken: the decompressor holds as many. Tools take no larger one either, unless told to. */
const LARGEST_WINDOW = 128 * 1024 * 1024;
/** Bytes that a block has at most, and becomes at most. */
const LARGEST_BLOCK = 128 * 1024;

const MAGIC = 0xfd2fb528;
/** Number of frames to be skipped, without its last four bits, which are anything. */
const SKIPPABLE = 0x184d2a5;
const RUN = 1;

/** A part of a frame of zstd: its header, a block, or its end with the checksum of its content, where it has one. */
export interface ZstdPart {
  readonly kind: 'header' | 'block' | 'end';
  readonly bytes: Buffer;
}

/**
 * The same bytes without what is to be skipped, block by block: a few of them may become 128 KiB, and a decompressor that is given
 * more holds all of what they become. Throws an `Error` for what is not zstd, and for a window that is too large.
 */
export async function* zstdParts(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ZstdPart> {
  const source = exactly(bytes);
  for (let magic = await source.start(4); magic !== null; magic = await source.start(4)) {
    const kind = magic.readUInt32LE();
    if (kind >>> 4 === SKIPPABLE) {
      const size = await source.take(4);
      await source.pass(size.readUInt32LE());
      continue;
    }
    if (kind !== MAGIC) throw new Error('invalid zstd data');
    const { header, hasChecksum } = await frameHeader(source);
    yield { kind: 'header', bytes: Buffer.concat([magic, header]) };
    for (let isLast = false; !isLast; ) {
      const block = await source.take(3);
      const said = block.readUIntLE(0, 3);
      const size = said >>> 3;
      if (size > LARGEST_BLOCK) throw new Error('a block is too large');
      const content = await source.take(((said >>> 1) & 3) === RUN ? 1 : size);
      yield { kind: 'block', bytes: Buffer.concat([block, content]) };
      isLast = (said & 1) === 1;
    }
    yield { kind: 'end', bytes: await source.take(hasChecksum ? 4 : 0) };
  }
}

/** Header of a frame after its magic number: the window or, in one segment, the content is what has to be held. */
const frameHeader = async (source: Exactly) => {
  const descriptor = (await source.take(1))[0] ?? 0;
  const isOneSegment = (descriptor & 0x20) !== 0;
  const sizeFlag = descriptor >>> 6;
  const sizeBytes = sizeFlag === 0 ? (isOneSegment ? 1 : 0) : 1 << sizeFlag;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const rest = await source.take((isOneSegment ? 0 : 1) + dictionaryBytes + sizeBytes);
  if (
    (isOneSegment ? contentSize(rest.subarray(dictionaryBytes)) : windowSize(rest[0] ?? 0)) > LARGEST_WINDOW
  )
    throw new Error('its window is larger than 128 MiB');
  return { header: Buffer.from([descriptor, ...rest]), hasChecksum: (descriptor & 4) !== 0 };
};

const windowSize = (descriptor: number): number => {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
};

const contentSize = (field: Buffer): number => {
  if (field.length === 8) return Number(field.readBigUInt64LE());
  // Of two bytes, what is below 256 is written in one.
  return field.readUIntLE(0, field.length) + (field.length === 2 ? 256 : 0);
};

/** Reading of bytes by number. */
interface Exactly {
  /** Takes as many bytes; null at the end. */
  readonly start: (count: number) => Promise<Buffer | null>;
  readonly take: (count: number) => Promise<Buffer>;
  /** Passes over as many bytes. */
  readonly pass: (count: number) => Promise<void>;
}

const exactly = (bytes: AsyncIterable<Uint8Array>): Exactly => {
  const pieces = bytes[Symbol.asyncIterator]();
  let held: Buffer = Buffer.alloc(0);
  const more = async (): Promise<boolean> => {
    const { done = false, value } = await pieces.next();
    if (!done) held = held.length === 0 ? Buffer.from(value) : Buffer.concat([held, value]);
    return !done;
  };
  const cut = (count: number): Buffer => {
    const taken = held.subarray(0, count);
    held = held.subarray(count);
    return taken;
  };
  const take = async (count: number): Promise<Buffer> => {
    while (held.length < count) if (!(await more())) throw new Error('unexpected EOF');
    return cut(count);
  };
  return {
    take,
    start: async (count) => {
      while (held.length === 0) if (!(await more())) return null;
      return take(count);
    },
    pass: async (count) => {
      for (let left = count; left > 0; ) {
        if (held.length === 0 && !(await more())) throw new Error('unexpected EOF');
        left -= cut(left).length;
      }
    },
  };
};
