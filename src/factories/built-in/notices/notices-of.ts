import { createHash } from 'node:crypto';
import type { JsonObject } from '../../../domain/documents/json.js';
import { printTaskId } from '../../../domain/plans/task-id.js';
import type { TaskOutcome } from '../../../domain/plans/task-outcome.js';
import type { Change } from '../../../domain/tree/change.js';
import type { FactoryContext } from '../../factory.js';
import { cutTo } from './escapes.js';
import type { Notice } from './notice.js';
import { changeLines, commitTitle, outcomeLines } from './notice-words.js';

/** Changes that are told one by one. */
const MOST_CHANGES = 100;
const LONGEST_ERROR = 4_096;
/** Bytes of a report that go out with a notice. */
const LARGEST_REPORT = 16 * 1024;

/**
 * Notices of a run of a notifier. Of entries that have begun to fail or have recovered (`run_when: change`) each has
 * a notice of its own, with the id of its episode; else each that failed has one; else there is one about the commit.
 */
export const noticesOf = (context: FactoryContext, nowMicros: number): readonly Notice[] => {
  const timestamp = new Date(nowMicros / 1000).toISOString();
  if (context.task === null) return [testNotice(context, timestamp)];
  const due = context.outcomes.flatMap((outcome) =>
    outcome.notice === null
      ? []
      : [
          outcomeNotice(context, timestamp, outcome, {
            id: idOf(outcome.notice.id),
            isFailure: outcome.notice.of === 'begins',
          }),
        ],
  );
  if (due.length > 0) return due;
  const failed = context.outcomes.filter(({ countsAs }) => countsAs === 'failed');
  return failed.length === 0
    ? [commitNotice(context, timestamp)]
    : failed.map((outcome) =>
        outcomeNotice(context, timestamp, outcome, {
          id: idOf(context.idempotencyKey, outcome.task),
          isFailure: true,
        }),
      );
};

const testNotice = (context: FactoryContext, timestamp: string): Notice => ({
  id: idOf(context.idempotencyKey, 'test'),
  type: 'pond.test',
  timestamp,
  title: `a test of ${context.path}`,
  text: lines([
    `This is a test of ${context.path}: nothing has happened.`,
    `The pond ${context.pondId} is at commit ${context.txnSeq}.`,
  ]),
  data: common(context),
});

const commitNotice = (context: FactoryContext, timestamp: string): Notice => ({
  id: idOf(context.idempotencyKey, 'commit'),
  type: 'pond.commit',
  timestamp,
  title: commitTitle(context.txnSeq, context.changes),
  text: lines([
    `Commit ${context.txnSeq}:`,
    ...changeLines(context.changes),
    '',
    `To see it: pond show-post-commit ${context.txnSeq}`,
  ]),
  data: { ...common(context), commands: [`pond show-post-commit ${context.txnSeq}`] },
});

const common = (context: FactoryContext): JsonObject => ({
  pond: { id: context.pondId },
  commit: { txn_seq: context.txnSeq, data_fs_version: context.dataFsVersion },
  notifier: {
    task: context.task === null ? null : printTaskId(context.task),
    config_path: context.path,
    superseded_by: context.supersededBy,
  },
  changes: context.changes.slice(0, MOST_CHANGES).map(changeData),
  changes_total: context.changes.length,
});

const changeData = (change: Change): JsonObject => ({
  kind: change.kind,
  path: change.path,
  ...(change.kind === 'renamed' ? { from: change.from } : {}),
  entry_type: change.entryType,
});

const lines = (all: readonly string[]): string => all.join('\n');

/** No full stop can be in it, which delimits what is signed. */
const idOf = (...of: readonly string[]): string =>
  `msg_${createHash('sha256').update(of.join('\0')).digest('hex').slice(0, 32)}`;

const outcomeNotice = (
  context: FactoryContext,
  timestamp: string,
  outcome: TaskOutcome,
  { id, isFailure }: { readonly id: string; readonly isFailure: boolean },
): Notice => {
  const commands = isFailure
    ? [`pond control retry ${outcome.task}`, `pond show-post-commit ${context.txnSeq}`]
    : [`pond show-post-commit ${context.txnSeq}`];
  return {
    id,
    type: isFailure ? 'pond.task.failed' : 'pond.task.recovered',
    timestamp,
    title: isFailure
      ? `${outcome.configPath} failed after commit ${context.txnSeq}`
      : `${outcome.configPath} has recovered with commit ${context.txnSeq}`,
    text: lines([
      ...outcomeLines(outcome),
      '',
      `Commit ${context.txnSeq}:`,
      ...changeLines(context.changes),
      '',
      isFailure ? 'When its cause is mended, type:' : 'To see it:',
      ...commands,
    ]),
    data: { ...common(context), outcome: outcomeData(outcome), commands },
  };
};

const outcomeData = (outcome: TaskOutcome): JsonObject => ({
  task: outcome.task,
  config_path: outcome.configPath,
  state: outcome.state,
  error: outcome.error === null ? null : cutTo(LONGEST_ERROR, outcome.error),
  previous_state: outcome.previousState,
  failing_since: outcome.failingSince === null ? null : new Date(outcome.failingSince / 1000).toISOString(),
  report:
    JSON.stringify(outcome.report).length <= LARGEST_REPORT
      ? outcome.report
      : 'too large for a notice; pond show-post-commit has it',
});
