import { AsyncResource } from 'node:async_hooks';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import type { Steward } from '../../../src/steward/steward.js';
import type { PondWriter } from '../../../src/tinyfs/tinyfs.js';
import { POND } from '../../power-loss/protocols.js';
import { addingTask, endsOf, exists, memoryPond, ok, writing } from '../memory-steward.js';

test('a body that fails leaves nothing but its record, and uses up no number', async () => {
  const pond = await memoryPond();
  const answer = await pond.ask((steward) =>
    steward.write(({ fs }) =>
      TE.flatMap(() => TE.left({ _tag: 'Interrupted' as const, call: 'the body' }))(fs.mkdirAll('/gone')),
    ),
  );
  expect(answer).toEqual({ _tag: 'Left', left: { _tag: 'Interrupted', call: 'the body' } });
  expect(await pond.on(exists('/gone'))).toBe(false);
  expect(await pond.on(writing('/in/a'))).toMatchObject({ _tag: 'Committed', txnSeq: 2 });
  expect(await endsOf(pond)).toEqual(['1 committed', '2 failed', '2 committed']);
});

test('a body that throws is an error as data', async () => {
  const pond = await memoryPond();
  const answer = await pond.ask((steward) =>
    steward.write(() => {
      throw new Error('of the body');
    }),
  );
  expect(answer).toMatchObject({ _tag: 'Left', left: { _tag: 'BodyThrew', message: 'of the body' } });
});

test('a body that does not await what it calls commits nothing, and is told which call that was', async () => {
  const pond = await memoryPond();
  const answer = await pond.ask((steward) =>
    steward.write(({ fs }) =>
      TE.fromIO(() => {
        void fs.write('/forgotten', Buffer.from('1'))();
      }),
    ),
  );
  expect(answer).toEqual({
    _tag: 'Left',
    left: { _tag: 'CallsNotAwaited', calls: ['write /forgotten'] },
  });
  expect(await pond.on(exists('/forgotten'))).toBe(false);
});

test('a filesystem of a write is refused once its body has ended, in another working directory, too', async () => {
  const pond = await memoryPond();
  await pond.on((steward) =>
    TE.flatMap(([fs, below]: readonly [PondWriter, PondWriter]) =>
      TE.fromTask(async () => {
        expect(await fs.write('/late', Buffer.from('1'))()).toEqual({
          _tag: 'Left',
          left: { _tag: 'TransactionEnded', call: 'write', path: '/late' },
        });
        expect(await below.mkdir('late')()).toMatchObject({ left: { _tag: 'TransactionEnded' } });
      }),
    )(
      TE.map(({ value }: { readonly value: readonly [PondWriter, PondWriter] }) => value)(
        steward.write(({ fs }) =>
          TE.map((below: PondWriter) => [fs, below] as const)(fs.withWorkingDirectory('/etc')),
        ),
      ),
    ),
  );
  expect(await pond.on(exists('/late'))).toBe(false);
});

test('a closed pond refuses every call, and what had not ended fails likewise', async () => {
  const pond = await memoryPond();
  const steward = ok(await pond.program().open(POND, { trust: 'all' })());
  const inTheMiddle = await steward.write(() =>
    TE.map(() => undefined)(TE.rightTask(async () => steward.close()())),
  )();
  expect(inTheMiddle).toMatchObject({ left: { _tag: 'PondClosed', call: 'write' } });
  expect(await steward.status()()).toEqual({
    _tag: 'Left',
    left: { _tag: 'PondClosed', directory: POND, call: 'status' },
  });
  expect(await steward.close()()).toEqual({ _tag: 'Right', right: undefined });
});

test('a write that changes nothing makes no commit', async () => {
  const pond = await memoryPond();
  const outcome = await pond.on((steward) => steward.write(({ fs }) => fs.mkdirAll('/etc/system.d')));
  expect(outcome).toMatchObject({ _tag: 'Unchanged', txnSeq: 1 });
  expect((await pond.on((steward) => steward.status())).lastTxnSeq).toBe(1);
});

test('a write that is aborted before its commit point has not happened', async () => {
  const pond = await memoryPond();
  const ending = new AbortController();
  const answer = await pond.ask((steward) =>
    steward.write(
      ({ fs }) => {
        ending.abort();
        return fs.mkdirAll('/gone');
      },
      { signal: ending.signal },
    ),
  );
  expect(answer).toMatchObject({ _tag: 'Left', left: { _tag: 'Interrupted' } });
  expect(await pond.on(exists('/gone'))).toBe(false);
});

