import type { ByteStream } from '../../tinyfs/persistence.js';

/** A text's UTF-8 bytes, as often as they are asked for. */
export const textStream = (text: string): ByteStream => ({
  async *[Symbol.asyncIterator]() {
    yield new TextEncoder().encode(text);
  },
});
