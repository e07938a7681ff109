import { boundsOf } from '../log/file-statistics.js';
import {
  addAction,
  encodeLogEntry,
  type LogEntry,
  type NewDataFile,
  type TransactionInfo,
  type Txn,
} from '../log/log-entry.js';
import type { OpLogRow } from '../rows/op-log-columns.js';
import { encodeRows } from '../rows/row-encoding.js';
import { ENGINE, transactionFile } from '../table-layout.js';
import type { NewCommitInfo, TransactionIdentity } from '../tlog.js';
import type { WriteBase } from './write-base.js';

/** The Parquet file with the rows of a transaction. */
export const newDataFile = (
  { identity, pondId }: Pick<WriteBase, 'identity' | 'pondId'>,
  rows: readonly OpLogRow[],
): NewDataFile => ({
  path: transactionFile(identity.txnId),
  content: encodeRows(rows, pondId),
  bounds: boundsOf(rows.map(({ row }) => row)),
  modificationTime: milliseconds(identity),
  dataChange: true,
});

/** The log entry of a write, and its bytes. `data`: null where the write has no rows. */
export const entryOfWrite = (
  { identity, pondId, protocol, metaData, view }: WriteBase,
  info: NewCommitInfo,
  data: NewDataFile | null,
): { readonly entry: LogEntry; readonly content: Uint8Array } => {
  const transaction = transactionInfo(identity, view.txnSeq, info);
  const txn: Txn = { appId: pondId, version: identity.txnSeq, lastUpdated: milliseconds(identity) };
  const add = data === null ? null : addAction(data);
  const content = encodeLogEntry(
    {
      timestamp: milliseconds(identity),
      operationParameters: {},
      engineInfo: ENGINE,
      ...transaction,
    },
    [
      ...(protocol === null ? [] : [{ protocol }]),
      ...(metaData === null ? [] : [{ metaData }]),
      { txn },
      ...(add === null ? [] : [{ add }]),
    ],
  );
  // What whoever reads the log makes of it.
  const entry: LogEntry = {
    protocol,
    metaData,
    txns: [txn],
    adds: data === null || add === null ? [] : [{ bounds: data.bounds, ...add }],
    removes: [],
    transaction,
  };
  return { entry, content };
};

/** Our own fields, which stand beside those of Delta Lake in `commitInfo`. */
const transactionInfo = (
  identity: TransactionIdentity,
  basedOnSeq: number,
  { causedBy = [], changedInChain = [], ...info }: NewCommitInfo,
): TransactionInfo => ({
  operation: info.operation,
  txn_seq: identity.txnSeq,
  txn_id: identity.txnId,
  txn_timestamp: identity.timestamp,
  cli_args: [...info.cliArgs],
  plan_checksum: info.planChecksum,
  planner_version: info.plannerVersion,
  suppressed: info.suppressed,
  ...(causedBy.length === 0 ? {} : { caused_by: causedBy }),
  ...(changedInChain.length === 0 ? {} : { changed_in_chain: changedInChain }),
  ...(info.noGates === true ? { no_gates: true } : {}),
  ...(typeof info.incarnation === 'string' ? { incarnation: info.incarnation } : {}),
  ...(basedOnSeq === identity.txnSeq - 1 ? {} : { based_on_seq: basedOnSeq }),
});

const milliseconds = ({ timestamp }: TransactionIdentity): number => Math.floor(timestamp / 1000);
