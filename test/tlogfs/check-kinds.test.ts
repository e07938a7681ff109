import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import type { FileSystem } from '../../src/ports/file-system.js';
import { checkKinds } from '../../src/tlogfs/check/check-kinds.js';
import { tableLayout } from '../../src/tlogfs/table-layout.js';
import { temporaryDataDir } from './table-fixture.js';

/** A table's directories, in which `appear` makes something as soon as they have been listed for the first time. */
const listedBefore = (appear: (blobRoot: string) => void) => {
  const layout = tableLayout(temporaryDataDir());
  for (const directory of [layout.logDir, layout.stagingDir, layout.blobRoot])
    mkdirSync(directory, { recursive: true });
  let isListed = false;
  const files: FileSystem = {
    ...nodeFileSystem,
    readDirectory: (path) => () => {
      const names = nodeFileSystem.readDirectory(path)();
      if (!isListed) appear(layout.blobRoot);
      isListed = true;
      return names;
    },
  };
  return checkKinds({ files, layout, named: (path) => path });
};

it('a directory of blobs that a writer makes meanwhile belongs there', () => {
  expect(listedBefore((blobRoot) => mkdirSync(join(blobRoot, 'ab')))).toEqual([]);
});

it('a file that somebody puts in its place meanwhile does not', () => {
  expect(listedBefore((blobRoot) => writeFileSync(join(blobRoot, 'ab'), 'mine'))).toMatchObject([
    { _tag: 'UnsafeFile', found: 'file' },
  ]);
});
