import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { right } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { directoryStore } from '../../src/adapters/stores/directory-store.js';
import { temporaryDirectory } from '../control/table.js';
import { ok } from '../steward/memory-steward.js';

test('a directory as a store makes the directory of its locks as it makes all others, and lets the locks make none', async () => {
  const root = join(temporaryDirectory(), 'store');
  const asked: { readonly isThere: boolean; readonly inExisting: boolean | undefined }[] = [];
  const locks = {
    tryAcquire: (path: string, options?: { readonly inExisting: boolean }) => () => {
      asked.push({ isThere: existsSync(dirname(path)), inExisting: options?.inExisting });
      return right({ release: () => undefined });
    },
  };
  const store = directoryStore({ files: nodeFileSystem, locks, ids: uuidIds }, root, `file://${root}`);
  const { signal } = new AbortController();
  const { etag } = ok(await store.put({ key: 'a', content: Buffer.from('1') }, signal)());
  const condition = { _tag: 'Unchanged', etag } as const;
  ok(await store.put({ key: 'a', content: Buffer.from('2'), condition }, signal)());
  expect(asked).toEqual([{ isThere: true, inExisting: true }]);
});
