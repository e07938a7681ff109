import { createHash } from 'node:crypto';
import type { Change } from '../../../domain/change.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { printTaskId } from '../../../domain/task-id.js';
import type { FactoryContext } from '../../factory.js';
import { cutTo } from './escapes.js';
import type { Notice, NoticeType } from './notice.js';
import { changeLines, commitTitle, outcomeLines } from './notice-words.js';
import type { TaskOutcome } from './task-outcome.js';

/** Changes that are told one by one. */
const MOST_CHANGES = 100;
const LONGEST_ERROR = 4_096;
/** Bytes of a report that go out with a notice. */
const LARGEST_REPORT = 16 * 1024;

/** What a run of a notifier has to say: one notice for each entry that has begun to fail or has recovered, else one about the commit. */
export const noticesOf = (context: FactoryContext, nowMicros: number): readonly Notice[] => {
  const timestamp = new Date(nowMicros / 1000).toISOString();
  if (context.task === null) return [testNotice(context, timestamp)];
  return [commitNotice(context, timestamp)];
};

const testNotice = (context: FactoryContext, timestamp: string): Notice => ({
  id: idOf(context.idempotencyKey, 'test'),
  follows: null,
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
  follows: null,
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

export const failureNotice = (
  context: FactoryContext,
  timestamp: string,
  type: Extract<NoticeType, 'pond.task.failed' | 'pond.task.recovered'>,
  outcome: TaskOutcome,
  ids: Pick<Notice, 'id' | 'follows'>,
): Notice => {
  const commands = [`pond control retry ${outcome.task}`, `pond show-post-commit ${context.txnSeq}`];
  const isFailure = type === 'pond.task.failed';
  return {
    ...ids,
    type,
    timestamp,
    title: isFailure
      ? `${outcome.config_path} failed after commit ${context.txnSeq}`
      : `${outcome.config_path} has recovered with commit ${context.txnSeq}`,
    text: lines([
      ...outcomeLines(outcome),
      '',
      `Commit ${context.txnSeq}:`,
      ...changeLines(context.changes),
      ...(isFailure ? ['', 'When its cause is mended, type:', ...commands] : []),
    ]),
    data: { ...common(context), outcome: outcomeData(outcome), commands: isFailure ? commands : [] },
  };
};

const outcomeData = (outcome: TaskOutcome): JsonObject => ({
  ...outcome,
  error: outcome.error === null ? null : cutTo(LONGEST_ERROR, outcome.error),
  report:
    JSON.stringify(outcome.report).length <= LARGEST_REPORT
      ? outcome.report
      : 'too large for a notice; pond show-post-commit has it',
});
