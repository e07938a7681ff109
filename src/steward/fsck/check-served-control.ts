import type { KnownCommit } from '../../control/control-record.js';
import type { TableCheck } from '../../tlogfs/check/check-table.js';
import type { PondFinding } from '../finding.js';

/** Commits that a control table in a database knows: when the check began, and whenever that is asked again. */
export interface ServedControl {
  readonly before: readonly KnownCommit[];
  readonly now: () => Promise<readonly KnownCommit[]>;
  /** Tells whether somebody writes, or may write. */
  readonly isWriting: () => Promise<boolean>;
}

/**
 * Holds the commits of the log and those that a control table in a database knows against each other. What the table knew when the check
 * began must be in the log; what is in the log may have been recorded since.
 */
export const checkServedControl = async (
  { before, now }: Pick<ServedControl, 'before' | 'now'>,
  { commits, firstEntry, doubtful, pondId }: TableCheck,
): Promise<readonly PondFinding[]> => {
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
  return findings;
};
