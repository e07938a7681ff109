import { expect, test } from 'vitest';
import { entry, memoryPond } from './memory-steward.js';
import { aCommit, CHECK, checkAndTell } from './told.js';

test('a task of another machine stays pending, what waits for it waits, and all the others run', async () => {
  const pond = await memoryPond();
  const { options, checks } = checkAndTell();
  await pond.on(entry('10-there', `${CHECK}\nhost: elsewhere`), options);
  await pond.on(entry('20-after', `${CHECK}\ndepends_on: [10-there]`), options);
  await pond.on(entry('30-here', `${CHECK}\nhost: MACHINE\nqueue: gpu`), options);
  const { txnSeq } = await pond.on(aCommit(), options);
  const states = async () =>
    (await pond.on((steward) => steward.tasks(txnSeq))).map(({ state, attempts }) => [state, attempts]);
  const waiting = [
    ['pending', 0],
    ['pending', 0],
    ['completed', 1],
  ];
  expect(await states()).toEqual(waiting);
  expect(checks).toEqual([`${txnSeq}.3`]);

  await pond.on((steward) => steward.recover(), options);
  await pond.on((steward) => steward.retry({ txnSeq }), options);
  expect(await states()).toEqual(waiting);
  expect((await pond.on((steward) => steward.fsck())).findings).toMatchObject([
    { _tag: 'TaskUnfinished', task: `${txnSeq}.1` },
    { _tag: 'TaskUnfinished', task: `${txnSeq}.2` },
  ]);
});

test("a recovery with today's configuration runs it where that says", async () => {
  const pond = await memoryPond();
  const { options, checks } = checkAndTell();
  await pond.on(entry('10-there', `${CHECK}\nhost: elsewhere`), options);
  const { txnSeq } = await pond.on(aCommit(), options);
  await pond.on(entry('10-there', CHECK), options);
  await pond.on((steward) => steward.recover({ failed: true }), options);
  expect(checks).toEqual([]);
  await pond.on((steward) => steward.recover({ currentConfig: true, failed: true }), options);
  expect(checks).toEqual([`${txnSeq}.1`]);
});
