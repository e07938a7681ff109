import type { ControlFinding } from '../../control/check/control-finding.js';
import type { FleetCheck } from '../../control/records/fleet-check.js';
import type { KnownCommit } from '../../control/records/known-commits.js';
import type { TableCheck } from '../../tlogfs/check/check-table.js';
import type { Finding, PondFinding } from '../shapes/finding.js';

/** Commits that a control table in a database knows: when the check began, and whenever that is asked again. */
export interface ServedControl {
  readonly before: readonly KnownCommit[];
  readonly now: () => Promise<readonly KnownCommit[]>;
  /** Contradictions between the records and what is kept of tasks, plans and claims. */
  readonly beside: FleetCheck;
  /** Tells whether somebody writes, or may write. */
  readonly isWriting: () => Promise<boolean>;
}

/**
 * Holds the commits of the log and those that a control table in a database knows against each other. What the table knew when the check
 * began must be in the log; what is in the log may have been recorded since.
 */
export const checkServedControl = async (
  { before, now, beside }: Pick<ServedControl, 'before' | 'now' | 'beside'>,
  { commits, firstEntry, doubtful, pondId }: TableCheck,
): Promise<readonly Finding[]> => {
  if (pondId === null) return [];
  const logged = new Map(commits.map((commit) => [commit.txnSeq, commit]));
  const findings: PondFinding[] = [];
  for (const { txnSeq, txnId, dataFsVersion: version, isGone } of before) {
    const found = logged.get(txnSeq);
    if (isGone) findings.push({ _tag: 'CommitGone', txnSeq, txnId });
    else if (found !== undefined) {
      if (found.txnId !== txnId) {
        const sides = { logged: found.txnId, recorded: txnId };
        findings.push({ _tag: 'CommitRecordDiffers', txnSeq, column: 'txn_id', ...sides });
      }
    } else if (version >= firstEntry && !doubtful.has(version)) {
      findings.push({ _tag: 'CommitNotInLog', txnSeq, txnId, version });
    }
  }
  const recorded = new Set((await now()).map(({ txnId }) => txnId));
  for (const { txnSeq, txnId, version } of commits) {
    if (!recorded.has(txnId)) findings.push({ _tag: 'CommitNotRecorded', txnSeq, txnId, version });
  }
  return [...besideRecords(beside), ...findings];
};

/** Findings about what is kept beside the records. */
const besideRecords = (check: FleetCheck): readonly ControlFinding[] => [
  ...check.states.map(
    ({ task, derived, recorded }): ControlFinding => ({
      _tag: 'DerivedStateWrong',
      table: 'task_states',
      of: task,
      recorded: recorded ?? 'nothing',
      derived: derived ?? 'nothing',
    }),
  ),
  ...check.damagedPlans.map(
    ({ checksum, found }): ControlFinding => ({
      _tag: 'PlanDamaged',
      checksum,
      problem: `its checksum is ${found}`,
    }),
  ),
  ...check.missingPlans.map((missing): ControlFinding => ({ _tag: 'PlanMissing', ...missing })),
  ...check.danglingClaims.map(
    (claim): ControlFinding => ({ _tag: 'ClaimDangling', missing: 'task', ...claim }),
  ),
  ...check.pathsRunTwice.map((path): ControlFinding => ({ _tag: 'PathRunTwice', ...path })),
];
