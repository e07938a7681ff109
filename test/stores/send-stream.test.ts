import { isRight } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { MOST_PARTS, PART_SIZE, partSizeOf } from '../../src/stores/send-large.js';
import { sendStream } from '../../src/stores/send-stream.js';
import { over } from '../remotes/world.js';
import { memoryStore } from '../support/memory-store.js';

async function* chunksOf(sizes: readonly number[]) {
  for (const [at, size] of sizes.entries()) yield Buffer.alloc(size, at + 1);
}

test('whatever the chunks of a stream are, all parts but the last have one size, without which some stores refuse the object', async () => {
  const store = memoryStore();
  const sizes: number[] = [];
  const { uploads } = store;
  const measured = {
    ...store,
    uploads: {
      ...uploads,
      put: (...[upload, part, signal]: Parameters<typeof uploads.put>) => {
        sizes.push(part.content.length);
        return uploads.put(upload, part, signal);
      },
    },
  };
  const chunks = [PART_SIZE - 5, 7, 3 * PART_SIZE, 1, PART_SIZE - 1];
  const whole = chunks.reduce((sum, size) => sum + size, 0);
  const sent = await sendStream(
    over(measured),
    { key: 'a', contentType: 'text/plain', size: 0 },
    chunksOf(chunks),
  )();
  expect(isRight(sent) && sent.right.size).toBe(whole);
  expect(sizes).toEqual([PART_SIZE, PART_SIZE, PART_SIZE, PART_SIZE, PART_SIZE, 2]);
  const expected: Buffer[] = [];
  for await (const chunk of chunksOf(chunks)) expected.push(chunk);
  expect(Buffer.concat(expected).equals(store.objects.get('a') ?? Buffer.of())).toBe(true);
});

test('the parts of an object that is expected to be large are so large that they are not too many', () => {
  const terabyte = 1024 ** 4;
  expect(partSizeOf(5 * terabyte) * MOST_PARTS).toBeGreaterThanOrEqual(5 * terabyte);
  expect(partSizeOf(1)).toBe(PART_SIZE);
});