test('a failed task does not stop the next, and is not a failure of the write', async () => {
  const pond = await memoryPond();
  await pond.on(addingTask('10-fails', { message: 'no', fail: true }));
  await pond.on(addingTask('20-ok', { message: 'yes' }));
  const outcome = await pond.on(writing('/in/a'));
  expect(outcome).toMatchObject({
    _tag: 'Committed',
    recorded: true,
    durability: 'durable',
    tasks: [
      { configPath: '/etc/system.d/10-fails', state: 'failed', attempts: 1 },
      { configPath: '/etc/system.d/20-ok', state: 'completed', attempts: 1 },
    ],
  });
});

test('a write for which the work after it is suppressed runs none of its tasks', async () => {
  const pond = await memoryPond();
  await pond.on(addingTask('10-ok', { message: 'yes' }));
  const outcome = await pond.on(writing('/in/a'), { postCommit: 'suppress' });
  expect(outcome).toMatchObject({ _tag: 'Committed', suppressed: 'no-post-commit', tasks: [] });
});

test('a single write can be the one after which nothing runs; that is recorded, and the next one runs its tasks', async () => {
  const pond = await memoryPond();
  await pond.on(addingTask('10-ok', { message: 'yes' }));
  const quiet = await pond.on((steward) =>
    steward.write(({ fs }) => fs.write('/a', Buffer.from('a')), { postCommit: false }),
  );
  expect(quiet).toMatchObject({ _tag: 'Committed', txnSeq: 3, suppressed: 'no-post-commit', tasks: [] });
  expect(await pond.on((steward) => steward.plan(3))).toMatchObject({
    plan: { tasks: [], skipped: [{ reason: { _tag: 'Suppressed', by: 'no-post-commit' } }] },
  });
  expect(await pond.on((steward) => steward.recover())).toMatchObject({ tasks: [] });
  expect(await pond.on(writing('/in/b'))).toMatchObject({
    suppressed: null,
    tasks: [{ configPath: '/etc/system.d/10-ok', state: 'completed' }],
  });
});

test('a write cannot run what is suppressed for the whole pond', async () => {
  const pond = await memoryPond();
  await pond.on(addingTask('10-ok', { message: 'yes' }));
  const outcome = await pond.on(
    (steward) => steward.write(({ fs }) => fs.write('/a', Buffer.from('a')), { postCommit: true }),
    { postCommit: 'suppress' },
  );
  expect(outcome).toMatchObject({ suppressed: 'no-post-commit', tasks: [] });
});

test('a second writer is told after its wait that the pond is locked, one inside the first at once', async () => {
  const pond = await memoryPond();
  const answers: unknown[] = [];
  const second = async (steward: Steward) => answers.push(await writing('/in/second')(steward)());
  await pond.on(
    (steward) => {
      // Begun outside of the first write, though it goes on inside.
      const beside = AsyncResource.bind(() => second(steward));
      return steward.write(({ fs }) =>
        TE.flatMap(() =>
          TE.fromTask(async () => {
            await beside();
            await second(steward);
          }),
        )(fs.mkdirAll('/first')),
      );
    },
    { lockTimeoutMs: 0 },
  );
  expect(answers).toMatchObject([
    { _tag: 'Left', left: { _tag: 'PondLocked' } },
    { _tag: 'Left', left: { _tag: 'RefusedInsideWrite' } },
  ]);
  expect(await pond.on(exists('/in/second'))).toBe(false);
});

test('a write that the table refuses stands once, as failed, and leaves nothing to recover', async () => {
  const pond = await memoryPond();
  const protocol = { minReaderVersion: 1, minWriterVersion: 3 };
  const { onlooker } = pond.machine().disk;
  const entryOfAnother = `${POND}/data/_delta_log/00000000000000000001.json`;
  ok(onlooker.writeNewFile(entryOfAnother, Buffer.from(JSON.stringify({ protocol })))());
  const refused = { left: { _tag: 'UnsupportedTable', problem: 'it needs writer version 3, this is 2' } };
  expect(await pond.ask(writing('/in/a'))).toMatchObject(refused);
  expect(await endsOf(pond)).toEqual(['1 committed', '2 failed']);
  expect((await pond.on((steward) => steward.incomplete())).transactions).toEqual([]);
});
