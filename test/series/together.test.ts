import { isRight } from 'fp-ts/lib/Either.js';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, it } from 'vitest';
import { createMemoryFileSystem } from '../../src/adapters/memory/file-system/memory-file-system.js';
import { sha256 } from '../../src/domain/documents/sha256.js';
import { stitchablePart } from '../../src/parquet/stitched-file.js';
import { joinNewest, together } from '../../src/series/together.js';
import type { ByteStream } from '../../src/tinyfs/persistence.js';
import type { SeriesPart } from '../../src/tinyfs/series-format.js';

const PLACES = { workspaces: '/queries', merged: '/merged' };

const parquet = (name: string, value: number): Buffer =>
  Buffer.from(parquetWriteBuffer({ columnData: [{ name, data: [value], type: 'INT32' }] }));

/** A series whose versions count how often they are read. */
const reading = (seal: (text: string) => string | null = sha256) => {
  const { files } = createMemoryFileSystem();
  files.makeDirectories(PLACES.workspaces)();
  const reads: number[] = [];
  const part = (version: number, bytes = parquet('v', version)): SeriesPart => ({
    version,
    txnSeq: version,
    timestamp: version,
    size: bytes.length,
    sha256: sha256(bytes),
    minEventTime: null,
    maxEventTime: null,
    content: {
      async *[Symbol.asyncIterator]() {
        reads.push(version);
        yield bytes;
      },
    },
  });
  const ports = {
    files,
    seal,
    workspaces: { use: (root: string, use: (space: string) => never) => use(root) },
  };
  return {
    files,
    reads,
    part,
    contents: (parts: readonly SeriesPart[]) => together(ports as never, PLACES, parts),
    joinNewest: (parts: readonly SeriesPart[], newest: number) =>
      joinNewest(ports as never, PLACES, parts, newest),
    kept: () => {
      const names = files.readDirectory(PLACES.merged)();
      return isRight(names) ? names.right : [];
    },
  };
};

const rowsIn = async (contents: readonly ByteStream[]): Promise<readonly number[]> => {
  const rows: number[] = [];
  for (const content of contents) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of content) chunks.push(chunk);
    rows.push(stitchablePart(Buffer.concat(chunks))?.rows ?? -1);
  }
  return rows;
};

const versions = (count: number, part: (version: number) => SeriesPart) =>
  Array.from({ length: count }, (_, index) => part(index + 1));

it('many small versions are a few files, which are not made again of the versions', async () => {
  const { contents, part, reads } = reading();
  const parts = versions(150, part);
  expect(await rowsIn(await contents(parts))).toEqual([64, 64, 22]);
  expect(reads).toHaveLength(150);
  expect(await rowsIn(await contents(parts))).toEqual([64, 64, 22]);
  expect(reads).toHaveLength(150);
});

it('one more version costs that version', async () => {
  const { contents, part, reads } = reading();
  await contents(versions(150, part));
  expect(await rowsIn(await contents(versions(152, part)))).toEqual([64, 64, 22, 1, 1]);
  expect(reads.slice(150)).toEqual([151, 152]);
});

it('versions are what they were where a kept file was changed, or goes before it is read', async () => {
  const { contents, part, files, kept } = reading();
  const parts = versions(20, part);
  await contents(parts);
  const [name = ''] = kept();
  files.remove(`${PLACES.merged}/${name}`)();
  files.writeNewFile(`${PLACES.merged}/${name}`, parquet('v', 7))();
  expect(await rowsIn(await contents(parts))).toEqual([20]);
  const found = await contents(parts);
  for (const one of kept()) files.remove(`${PLACES.merged}/${one}`)();
  expect(await rowsIn(found)).toEqual([20]);
});

it('versions that are joined as they come are read twice at most, and the first who asks reads the last few', async () => {
  const { contents, joinNewest, part, reads, kept } = reading();
  const parts = versions(150, part);
  for (let count = 16; count <= parts.length; count += 16) await joinNewest(parts.slice(0, count), 16);
  expect(reads).toEqual(Array.from({ length: 144 }, (_, index) => index + 1));
  expect(kept()).toHaveLength(3);
  expect(await rowsIn(await contents(parts))).toEqual([64, 64, 16, 1, 1, 1, 1, 1, 1]);
  expect(reads.slice(144)).toEqual([145, 146, 147, 148, 149, 150]);
});

it('only the blocks of what was appended are joined', async () => {
  const { contents, joinNewest, part, reads } = reading();
  const parts = versions(150, part);
  await joinNewest(parts, 3);
  expect(reads).toEqual(Array.from({ length: 22 }, (_, index) => 129 + index));
  expect(await rowsIn(await contents(parts))).toEqual([64, 64, 22]);
});

it('what was joined before is made again of the versions where it was changed', async () => {
  const { contents, joinNewest, part, files, kept } = reading();
  const parts = versions(64, part);
  await joinNewest(parts.slice(0, 48), 16);
  const [name = ''] = kept();
  files.remove(`${PLACES.merged}/${name}`)();
  files.writeNewFile(`${PLACES.merged}/${name}`, parquet('v', 7))();
  await joinNewest(parts, 16);
  expect(await rowsIn(await contents(parts))).toEqual([64]);
});

it('a block has a file for each of its columns; few versions, and large ones, are read one by one', async () => {
  const { contents, part, reads, kept } = reading();
  const changing = versions(40, (version) => part(version, parquet(version > 17 ? 'other' : 'v', version)));
  for (const wanted of [40, 40]) {
    expect(await rowsIn(await contents(changing))).toEqual([17, 23]);
    expect(reads).toHaveLength(wanted);
  }
  const once = versions(20, (version) => part(version, parquet(version === 9 ? 'other' : 'v', version)));
  expect(await rowsIn(await contents(once))).toEqual([8, ...Array(12).fill(1)]);
  const before = kept();
  expect(await rowsIn(await contents(versions(5, part)))).toEqual([1, 1, 1, 1, 1]);
  const large = versions(20, part).map((one) => ({ ...one, content: { ...one.content, file: '/blob' } }));
  expect(await contents(large)).toEqual(large.map(({ content }) => content));
  expect(kept()).toEqual(before);
});

it('nothing is kept where no key can be', async () => {
  const { contents, part, kept } = reading(() => null);
  expect(await rowsIn(await contents(versions(20, part)))).toEqual(Array(20).fill(1));
  expect(kept()).toEqual([]);
});
