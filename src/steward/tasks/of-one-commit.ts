import type { Claim } from '../../control/records/claim.js';

/** Groups what belongs to one commit, or to one firing, oldest first. */
export const ofOneCommit = <A extends Pick<Claim, 'parentTxnSeq' | 'txnId' | 'executionSeq'>>(
  tasks: readonly A[],
): readonly (readonly A[])[] => {
  const groups = new Map<string, A[]>();
  for (const task of [...tasks].sort(
    (a, b) => a.parentTxnSeq - b.parentTxnSeq || a.executionSeq - b.executionSeq,
  )) {
    const known = groups.get(task.txnId);
    if (known === undefined) groups.set(task.txnId, [task]);
    else known.push(task);
  }
  return [...groups.values()];
};
