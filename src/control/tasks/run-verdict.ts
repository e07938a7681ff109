import type { IfSuperseded, RunWhen } from '../../domain/plans/run-when.js';
import type { Notice } from '../../domain/plans/task-outcome.js';
import type { SkipCause, TaskStatus } from '../records/task-status.js';
import { countsAs, satisfies } from './counts-as.js';

/** A task that another one waits for, as far as that decides whether the other one runs. */
export interface WatchedTask extends Pick<TaskStatus, 'state' | 'skipCause' | 'configPath'> {
  /** `42.1`. */
  readonly task: string;
  /** A later commit's task of the same entry that has ended: this one comes too late to change anything. */
  readonly isLate: boolean;
  /** Tells whether the one that waits has told that the entry fails, and not yet that it has completed again. */
  readonly isTold: boolean;
}

/** All that decides it. */
export interface Asking {
  readonly runWhen: RunWhen;
  readonly ifSuperseded: IfSuperseded;
  /** A later commit's task of the same entry that has completed, `43.1`. */
  readonly supersededBy: string | null;
  readonly waitsFor: readonly WatchedTask[];
}

/** Verdict that is due about a task that is watched. */
export interface DueNotice {
  readonly task: string;
  readonly of: Notice['of'];
}

export type RunVerdict =
  | { readonly _tag: 'Run'; readonly notices: readonly DueNotice[] }
  | { readonly _tag: 'NotYet'; readonly task: string }
  | { readonly _tag: 'Skip'; readonly cause: SkipCause; readonly reason: string };

/**
 * Tells whether a task runs now that its turn has come, and with `change` what it has to tell. What the tasks that it waits
 * for came to is all that counts: the same states always give the same verdict.
 */
export const runVerdict = (asking: Asking): RunVerdict => {
  const { runWhen, ifSuperseded, supersededBy, waitsFor } = asking;
  if (ifSuperseded === 'skip' && supersededBy !== null)
    return skip('superseded', `superseded by ${supersededBy}`);
  const open = waitsFor.find((watched) => countsAs(watched) === null);
  if (open !== undefined) return { _tag: 'NotYet', task: open.task };
  switch (runWhen) {
    case 'success':
      return onSuccess(waitsFor);
    case 'failure':
      return waitsFor.some((watched) => countsAs(watched) === 'failed')
        ? RUN
        : skip('run_when', 'run_when: failure, and nothing that it waited for has failed');
    case 'change':
      return onChange(waitsFor);
    case 'always':
      return RUN;
  }
};

const RUN: RunVerdict = { _tag: 'Run', notices: [] };

const skip = (cause: SkipCause, reason: string): RunVerdict => ({ _tag: 'Skip', cause, reason });

const onSuccess = (waitsFor: readonly WatchedTask[]): RunVerdict => {
  const blocking = waitsFor.find((watched) => !satisfies(watched));
  return blocking === undefined
    ? RUN
    : skip(
        'dependency',
        `skipped: it depends on ${blocking.configPath} (${blocking.task}), which ${fateOf(blocking)}`,
      );
};

const fateOf = ({ state }: WatchedTask): string =>
  state === 'skipped' || state === 'dismissed' || state === 'cancelled' ? `was ${state}` : 'failed';

const onChange = (waitsFor: readonly WatchedTask[]): RunVerdict => {
  const notices = waitsFor.flatMap((watched): readonly DueNotice[] => {
    const of = noticeDue(watched);
    return of === null ? [] : [{ task: watched.task, of }];
  });
  if (notices.length > 0) return { _tag: 'Run', notices };
  const late = waitsFor.find(({ isLate }) => isLate);
  return skip(
    'run_when',
    late === undefined
      ? 'run_when: change, and nothing that it waited for has changed'
      : `run_when: change, and a later commit's task of ${late.configPath} has ended already`,
  );
};

/** A failure that somebody has dismissed is settled: nobody is told of it. A cancelled task is told of, like one that timed out. */
const noticeDue = (watched: WatchedTask): Notice['of'] | null => {
  if (watched.isLate) return null;
  switch (countsAs(watched)) {
    case 'failed':
      return watched.isTold || watched.state === 'dismissed' ? null : 'begins';
    case 'completed':
      return watched.isTold ? 'ends' : null;
    default:
      return null;
  }
};
