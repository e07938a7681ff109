import { expect, it } from 'vitest';
import { outgoingContent } from '../../../src/cli/query/outgoing-content.js';
import type { ByteStream } from '../../../src/tinyfs/persistence.js';

const read = async (content: AsyncIterable<Uint8Array>): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

const contentOf = (...steps: (string | Promise<never>)[]): ByteStream => ({
  async *[Symbol.asyncIterator]() {
    for (const step of steps) yield Buffer.from(await step);
  },
});

it('an interrupt ends a content at once, also while it is being made and nothing of it is there', async () => {
  const interrupt = new AbortController();
  const reading = read(
    outgoingContent(contentOf(new Promise(() => undefined)), { signal: interrupt.signal }),
  );
  interrupt.abort();
  await expect(reading).rejects.toEqual({ _tag: 'Interrupted', call: 'read' });
});

it('a content is read to its end, and counted, where nobody interrupts', async () => {
  let count = 0;
  const outgoing = outgoingContent(contentOf('a', 'bc'), {
    signal: new AbortController().signal,
    onBytes: (bytes) => {
      count += bytes;
    },
  });
  expect([await read(outgoing), count]).toEqual(['abc', 3]);
});

it('what made a content is let go of where the reader stops early', async () => {
  let isLetGo = false;
  const content: ByteStream = {
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) yield Buffer.from('x');
      } finally {
        isLetGo = true;
      }
    },
  };
  for await (const _ of outgoingContent(content, { signal: new AbortController().signal })) break;
  expect(isLetGo).toBe(true);
});
