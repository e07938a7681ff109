import { expect, test } from 'vitest';
import { createMemoryFileSystem } from '../../src/adapters/memory/memory-file-system.js';
import { recordingLogger } from '../../src/adapters/memory/recording-logger.js';
import { settableClock } from '../../src/adapters/memory/settable-clock.js';
import { taskOutputs } from '../../src/steward/output/task-outputs.js';
import { ok } from './memory-steward.js';

const TASK = { parentTxnSeq: 3, executionSeq: 1 };

/** What processes keep, one after the other, of what attempts of tasks say. */
const processes = () => {
  const { files, logs } = createMemoryFileSystem();
  const logger = recordingLogger();
  const process = () =>
    taskOutputs({ files, logs, clock: settableClock().clock, logger: logger.logger }, '/output');
  return { process, logger };
};

test('lines of an attempt that another process began are counted on', () => {
  const { process, logger } = processes();
  const first = process();
  first.keeping(TASK, 1).log('info', 'one');
  first.flush(TASK, 1);
  const second = process();
  second.keeping(TASK, 1).log('info', 'two');
  second.keeping(TASK, 1).log('info', 'three');
  second.flush(TASK, 1);
  expect(ok(second.lines(TASK, 1)).map(({ number, event }) => [number, event])).toEqual([
    [1, 'one'],
    [2, 'two'],
    [3, 'three'],
  ]);
  expect(logger.lines).toEqual([]);
});

test('an attempt that says nothing has no file', () => {
  const { process } = processes();
  const outputs = process();
  outputs.keeping(TASK, 1);
  outputs.flush(TASK, 1);
  expect(ok(outputs.attempts(TASK))).toEqual([]);
});
