import { describe, expect, test } from 'vitest';
import { createMemoryFileSystem } from '../../../src/adapters/memory/file-system/memory-file-system.js';
import { recordingLogger } from '../../../src/adapters/memory/recording-logger.js';
import { settableClock } from '../../../src/adapters/memory/settable-clock.js';
import { joinedLines, readOutputLines } from '../../../src/steward/output/output-text.js';
import { taskOutputs } from '../../../src/steward/output/task-outputs.js';
import type { OutputLine } from '../../../src/steward/shapes/output-line.js';
import { ok } from '../memory-steward.js';

const TASK = { parentTxnSeq: 3, executionSeq: 1 };

/** What processes keep, one after the other, of what attempts of tasks say. */
const processes = ({ hasManyMachines = false } = {}) => {
  const { files, logs } = createMemoryFileSystem();
  const logger = recordingLogger();
  const process = () =>
    taskOutputs({ files, logs, clock: settableClock().clock, logger: logger.logger }, '/output', {
      hasManyMachines,
    });
  return { process, logger };
};

const numbered = (lines: readonly OutputLine[]) => lines.map(({ number, event }) => [number, event]);
const read = (text: string) => numbered(readOutputLines(Buffer.from(text)));

test('lines of an attempt that another process began are counted on', () => {
  const { process, logger } = processes();
  const first = process();
  first.keeping(TASK, 1).log('info', 'one');
  first.flush(TASK, 1);
  const second = process();
  second.keeping(TASK, 1).log('info', 'two');
  second.keeping(TASK, 1).log('info', 'three');
  second.flush(TASK, 1);
  expect(numbered(ok(second.lines(TASK, 1, null)))).toEqual([
    [1, 'one'],
    [2, 'two'],
    [3, 'three'],
  ]);
  expect(logger.lines).toEqual([]);
});

test('an attempt that says nothing has no file, and nothing to be recorded', () => {
  const { process } = processes();
  const outputs = process();
  outputs.keeping(TASK, 1);
  outputs.flush(TASK, 1);
  expect(outputs.take(TASK, 1)).toBeNull();
  expect(ok(outputs.attempts(TASK))).toEqual([]);
});

describe('what an attempt says before it ends', () => {
  test('is recorded with its end, and no file is made', () => {
    const outputs = processes().process();
    outputs.keeping(TASK, 1).log('info', 'one');
    outputs.keeping(TASK, 1).log('info', 'two');
    const taken = outputs.take(TASK, 1);
    if (taken === null) throw new Error('nothing was taken');
    expect(read(taken.lines)).toEqual([
      [1, 'one'],
      [2, 'two'],
    ]);
    outputs.settle(TASK, 1, taken, { isRecorded: true });
    expect(ok(outputs.attempts(TASK))).toEqual([]);
  });

  test('is in a file where its end could not be recorded', () => {
    const outputs = processes().process();
    outputs.keeping(TASK, 1).log('info', 'one');
    const taken = outputs.take(TASK, 1);
    if (taken === null) throw new Error('nothing was taken');
    outputs.settle(TASK, 1, taken, { isRecorded: false });
    expect(numbered(ok(outputs.lines(TASK, 1, null)))).toEqual([[1, 'one']]);
  });

  test('stays in its file where some of it is there already', () => {
    const outputs = processes().process();
    outputs.keeping(TASK, 1).log('info', 'long', { line: 'x'.repeat(9_000) });
    outputs.keeping(TASK, 1).log('info', 'longer', { line: 'x'.repeat(9_000) });
    outputs.keeping(TASK, 1).log('info', 'last');
    expect(outputs.take(TASK, 1)).toBeNull();
    expect(numbered(ok(outputs.lines(TASK, 1, null)))).toEqual([
      [1, 'long'],
      [2, 'longer'],
      [3, 'last'],
    ]);
  });

  test('is recorded from its file where other machines look for it, which is then gone', () => {
    const outputs = processes({ hasManyMachines: true }).process();
    outputs.keeping(TASK, 1).log('info', 'long', { line: 'x'.repeat(9_000) });
    outputs.keeping(TASK, 1).log('info', 'longer', { line: 'x'.repeat(9_000) });
    outputs.keeping(TASK, 1).log('info', 'last');
    const taken = outputs.take(TASK, 1);
    if (taken === null) throw new Error('nothing was taken');
    expect(taken.isInFile).toBe(true);
    expect(read(taken.lines).map(([, event]) => event)).toEqual(['long', 'longer', 'last']);
    outputs.settle(TASK, 1, taken, { isRecorded: false });
    expect(ok(outputs.lines(TASK, 1, null))).toHaveLength(3);
    outputs.settle(TASK, 1, taken, { isRecorded: true });
    expect(ok(outputs.attempts(TASK))).toEqual([]);
  });
});

test('lines in two places are in the order in which they were said, and counted on', () => {
  const line = (number: number, time: number, event: string): OutputLine => ({
    number,
    time,
    level: 'info',
    event,
    fields: {},
  });
  const earlier = [line(1, 10, 'a'), line(2, 20, 'b')];
  const later = [line(1, 30, 'c')];
  const together = [
    [1, 'a'],
    [2, 'b'],
    [3, 'c'],
  ];
  expect(numbered(joinedLines(earlier, later))).toEqual(together);
  expect(numbered(joinedLines(later, earlier))).toEqual(together);
  expect(numbered(joinedLines([], later))).toEqual([[1, 'c']]);
  expect(numbered(joinedLines(earlier, []))).toEqual(together.slice(0, 2));
});
