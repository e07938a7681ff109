import { expect, test } from 'vitest';
import { type ReadyTask, untakenTasks } from '../../src/control/records/untaken-tasks.js';

const ready = (given: Partial<ReadyTask> = {}): ReadyTask => ({
  parentTxnSeq: 5,
  executionSeq: 1,
  configPath: '/etc/x',
  queue: 'any',
  host: null,
  refusals: [],
  ...given,
});
const worker = (runnerId: string, queues: readonly string[] = ['any'], host = 'a') => ({
  runnerId,
  queues,
  host,
});
const refused = (runnerId: string) => ({ runnerId, reason: 'the factory is not known here' });

test('a task that one live worker may take is not reported, however many refuse it', () => {
  expect(untakenTasks([ready({ refusals: [refused('1')] })], [worker('1'), worker('2')])).toEqual([]);
});

test('a task that every live worker refuses, or that is for a queue or a machine of none of them, is reported with each reason once', () => {
  const workers = [worker('1'), worker('2', ['gpu'])];
  const tasks = [ready({ refusals: [refused('1'), refused('gone')] }), ready({ queue: 'gpu', host: 'b' })];
  expect(untakenTasks(tasks, workers).map(({ reasons }) => reasons)).toEqual([
    ['the factory is not known here', 'it waits in the queue "any" (queue: any)'],
    ['it runs on the machine "b" (host: b)'],
  ]);
});

test('where nobody works, no task is reported as refused', () => {
  expect(untakenTasks([ready()], [])).toEqual([]);
});
