import { right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import { createMemoryFileSystem } from '../../src/adapters/memory/memory-file-system.js';
import { NO_CONTRACT } from '../../src/domain/series/series-contract.js';
import type { FileSystem } from '../../src/ports/file-system.js';
import { wholeSeries } from '../../src/series/whole-series.js';
import type { ByteStream } from '../../src/tinyfs/persistence.js';

const PLACES = { workspaces: '/queries', merged: '/merged' };

/** Reading of a series of two versions, on a disk where `opening` may happen before a file is opened. */
const reading = (opening: (path: string, files: FileSystem) => void) => {
  const { files } = createMemoryFileSystem();
  files.makeDirectories(PLACES.workspaces)();
  let merges = 0;
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
      queryEngine: {
        session: (_inputs, _bounds, use) =>
          use({
            rows: () => TE.right({ columns: [], rows: [] }),
            write: () => async () => {
              merges += 1;
              const file = `${PLACES.workspaces}/${merges}.parquet`;
              files.writeNewFile(file, Buffer.from('merged'))();
              return right({ file, rows: 0, bytes: 6 } as never);
            },
          }),
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
    ...{ version, txnSeq: version, timestamp: version, size: 4, sha256: `${version}`.repeat(64) },
    ...{ minEventTime: null, maxEventTime: null, content },
  });
  const read = async (): Promise<string> => {
    const chunks: Uint8Array[] = [];
    const contract = { ...NO_CONTRACT, columns: [] };
    for await (const chunk of whole({ path: '/s', contract, parts: [part(1), part(2)] })) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  };
  return { files, read, merges: () => merges };
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
    // It is looked through for its digest, then opened to be read.
    if (opened === 3) files.remove(path)();
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
