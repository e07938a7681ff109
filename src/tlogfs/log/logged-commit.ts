import type { LoggedCommit } from '../tlog.js';
import type { LogEntry } from './log-entry.js';

/** A commit as its log entry tells of it. What older versions did not write is what it was for them. */
export const loggedCommit = (
  version: number,
  transaction: NonNullable<LogEntry['transaction']>,
): LoggedCommit => ({
  version,
  txnSeq: transaction.txn_seq,
  basedOnSeq: transaction.based_on_seq ?? transaction.txn_seq - 1,
  txnId: transaction.txn_id,
  timestamp: transaction.txn_timestamp,
  operation: transaction.operation,
  cliArgs: transaction.cli_args,
  planChecksum: transaction.plan_checksum,
  plannerVersion: transaction.planner_version ?? 1,
  suppressed: transaction.suppressed,
  causedBy: transaction.caused_by ?? [],
  changedInChain: transaction.changed_in_chain ?? [],
  noGates: transaction.no_gates ?? false,
  incarnation: transaction.incarnation ?? null,
});
