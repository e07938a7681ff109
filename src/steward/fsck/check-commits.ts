import type { ControlCheck, RecordedCommit } from '../../control/check/check-control.js';
import type { PendingTask } from '../../control/records/commit-record.js';
import type { TableCheck } from '../../tlogfs/check/check-table.js';
import type { PondFinding } from '../shapes/finding.js';

/** Returns the tasks that a commit with that plan has; null where the plan is not known. */
export type TasksOfPlan = (checksum: string) => readonly PendingTask[] | null;

/**
 * Holds the commits of the log and those of the control table against each other. The table was read first, so each
 * commit that it knows has been in the log by then. `CommitNotRecorded` may be a writer's that is at work.
 */
export const checkCommits = (
  { commits, firstEntry, doubtful: doubtfulVersions, pondId }: TableCheck,
  control: ControlCheck,
  tasksOf: TasksOfPlan,
): readonly PondFinding[] => {
  if (pondId === null) return [];
  const recorded = new Map(control.commits.map((commit) => [commit.txnSeq, commit]));
  const logged = new Map(commits.map((commit) => [commit.txnSeq, commit]));
  const newest = Math.max(0, ...recorded.keys());
  const findings: PondFinding[] = [];
  for (const commit of commits) {
    const { txnSeq, txnId, version, planChecksum } = commit;
    const known = recorded.get(txnSeq);
    if (control.doubtful.has(txnId)) continue;
    if (known === undefined) {
      const _tag = txnSeq < newest ? 'CommitUnknown' : 'CommitNotRecorded';
      findings.push({ _tag, txnSeq, txnId, version });
      continue;
    }
    const differing = differences(known, { txnId, version, planChecksum });
    findings.push(
      ...(differing.length > 0
        ? differing.map((one) => ({ ...one, txnSeq }))
        : tasksDiffer(known, control, tasksOf)),
    );
  }
  for (const { txnSeq, txnId, dataFsVersion, isGone } of control.commits) {
    if (isGone) findings.push({ _tag: 'CommitGone', txnSeq, txnId });
    if (isGone || logged.has(txnSeq) || doubtfulVersions.has(dataFsVersion) || dataFsVersion < firstEntry)
      continue;
    findings.push({ _tag: 'CommitNotInLog', txnSeq, txnId, version: dataFsVersion });
  }
  return findings;
};

type Difference = Omit<Extract<PondFinding, { _tag: 'CommitRecordDiffers' }>, 'txnSeq'>;

const differences = (
  known: RecordedCommit,
  logged: { readonly txnId: string; readonly version: number; readonly planChecksum: string },
): readonly Difference[] => {
  const differs = (column: Difference['column'], inLog: string, inTable: string): readonly Difference[] =>
    inLog === inTable ? [] : [{ _tag: 'CommitRecordDiffers', column, logged: inLog, recorded: inTable }];
  return [
    ...differs('txn_id', logged.txnId, known.txnId),
    ...differs('data_fs_version', String(logged.version), String(known.dataFsVersion)),
    // A commit whose record was rebuilt need not have its plan.
    ...(known.planChecksum === null ? [] : differs('plan_checksum', logged.planChecksum, known.planChecksum)),
    ...(known.planState === null ? [] : differs('plan_state', 'active', known.planState)),
  ];
};

const tasksDiffer = (
  { txnSeq, planChecksum, tasks }: RecordedCommit,
  { soundPlans }: ControlCheck,
  tasksOf: TasksOfPlan,
): readonly PondFinding[] => {
  const planned = planChecksum === null || !soundPlans.has(planChecksum) ? null : tasksOf(planChecksum);
  if (planned === null) return [];
  const list = (all: readonly { readonly executionSeq: number; readonly configPath: string }[]) =>
    all
      .toSorted((a, b) => a.executionSeq - b.executionSeq)
      .map(({ executionSeq, configPath }) => `${executionSeq} ${configPath}`)
      .join(', ');
  const [expected, found] = [list(planned), list(tasks)];
  return expected === found
    ? []
    : [{ _tag: 'TasksDiffer', txnSeq, planned: expected || 'none', recorded: found || 'none' }];
};
