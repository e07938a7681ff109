import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { sparseWriter } from '../../src/adapters/node/files/sparse-writing.js';
import { must } from '../fsck/sample-pond.js';

const folder = mkdtempSync(join(tmpdir(), 'pond-sparse-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

const SIZE = 40 * 1024 * 1024;
writeFileSync(at('sparse'), 'beginning');
truncateSync(at('sparse'), SIZE);

/** Bytes of the disk that a file takes. */
const room = (path: string) => statSync(path).blocks * 512;

async function* chunksOf(path: string, length: number) {
  const whole = readFileSync(path);
  for (let start = 0; start < whole.length; start += length) yield whole.subarray(start, start + length);
}

test.each([1_000_000, 1024 * 1024, 4 * 1024 * 1024 + 1])(
  'a sparse file that is streamed in chunks of %i bytes, or copied, stays sparse and has every byte',
  async (length) => {
    await must(nodeFileSystem.streamToNewFile(at(`streamed-${length}`), chunksOf(at('sparse'), length)));
    const as = { mode: 0o600, fsync: false };
    await must(nodeFileSystem.copyFile(at('sparse'), at(`copied-${length}`), as));
    for (const name of [`copied-${length}`, `streamed-${length}`]) {
      expect(readFileSync(at(name)).equals(readFileSync(at('sparse')))).toBe(true);
      // Whoever gives chunks that are larger than a hole is looked for in gets an ordinary file.
      if (length <= 1024 * 1024 || name.startsWith('copied')) expect(room(at(name))).toBeLessThan(SIZE / 8);
    }
  },
);

test('whatever is written sparsely is what was given, also where a write takes only a part', async () => {
  const piece = fc.record({ zero: fc.boolean(), length: fc.constantFrom(0, 1, 65_535, 65_536, 100_000) });
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 6 }), async (pieces) => {
      const given = pieces.map(({ zero, length }) => Buffer.alloc(length, zero ? 0 : 7));
      let written = Buffer.alloc(0);
      const grow = (size: number) => {
        if (size > written.length) written = Buffer.concat([written, Buffer.alloc(size - written.length)]);
      };
      const writer = sparseWriter({
        write: async (bytes, position) => {
          const count = Math.ceil(bytes.length / 2);
          grow(position + count);
          written.set(bytes.subarray(0, count), position);
          return count;
        },
        truncate: async (size) => grow(size),
      });
      for (const bytes of given) await writer.add(bytes);
      await writer.end();
      expect(written.equals(Buffer.concat(given))).toBe(true);
    }),
    { numRuns: 50 },
  );
});
