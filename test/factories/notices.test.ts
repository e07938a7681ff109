import { expect, test } from 'vitest';
import type { Json } from '../../src/domain/documents/json.js';
import type { PondPath } from '../../src/domain/paths/pond-path.js';
import type { TaskOutcome } from '../../src/domain/plans/task-outcome.js';
import { noticesOf } from '../../src/factories/built-in/notices/notices-of.js';
import type { PostCommitContext } from '../../src/factories/factory.js';
import { postCommitContext } from './contexts.js';

const NOW = Date.UTC(2026, 10, 28, 12) * 1000;

const outcome = (overrides: Partial<TaskOutcome> = {}): TaskOutcome => ({
  task: '42.1',
  configPath: '/etc/system.d/10-validate',
  state: 'failed',
  countsAs: 'failed',
  error: 'one check of /in/a.csv does not hold',
  previousState: 'completed',
  failingSince: NOW - 60_000_000,
  report: null,
  notice: { id: 'pond/10-validate/42.1/begins', of: 'begins' },
  ...overrides,
});

const noticed = (overrides: Partial<PostCommitContext>) =>
  noticesOf(
    postCommitContext({
      task: { parentTxnSeq: 42, executionSeq: 2 },
      changes: [{ kind: 'created', path: '/in/a.csv' as PondPath, entryType: 'file' }],
      ...overrides,
    }),
    NOW,
  );

test('a notice of a failure says what failed, why, since when, after which commit, and what to type', () => {
  const [notice, ...others] = noticed({ outcomes: [outcome()] });
  expect(others).toEqual([]);
  expect(notice?.type).toBe('pond.task.failed');
  expect(notice?.title).toBe('/etc/system.d/10-validate failed after commit 42');
  expect(notice?.text).toBe(
    [
      '/etc/system.d/10-validate: failed',
      'Failing since 2026-11-28 11:59:00 UTC',
      'Error: one check of /in/a.csv does not hold',
      '',
      'Commit 42:',
      'created /in/a.csv',
      '',
      'When its cause is mended, type:',
      'pond control retry 42.1',
      'pond show-post-commit 42',
    ].join('\n'),
  );
  expect(notice?.data).toMatchObject({
    outcome: { task: '42.1', config_path: '/etc/system.d/10-validate', state: 'failed' },
    commands: ['pond control retry 42.1', 'pond show-post-commit 42'],
  });
});

test('each entry that has begun to fail or has recovered has a notice of its own, with the id of its episode', () => {
  const ended = outcome({
    task: '42.3',
    configPath: '/etc/system.d/15-other',
    state: 'completed',
    countsAs: 'completed',
    error: null,
    previousState: 'failed',
    notice: { id: 'pond/15-other/40.3/ends', of: 'ends' },
  });
  const silent = outcome({ configPath: '/etc/system.d/16-silent', notice: null });
  const notices = noticed({ outcomes: [outcome(), ended, silent] });
  expect(notices.map(({ type, title }) => [type, title])).toEqual([
    ['pond.task.failed', '/etc/system.d/10-validate failed after commit 42'],
    ['pond.task.recovered', '/etc/system.d/15-other has recovered with commit 42'],
  ]);
  expect(new Set(notices.map(({ id }) => id)).size).toBe(2);
  expect(notices.map(({ id }) => id)).toEqual(
    noticed({ attempt: 2, outcomes: [outcome(), ended, silent] }).map(({ id }) => id),
  );
  for (const { id } of notices) expect(id).not.toContain('.');
});

test('the checks that failed are told by file, and neither those that passed nor what the error says already', () => {
  const check = (name: string, result: string) => ({
    name,
    result,
    message: `${name}: 3 values, expected 0`,
  });
  const report: Json = {
    failed: 2,
    files: [
      { path: '/in/a.csv', checks: [check('enough rows', 'passed'), check('few nulls', 'failed')] },
      { path: '/in/b.csv', checks: [check('few nulls', 'failed')] },
    ],
  };
  const error = '/in/b.csv: few nulls: 3 values, expected 0';
  const [notice] = noticed({ outcomes: [outcome({ report, error })] });
  expect(notice?.text).toContain('/in/a.csv: few nulls: 3 values, expected 0');
  expect(notice?.text).not.toContain('enough rows');
  expect(notice?.text.split('/in/b.csv: few nulls')).toHaveLength(2);
});

test('a report of another form is shown as it is, and one that is too large for a notice is named', () => {
  const textOf = (report: TaskOutcome['report']) => noticed({ outcomes: [outcome({ report })] })[0];
  expect(textOf({ rows: 5 })?.text).toContain('Report: {"rows":5}');
  expect(textOf('x'.repeat(20_000))?.data).toMatchObject({
    outcome: { report: 'too large for a notice; pond show-post-commit has it' },
  });
});

test('without episodes every failure has a notice, and a commit without failures has one', () => {
  const failed = outcome({ notice: null });
  expect(noticed({ outcomes: [failed, { ...failed, task: '42.3' }] }).map(({ type }) => type)).toEqual([
    'pond.task.failed',
    'pond.task.failed',
  ]);
  const fine = outcome({ notice: null, state: 'completed', countsAs: 'completed', error: null });
  expect(noticed({ outcomes: [fine] }).map(({ type }) => type)).toEqual(['pond.commit']);
});

test('a notice of a commit with many changes is bounded, and says how many there are', () => {
  const changes = Array.from({ length: 5_000 }, (_, n) => ({
    kind: 'created' as const,
    path: `/in/${n}` as PondPath,
    entryType: 'file' as const,
  }));
  const [notice] = noticed({ changes });
  expect(notice?.title).toBe('commit 42 changed 5000 paths');
  expect(notice?.text).toContain('... and 4990 more');
  expect(notice?.data).toMatchObject({ changes_total: 5_000 });
  expect(notice?.data.changes).toHaveLength(100);
});
