import { corrupt } from '../failure.js';
import type { TableLayout } from '../table-layout.js';
import type { LoggedCommit, TLogError } from '../tlog.js';
import { loggedCommit } from './logged-commit.js';
import type { Table } from './table.js';
import { txnSeqOf } from './table-state.js';

/** All commits after a transaction, in order. Reads no more of the log than it must. */
export const commitsAfter = (table: Table, txnSeq: number): readonly LoggedCommit[] => {
  const { version: newest } = table.refresh();
  const commits: LoggedCommit[] = [];
  const first = table.firstEntry();
  for (let version = newest; version >= first; version -= 1) {
    const commit = commitAt(table, version);
    if (commit === null) continue;
    if (commit.txnSeq <= txnSeq) break;
    commits.push(commit);
  }
  return commits.reverse();
};

/**
 * The commit of one transaction. Sequences grow with versions, so it is found by halving what is left. Every write asks for the
 * commit before it: where that is the newest known version, nothing else is looked at. Another engine removes no entry that
 * comes after the last checkpoint.
 */
export const commitOf = (
  table: Table,
  layout: TableLayout,
  txnSeq: number,
  hint: number | undefined,
): LoggedCommit => {
  const known = table.known();
  if (hint === known.version && hint > known.checkpointVersion && txnSeq === txnSeqOf(known)) {
    const hinted = commitAt(table, hint);
    if (hinted?.txnSeq === txnSeq) return hinted;
  }
  const state = table.refresh();
  const last = txnSeqOf(state);
  if (!Number.isInteger(txnSeq) || txnSeq < 1 || txnSeq > last) {
    throw { _tag: 'TransactionNotFound', txnSeq, lastTxnSeq: last } satisfies TLogError;
  }
  if (hint !== undefined && Number.isInteger(hint) && hint >= table.firstEntry() && hint <= state.version) {
    const hinted = commitAt(table, hint);
    if (hinted?.txnSeq === txnSeq) return hinted;
  }
  const first = table.firstEntry();
  let low = first;
  let high = state.version;
  let follower: LoggedCommit | null = null;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = commitAtOrBefore(table, middle, low);
    if (found === null || found.txnSeq < txnSeq) low = middle + 1;
    else if (found.txnSeq > txnSeq) {
      follower = found;
      high = found.version - 1;
    } else return found;
  }
  if (follower !== null && follower.basedOnSeq < txnSeq) {
    throw { _tag: 'CommitGone', path: layout.logDir, txnSeq } satisfies TLogError;
  }
  if (first > 0) throw { _tag: 'CommitForgotten', path: layout.logDir, txnSeq } satisfies TLogError;
  throw corrupt(layout.logDir, `no log entry has transaction ${txnSeq}`);
};

const commitAtOrBefore = (table: Table, from: number, lowest: number): LoggedCommit | null => {
  for (let version = from; version >= lowest; version -= 1) {
    const commit = commitAt(table, version);
    if (commit !== null) return commit;
  }
  return null;
};

/** The commit at a version; null where it is a compaction or somebody else's. */
const commitAt = (table: Table, version: number): LoggedCommit | null => {
  const { transaction } = table.readEntry(version);
  return transaction === null ? null : loggedCommit(version, transaction);
};
