import { right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { expect, test } from 'vitest';
import type { ExecutableFactory, Factory } from '../../../src/factories/factory.js';
import { createMemoryPond } from '../../../src/memory-pond.js';

test('each run that gathers before its transaction has an identity of its own, as its transaction has', async () => {
  const seen: (readonly [string, string])[] = [];
  const gathering: ExecutableFactory<unknown> = {
    name: 'gathering',
    description: 'says who it is',
    kind: 'executable',
    modes: ['InTransactionWriter'],
    config: t.unknown,
    execute: () => TE.right(undefined),
    gather: ({ txnId, idempotencyKey }) => {
      seen.push([txnId, idempotencyKey]);
      return TE.right({
        write: (writer) => async () => {
          seen.push([writer.txnId, writer.idempotencyKey]);
          await writer.fs.write('/seen', Buffer.from(String(seen.length)))();
          return right([]);
        },
      });
    },
  };
  const pond = await createMemoryPond({ factories: [gathering as Factory] });
  await pond.promises.write(({ fs }) =>
    fs.createDynamicPath('/gather', 'file:dynamic', 'gathering', Buffer.from('{}')),
  );
  await pond.promises.run('/gather');
  await pond.promises.run('/gather');
  expect(seen).toHaveLength(4);
  for (const [txnId, key] of seen) {
    expect(txnId).toMatch(/^[0-9a-f-]{36}$/);
    expect(key.endsWith(`/${txnId}`)).toBe(true);
  }
  expect(new Set(seen.map(([, key]) => key)).size).toBe(4);
});
