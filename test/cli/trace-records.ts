import type { ControlRecord } from '../../src/control/records/control-record.js';
import type { TaskState } from '../../src/control/records/task-status.js';
import { foldTask } from '../../src/control/tasks/task-state.js';
import { type CommitTimeline, commitTimeline } from '../../src/documents/commit-timeline.js';
import type { Incomplete } from '../../src/steward/shapes/upkeep.js';
import { transaction, WHEN } from './fakes.js';

/** Milliseconds after the commit began, as the records count. */
const at = (milliseconds: number): number => WHEN + milliseconds * 1000;

/** Records of one task of commit 42, written as `type@milliseconds`. */
export const taskRecords = (
  executionSeq: number,
  name: string,
  ...records: readonly (readonly [
    type: 'pending' | 'started' | 'completed' | 'failed' | 'skipped' | 'rolled_back',
    milliseconds: number,
    parts?: Partial<ControlRecord>,
  ])[]
): readonly ControlRecord[] => {
  let attempt = 0;
  let startedAt = 0;
  return records.map(([type, milliseconds, parts], index): ControlRecord => {
    if (type === 'started') {
      attempt += 1;
      startedAt = milliseconds;
    }
    const isEnd = type === 'completed' || type === 'failed' || type === 'rolled_back';
    return {
      recordId: 100 * executionSeq + index,
      txnSeq: 42,
      txnId: transaction().txnId,
      basedOnSeq: null,
      recordType: `post_commit_${type}`,
      transactionType: 'post_commit',
      timestamp: at(milliseconds),
      cliArgs: null,
      environment: null,
      dataFsVersion: null,
      errorMessage: null,
      durationMs: isEnd ? milliseconds - startedAt : null,
      parentTxnSeq: 42,
      executionSeq,
      factoryName: 'command',
      configPath: `/etc/system.d/${name}`,
      attempt: type === 'started' || isEnd ? attempt : null,
      traceParent: null,
      configTxnSeq: 42,
      causedBy: null,
      report: null,
      notBefore: null,
      skipCause: null,
      dueAt: null,
      ...parts,
    };
  });
};

/** The timeline of commit 42 with these tasks; `runners` hold unfinished ones. */
export const timelineWith = (
  tasks: readonly (readonly ControlRecord[])[],
  {
    nowMs = 1_000_000,
    runners = {},
    commit = {},
  }: {
    readonly nowMs?: number;
    readonly runners?: Readonly<Record<number, { readonly pid: number; readonly command: string }>>;
    readonly commit?: Parameters<typeof transaction>[0];
  } = {},
): CommitTimeline => {
  const statuses = tasks.map((records) => {
    const folded = foldTask(records);
    if (folded._tag === 'Left' || folded.right === null) throw new Error(JSON.stringify(folded));
    return folded.right.status;
  });
  const unfinished: readonly TaskState[] = ['pending', 'started'];
  const incomplete: Incomplete['tasks'] = statuses
    .filter(({ state }) => unfinished.includes(state))
    .map((status) => ({ ...status, runner: runners[status.executionSeq] ?? null }));
  const now = at(nowMs);
  return {
    ...commitTimeline(transaction({ tasks: statuses, ...commit }), tasks.flat(), incomplete, now),
    derived: [],
  };
};
