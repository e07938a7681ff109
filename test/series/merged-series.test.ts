import { right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { expect, it } from 'vitest';
import { createMemoryFileSystem } from '../../src/adapters/memory/file-system/memory-file-system.js';
import { sha256 } from '../../src/domain/documents/sha256.js';
import { NO_CONTRACT, type SeriesContract } from '../../src/domain/series/series-contract.js';
import type { FileSystem } from '../../src/ports/file-system.js';
import { wholeSeries } from '../../src/series/whole-series.js';
import type { ByteStream } from '../../src/tinyfs/persistence.js';

const MERGED = Buffer.from(parquetWriteBuffer({ columnData: [{ name: 'v', data: [1], type: 'INT32' }] }));

const PLACES = { workspaces: '/queries', merged: '/merged' };

/** Reading of a series of two versions, on a disk where `opening` may happen before a file is opened. */
const reading = (
  opening: (path: string, files: FileSystem) => void,
  seal: (text: string) => string | null = sha256,
  { files } = createMemoryFileSystem(),
) => {
  files.makeDirectories(PLACES.workspaces)();
  let merges = 0;
  const sizes: number[] = [];
  const whole = wholeSeries(
    {
      files: {
        ...files,
        streamFile: (path) => {
          opening(path, files);
          return files.streamFile(path);
        },
      },
      workspaces: { use: (root, use) => use(root) },
      seal,
      queryEngine: {
        session: ([input], _bounds, use) => {
          sizes.push(input?.contents.length ?? 0);
          return use({
            rows: () => TE.right({ columns: [], rows: [] }),
            textByWords: TE.right([]),
            misfits: TE.right([]),
            write: () => async () => {
              merges += 1;
              const file = `${PLACES.workspaces}/${merges}.parquet`;
              files.writeNewFile(file, MERGED)();
              return right({ file, rows: 0, bytes: 6 } as never);
            },
          });
        },
      },
    },
    PLACES,
  );
  const content: ByteStream = {
    async *[Symbol.asyncIterator]() {
      yield Buffer.from('PAR1');
    },
  };
  const part = (version: number) => ({
    version,
    txnSeq: version,
    timestamp: version,
    size: 4,
    sha256: `${version}`.repeat(64),
    minEventTime: null,
    maxEventTime: null,
    content,
  });
  const read = async (versions = 2, contract: Partial<SeriesContract> = {}): Promise<string> => {
    const chunks: Uint8Array[] = [];
    const series = {
      path: '/s',
      contract: { ...NO_CONTRACT, columns: [{ name: 'v', type: 'INTEGER' }], ...contract },
      parts: Array.from({ length: versions }, (_, index) => part(index + 1)),
    };
    for await (const chunk of whole(series)) chunks.push(chunk);
    return Buffer.concat(chunks).equals(MERGED) ? 'merged' : 'something else';
  };
  return { files, read, merges: () => merges, sizes };
};

it('a merged series is kept for the next reader', async () => {
  const { read, merges } = reading(() => undefined);
  expect([await read(), await read(), merges()]).toEqual(['merged', 'merged', 1]);
});

it('a kept file that somebody removes just before it is read is made again', async () => {
  let opened = 0;
  const { read, merges } = reading((path, files) => {
    if (!path.startsWith(PLACES.merged)) return;
    opened += 1;
    // What is small is looked through at once; it is opened to be read.
    if (opened === 2) files.remove(path)();
  });
  expect([await read(), await read(), merges()]).toEqual(['merged', 'merged', 2]);
});

it('a file that is removed right after it was kept is made again, too', async () => {
  let opened = 0;
  const { read, merges } = reading((path, files) => {
    if (!path.startsWith(PLACES.merged)) return;
    opened += 1;
    if (opened === 1) files.remove(path)();
  });
  expect([await read(), merges()]).toEqual(['merged', 2]);
});

it('one more version is merged with what was merged before, as if that were one version', async () => {
  const { read, sizes } = reading(() => undefined);
  await read(3);
  await read(4);
  await read(6);
  expect(sizes).toEqual([3, 2, 3]);
});

it.each<[string, Partial<SeriesContract>]>([
  ['a column has been widened since', { columns: [{ name: 'v', type: 'BIGINT' }] }],
  ['times without a zone are read in one', { timezone: 'Europe/Vienna' }],
  ['columns may be of any type', { schema: 'any' }],
])('every version is merged again where %s', async (_, contract) => {
  const { read, sizes } = reading(() => undefined);
  await read(3, contract);
  await read(4, contract);
  expect(sizes).toEqual([3, 4]);
});

it('what another user has merged is made again, and where no key can be kept nothing is', async () => {
  const disk = createMemoryFileSystem();
  const others = reading(
    () => undefined,
    (text) => sha256(`other ${text}`),
    disk,
  );
  const mine = reading(() => undefined, sha256, disk);
  expect([await others.read(), await mine.read(), await mine.read(), mine.merges()]).toEqual([
    ...['merged', 'merged', 'merged'],
    1,
  ]);
  const keyless = reading(
    () => undefined,
    () => null,
  );
  expect([await keyless.read(), await keyless.read(), keyless.merges()]).toEqual(['merged', 'merged', 2]);
});
