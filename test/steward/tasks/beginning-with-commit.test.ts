import { right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import type { ExecutableFactory } from '../../../src/factories/factory.js';
import { entry, memoryPond, ok } from '../memory-steward.js';

/** A factory that notes its attempts, and calls something while they are prepared. */
const noting = (whilePrepared: () => void) => {
  const ran: number[] = [];
  const spans: string[] = [];
  const factory: ExecutableFactory<unknown> = {
    name: 'noting',
    description: 'Notes its attempts.',
    kind: 'executable',
    modes: ['PostCommitReader'],
    config: { decode: (input: unknown) => right(input) },
    prepare: () => {
      whilePrepared();
      return TE.right(undefined);
    },
    execute: ({ attempt, span }) => {
      ran.push(attempt);
      spans.push(span.traceParent);
      return TE.right(undefined);
    },
  };
  return { ran, spans, options: { factories: [factory] } };
};

test('a task that has begun with its commit, and is stopped before it runs, is pending again and runs once', async () => {
  const pond = await memoryPond();
  const stop = new AbortController();
  let stops = false;
  const { ran, options } = noting(() => {
    if (stops) stop.abort();
  });
  await pond.on(entry('10-noting', 'factory: noting'), options);
  ran.length = 0;
  stops = true;
  const outcome = ok(
    await pond.ask(
      (steward) => steward.write(({ fs }) => fs.write('/a', Buffer.from('a')), { signal: stop.signal }),
      options,
    ),
  );
  expect(ran).toEqual([]);
  expect(outcome).toMatchObject({ _tag: 'Committed', tasks: [{ state: 'pending', attempts: 1 }] });
  stops = false;
  const { txnSeq } = outcome;
  expect(await pond.on((steward) => steward.tasks(txnSeq))).toMatchObject([{ state: 'pending' }]);
  await pond.on((steward) => steward.recover(), options);
  expect(ran).toEqual([2]);
  expect(await pond.on((steward) => steward.tasks(txnSeq))).toMatchObject([
    { state: 'completed', attempts: 2 },
  ]);
  expect((await pond.on((steward) => steward.fsck())).findings).toEqual([]);
});

test('a task that waits for another does not begin with their commit, nor does that', async () => {
  const pond = await memoryPond();
  const { options } = noting(() => undefined);
  await pond.on(entry('10-noting', 'factory: noting'), options);
  let written = 0;
  const began = async () => {
    written += 1;
    const { txnSeq } = await pond.on(
      (steward) => steward.write(({ fs }) => fs.write('/a', Buffer.from(`${written}`))),
      options,
    );
    const [pending, started] = (await pond.on((steward) => steward.records({ txnSeq }))).filter(
      ({ recordType }) => recordType === 'post_commit_pending' || recordType === 'post_commit_started',
    );
    return started?.recordType === 'post_commit_started' && pending?.timestamp === started.timestamp;
  };
  expect(await began()).toBe(true);
  await pond.on(entry('20-after', 'factory: noting\ndepends_on: [10-noting]'), options);
  expect(await began()).toBe(false);
});

test('a task that has begun with its commit is told of the span that is recorded, whether anybody records spans or not', async () => {
  const pond = await memoryPond();
  const { spans, options } = noting(() => undefined);
  await pond.on(entry('10-noting', 'factory: noting'), options);
  spans.length = 0;
  const { txnSeq } = await pond.on(
    (steward) => steward.write(({ fs }) => fs.write('/a', Buffer.from('a'))),
    options,
  );
  const started = (await pond.on((steward) => steward.records({ txnSeq }))).filter(
    ({ recordType }) => recordType === 'post_commit_started',
  );
  expect(started.length).toBe(1);
  expect(spans).toEqual(started.map(({ traceParent }) => traceParent));
});
