import { none, some } from 'fp-ts/lib/Option.js';
import { expect, test } from 'vitest';
import { parseTaskId, printTaskId } from '../../src/domain/plans/task-id.js';

test('a task is printed as its commit and its place, and read back', () => {
  const id = { parentTxnSeq: 42, executionSeq: 1 };
  expect(printTaskId(id)).toBe('42.1');
  expect(parseTaskId('42.1')).toEqual(some(id));
  expect(parseTaskId('100.2000')).toEqual(some({ parentTxnSeq: 100, executionSeq: 2000 }));
});

test('nothing else is read as a task', () => {
  const others = [
    '',
    '42',
    '42.',
    '.1',
    '0.1',
    '1.0',
    '042.1',
    '42.01',
    '-1.1',
    '4 2.1',
    ' 42.1',
    '42.1\n',
    '42.1.1',
    '4e1.1',
    '٤.١',
  ];
  for (const text of [...others, `${'9'.repeat(16)}.1`]) expect(parseTaskId(text), text).toEqual(none);
});
