import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { expect, onTestFinished, test } from 'vitest';
import { exactType } from '../../src/domain/documents/exact-type.js';
import type { ExecutableFactory } from '../../src/factories/factory.js';
import { createMemoryPond } from '../../src/memory-pond.js';
import { httpReceiver } from '../support/receivers/http-receiver.js';

/** Commits between which the check fails: from the first number on, and well again from the second. */
const EPISODES = [
  [10, 11],
  [50, 250],
  [251, 252],
  [400, 401],
  [402, 900],
] as const;

/** Milliseconds; on two cores with nothing else to do a tenth of it is enough. */
const LONG = 600_000;

const COMMITS = 1_000;
const isFailing = (commit: number) => EPISODES.some(([from, to]) => commit >= from && commit < to);

test('of a thousand commits there is one notice for each time that a check began to fail, and one for each recovery', {
  timeout: LONG,
}, async () => {
  const server = await httpReceiver();
  onTestFinished(server.close);
  let commit = 0;
  const check: ExecutableFactory<object> = {
    name: 'check',
    description: 'Fails while it is told to.',
    kind: 'executable',
    modes: ['PostCommitReader'],
    config: exactType('check configuration', {}, { note: t.string }),
    execute: ({ path }) =>
      isFailing(commit)
        ? TE.left({ _tag: 'FactoryFailed', path, factory: 'check', message: `bad at ${commit}` })
        : TE.right(undefined),
  };
  const pond = await createMemoryPond({ factories: [check] });
  const entry = (factory: string, envelope: object) => Buffer.from(JSON.stringify({ factory, ...envelope }));
  await pond.promises.write(async ({ fs }) => {
    const make = (name: string, factory: string, envelope: object) =>
      fs.createDynamicPath(`/etc/system.d/${name}`, 'file:dynamic', factory, entry(factory, envelope));
    await make('10-check', 'check', { config: {} });
    await make('20-tell', 'webhook', {
      depends_on: '10-check',
      config: { url: server.url, format: 'raw', body: '{{type}} {{outcome.error}}' },
    });
  });
  for (commit = 1; commit <= COMMITS; commit++)
    await pond.promises.write(({ fs }) => fs.write('/state', Buffer.from(String(commit))));

  expect(server.requests().map(({ body }) => body)).toEqual(
    EPISODES.flatMap(([from]) => [
      expect.stringMatching(new RegExp(`^pond\\.task\\.failed .*bad at ${from}$`)),
      expect.stringMatching(/^pond\.task\.recovered/),
    ]),
  );
  const ids = server.requests().map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids).size).toBe(2 * EPISODES.length);
});
