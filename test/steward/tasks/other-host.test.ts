import { right } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import type { TaskStatus } from '../../../src/control/records/task-status.js';
import { commandFor } from '../../../src/documents/task-ends.js';
import { planJson } from '../../../src/planner/seal-plan.js';
import type { Pond } from '../../../src/steward/pond/pond.js';
import { withPlaces } from '../../../src/steward/tasks/places-of-tasks.js';
import { dynamicNode, planOf } from '../../planner/entries.js';
import { entry, memoryPond, ok } from '../memory-steward.js';
import { aCommit, CHECK, checkAndTell } from '../told.js';

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
  const { tasks } = await pond.on((steward) => steward.incomplete());
  const there = `pond recover --post-commit --txn ${txnSeq} # on the machine elsewhere`;
  expect(tasks.map(commandFor)).toEqual([there, there]);
});

test('a task of a queue that workers take from is left to them by the command that is named', async () => {
  const planned = planOf([
    dynamicNode('a', 'notify', 'factory: notify\nqueue: gpu'),
    dynamicNode('b', 'notify', 'factory: notify\ndepends_on: [a]'),
    dynamicNode('c', 'notify', 'factory: notify'),
  ]);
  const stored = right({ checksum: planned.checksum, plan: planJson(planned) });
  const tasks = [1, 2, 3].map((executionSeq) => ({
    txnId: 'one',
    parentTxnSeq: 4,
    executionSeq,
    state: 'pending',
    notBefore: null,
  })) as unknown as readonly TaskStatus[];
  const commands = async (fleet: object | null) => {
    const pond = {
      fleet,
      control: { planOf: () => async () => stored },
      ports: { host: { hostName: 'here' } },
    };
    return ok(await withPlaces(pond as unknown as Pond, tasks)()).map(commandFor);
  };
  const recover = 'pond recover --post-commit --txn 4';
  const worker = 'pond worker --queues gpu';
  expect(await commands({})).toEqual([worker, worker, recover]);
  expect(await commands(null)).toEqual([recover, recover, recover]);
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
