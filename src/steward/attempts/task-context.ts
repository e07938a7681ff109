import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Condition } from '../../domain/plans/condition.js';
import { EXECUTION_MODES } from '../../domain/plans/execution-mode.js';
import { printTaskId, type TaskId } from '../../domain/plans/task-id.js';
import type { Change } from '../../domain/tree/change.js';
import type { FactoryContext } from '../../factories/factory.js';
import { factorySpan } from '../../factories/factory-span.js';
import type { Span } from '../../ports/telemetry.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';
import type { Pond } from '../pond/pond.js';
import { queryForFactory } from '../pond/query-pond.js';
import { originOf } from './group-origin.js';
import { type CommitOfTasks, type RunTask, taskLogger } from './run-task.js';

/** One attempt of a task. */
export interface Attempt {
  readonly commit: CommitOfTasks;
  readonly changes: readonly Change[];
  readonly relevant: (condition: Condition | null) => readonly Change[];
  readonly signal: AbortSignal;
  readonly task: RunTask;
  readonly attempt: number;
  /** The span in which it is prepared. */
  readonly span: Span;
}

const taskIdOf = ({ parentTxnSeq, executionSeq, firing }: TaskId): TaskId => ({
  parentTxnSeq,
  executionSeq,
  ...(firing === undefined ? {} : { firing }),
});

/** Context that the task's factory is handed. */
export const contextOf = (
  pond: Pond,
  { commit, changes, signal, attempt, task: running, span }: Attempt,
  fs: PondReader,
  relevant: readonly Change[],
): FactoryContext => {
  const { claim, entry } = running;
  const task = printTaskId(claim);
  return {
    mode: 'PostCommitReader',
    isWriter: EXECUTION_MODES.PostCommitReader.isWriter,
    isPostCommit: EXECUTION_MODES.PostCommitReader.isPostCommit,
    description:
      commit.firing === undefined
        ? `${entry.path} after commit ${commit.txnSeq} (task ${task}, attempt ${attempt}, read-only)`
        : `${entry.path} for ${commit.firing}, at commit ${commit.txnSeq} (attempt ${attempt}, read-only)`,
    path: entry.path,
    nodeId: entry.nodeId,
    pondId: pond.tlog.pondId,
    txnSeq: commit.txnSeq,
    dataFsVersion: commit.dataFsVersion,
    txnId: commit.txnId,
    changes,
    relevantChanges: relevant,
    task: taskIdOf(claim),
    attempt,
    idempotencyKey: [
      pond.tlog.pondId,
      ...(commit.incarnation === null ? [] : [commit.incarnation]),
      task,
    ].join('/'),
    supersededBy: null,
    outcomes: [],
    report: () => undefined,
    args: [],
    signal,
    log: taskLogger(pond, running, attempt, span),
    span: factorySpan(span),
    fs,
    query: queryForFactory(pond, fs, { path: entry.path, factory: entry.nodeFactory ?? '', signal }),
    recordProcessGroup: (group) =>
      pipe(
        pond.control.recordGroup(claim, group, originOf(pond, claim, group)),
        TE.mapLeft(({ _tag }) => ({
          _tag: 'FactoryFailed',
          path: entry.path,
          factory: entry.nodeFactory ?? '',
          message: `the process group could not be recorded (${_tag}), so the program was not started`,
        })),
      ),
  };
};
