import { describe, expect, test } from 'vitest';
import { type Asking, runVerdict, type WatchedTask } from '../../src/control/tasks/run-verdict.js';

const watched = (state: WatchedTask['state'], rest: Partial<WatchedTask> = {}): WatchedTask => ({
  task: '7.1',
  configPath: '/etc/system.d/10-check',
  state,
  skipCause: null,
  isLate: false,
  isTold: false,
  ...rest,
});

const asked = (runWhen: Asking['runWhen'], ...waitsFor: readonly WatchedTask[]) =>
  runVerdict({ runWhen, ifSuperseded: 'run', supersededBy: null, waitsFor });

const completed = watched('completed');
const failed = watched('failed');
const told = { isTold: true };
const left = watched('skipped', { skipCause: 'run_when' });

describe('what an entry waited for decides whether it runs', () => {
  test.each<readonly [string, Asking['runWhen'], readonly WatchedTask[], string]>([
    ['success: nothing to wait for', 'success', [], 'Run'],
    ['success: all completed', 'success', [completed, completed], 'Run'],
    ['success: one failed', 'success', [completed, failed], 'dependency'],
    ['success: one was dismissed', 'success', [watched('dismissed')], 'dependency'],
    ['success: one was cancelled', 'success', [watched('cancelled')], 'dependency'],
    ['failure: one was cancelled', 'failure', [watched('cancelled')], 'Run'],
    ['change: cancelled', 'change', [watched('cancelled')], 'begins'],
    ['success: one was left out', 'success', [left], 'Run'],
    ['success: one is gone', 'success', [watched('skipped', { skipCause: 'configuration' })], 'Run'],
    ['success: one was superseded', 'success', [watched('skipped', { skipCause: 'superseded' })], 'Run'],
    ['success: nobody knows', 'success', [watched('skipped', { skipCause: 'rebuilt' })], 'dependency'],
    ['failure: nothing to wait for', 'failure', [], 'run_when'],
    ['failure: all completed', 'failure', [completed], 'run_when'],
    ['failure: one failed', 'failure', [completed, failed], 'Run'],
    ['failure: one was undone', 'failure', [watched('rolled_back')], 'Run'],
    ['failure: one was dismissed', 'failure', [watched('dismissed')], 'Run'],
    [
      'failure: skipped for one that failed',
      'failure',
      [watched('skipped', { skipCause: 'dependency' })],
      'Run',
    ],
    ['failure: superseded', 'failure', [watched('skipped', { skipCause: 'superseded' })], 'run_when'],
    ['failure: left out', 'failure', [left], 'run_when'],
    ['always: all completed', 'always', [completed], 'Run'],
    ['always: one failed', 'always', [failed], 'Run'],
    ['always: nothing to wait for', 'always', [], 'Run'],
    ['change: all is well', 'change', [completed], 'run_when'],
    ['change: one begins to fail', 'change', [completed, failed], 'begins'],
    ['change: its failure has been told', 'change', [watched('failed', told)], 'run_when'],
    ['change: it has completed again', 'change', [watched('completed', told)], 'ends'],
    [
      'change: superseded after it failed',
      'change',
      [watched('skipped', { ...told, skipCause: 'superseded' })],
      'ends',
    ],
    ['change: dismissed', 'change', [watched('dismissed')], 'run_when'],
    [
      'change: left out, told before',
      'change',
      [watched('skipped', { ...told, skipCause: 'run_when' })],
      'run_when',
    ],
    ['change: a failure that comes too late', 'change', [watched('failed', { isLate: true })], 'run_when'],
    [
      'change: a recovery that comes too late',
      'change',
      [watched('completed', { ...told, isLate: true })],
      'run_when',
    ],
    ['one is running still', 'always', [completed, watched('started')], 'NotYet'],
    ['one will be tried again', 'failure', [failed, watched('pending')], 'NotYet'],
  ])('%s', (_, runWhen, waitsFor, expected) => {
    const verdict = asked(runWhen, ...waitsFor);
    const seen =
      verdict._tag === 'Skip'
        ? verdict.cause
        : verdict._tag === 'Run'
          ? (verdict.notices[0]?.of ?? 'Run')
          : 'NotYet';
    expect(seen).toBe(expected);
  });

  test('each of several that changed has its own notice', () => {
    expect(
      asked(
        'change',
        watched('failed', { task: '7.1' }),
        watched('completed', { task: '7.2', isTold: true }),
      ),
    ).toEqual({
      _tag: 'Run',
      notices: [
        { task: '7.1', of: 'begins' },
        { task: '7.2', of: 'ends' },
      ],
    });
  });

  test('what a later commit has done is skipped only by who says so', () => {
    const superseded = { runWhen: 'success', supersededBy: '8.1', waitsFor: [] } as const;
    expect(runVerdict({ ...superseded, ifSuperseded: 'skip' })).toEqual({
      _tag: 'Skip',
      cause: 'superseded',
      reason: 'superseded by 8.1',
    });
    expect(runVerdict({ ...superseded, ifSuperseded: 'run' })).toMatchObject({ _tag: 'Run' });
  });
});
