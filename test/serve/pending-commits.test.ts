import { expect, test } from 'vitest';
import type { TaskStatus } from '../../src/control/records/task-status.js';
import { nextBeginning, pendingCommits, type UnfinishedTask } from '../../src/serve/tasks/pending-commits.js';

const NOW = 1_000;

const task = (id: string, configPath: string, parts: Partial<UnfinishedTask> = {}): UnfinishedTask => {
  const [parentTxnSeq = 0, executionSeq = 0] = id.split('.').map(Number);
  const status = {
    parentTxnSeq,
    executionSeq,
    txnId: String(parentTxnSeq),
    configPath,
    state: 'pending',
    attempts: 0,
    notBefore: null,
  };
  return { ...(status as TaskStatus), runner: null, ...parts };
};

const chosen = (tasks: readonly UnfinishedTask[], running: readonly number[] = []) =>
  pendingCommits(tasks, new Set(running.map(String)), NOW).map(({ txnSeq }) => txnSeq);

test('commits of different entries are run side by side, those of one entry in their order', () => {
  expect(chosen([task('3.1', '/a'), task('4.1', '/a'), task('4.2', '/b'), task('5.1', '/c')])).toEqual([
    3, 5,
  ]);
});

test('a commit that waits for its turn keeps the later ones of its entries waiting', () => {
  const held = { runner: {} };
  expect(chosen([task('3.1', '/a', held), task('4.1', '/a'), task('4.2', '/b'), task('5.1', '/b')])).toEqual(
    [],
  );
  expect(chosen([task('3.1', '/a'), task('4.1', '/b'), task('4.2', '/a'), task('5.1', '/b')], [3])).toEqual(
    [],
  );
});

test('a task whose time has not come keeps nobody waiting, and is named as what comes next', () => {
  const later = task('3.1', '/a', { notBefore: NOW + 1 });
  expect(chosen([later, task('4.1', '/a')])).toEqual([4]);
  expect(nextBeginning([later, task('4.1', '/a')], NOW)).toBe(NOW + 1);
  expect(chosen([task('3.1', '/a', { notBefore: NOW })])).toEqual([3]);
});

test('what is known of a commit changes with anything about its unfinished tasks', () => {
  const markOf = (tasks: readonly UnfinishedTask[]) => pendingCommits(tasks, new Set(), NOW)[0]?.mark;
  const waiting = task('3.2', '/b', { notBefore: NOW + 1 });
  const both = markOf([task('3.1', '/a'), waiting]);
  expect(markOf([task('3.1', '/a')])).not.toBe(both);
  expect(markOf([task('3.1', '/a', { attempts: 1 }), waiting])).not.toBe(both);
  expect(markOf([task('3.1', '/a'), { ...waiting, notBefore: NOW }])).not.toBe(both);
});
