import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { ControlRecord } from '../records/control-record.js';
import type { IllegalSequence } from '../records/illegal-sequence.js';
import type { GateStatus, TransactionSummary } from '../records/transaction-summary.js';

/** Summary that the own records of a transaction add up to, without what is kept elsewhere. */
export type TransactionState = Omit<TransactionSummary, 'planChecksum' | 'isGone' | 'tasks'>;

/**
 * The life of a transaction. Each arrow is a record.
 *
 *   begin ──> data_committed ──> completed        a write: committed, then its post-commit work has ended
 *     ├─────> completed                           a read, or a write that changed nothing
 *     └─────> failed
 *
 * A write's gates are recorded between its `begin` and its commit or failure, and so is `intended`.
 */
export const foldTransaction = (
  records: readonly ControlRecord[],
): Either<IllegalSequence, TransactionState | null> => {
  let phase: Phase = null;
  let state: TransactionState | null = null;
  for (const record of records) {
    const next = phaseAfter(phase, record);
    if (next === null) return left(refused(phase, record, 'not-allowed-here'));
    const folded: Either<IllegalSequence, TransactionState> = follow(state, phase, record);
    if (isLeft(folded)) return folded;
    state = folded.right;
    phase = next;
  }
  return right(state);
};

type Phase = Extract<IllegalSequence['after'], 'begun' | 'committed' | 'ended' | null>;

const phaseAfter = (phase: Phase, record: ControlRecord): Phase => {
  switch (record.recordType) {
    case 'begin':
      return phase === null ? 'begun' : null;
    case 'data_committed':
      return phase === 'begun' && record.transactionType === 'write' ? 'committed' : null;
    case 'completed':
      return phase === 'begun' || phase === 'committed' ? 'ended' : null;
    case 'failed':
      return phase === 'begun' ? 'ended' : null;
    case 'intended':
    case 'gate_completed':
    case 'gate_failed':
      return phase === 'begun' && record.transactionType === 'write' ? 'begun' : null;
    case 'post_commit_pending':
    case 'post_commit_started':
    case 'post_commit_completed':
    case 'post_commit_failed':
    case 'post_commit_skipped':
    case 'post_commit_rolled_back':
    case 'post_commit_dismissed':
    case 'post_commit_cancelled':
    case 'firing_pending':
    case 'firing_started':
    case 'firing_completed':
    case 'firing_failed':
    case 'firing_skipped':
    case 'firing_dismissed':
    case 'firing_cancelled':
      return null;
  }
};

const follow = (
  before: TransactionState | null,
  phase: Phase,
  record: ControlRecord,
): Either<IllegalSequence, TransactionState> => {
  if (before === null) {
    const { txnSeq, txnId, transactionType, cliArgs, timestamp, traceParent, causedBy } = record;
    const { factoryName, configPath } = record;
    return transactionType === 'post_commit' || transactionType === 'firing'
      ? left(refused(phase, record, 'columns-missing'))
      : right({
          txnSeq,
          txnId,
          transactionType,
          status: 'incomplete',
          cliArgs: cliArgs ?? [],
          startedAt: timestamp,
          durationMs: null,
          dataFsVersion: null,
          errorMessage: null,
          traceParent,
          causedBy: causedBy ?? [],
          factoryName,
          configPath,
          gates: [],
        });
  }
  if (before.transactionType !== record.transactionType || before.txnId !== record.txnId) {
    return left(refused(phase, record, 'not-allowed-here'));
  }
  if (record.recordType === 'gate_completed' || record.recordType === 'gate_failed') {
    return record.configPath === null
      ? left(refused(phase, record, 'columns-missing'))
      : right({ ...before, gates: [...before.gates, gateStatus(record, record.configPath)] });
  }
  if (record.recordType === 'intended') return right(before);
  if (record.recordType === 'data_committed') {
    const { dataFsVersion, durationMs } = record;
    const traceParent = record.traceParent ?? before.traceParent;
    return right({ ...before, dataFsVersion, durationMs, traceParent });
  }
  if (record.recordType === 'failed') {
    const { durationMs, errorMessage } = record;
    return right({ ...before, status: 'failed', durationMs, errorMessage });
  }
  // How long a write took is what its caller waited for its data, not until the last task was retried.
  return phase === 'committed'
    ? right({ ...before, status: 'committed' })
    : right({ ...before, status: 'completed', durationMs: record.durationMs });
};

const gateStatus = (record: ControlRecord, configPath: string): GateStatus => ({
  configPath,
  factoryName: record.factoryName,
  state: record.recordType === 'gate_completed' ? 'completed' : 'failed',
  endedAt: record.timestamp,
  durationMs: record.durationMs,
  errorMessage: record.errorMessage,
  report: record.report,
  traceParent: record.traceParent,
});

const refused = (
  after: Phase,
  { recordId, recordType }: ControlRecord,
  problem: IllegalSequence['problem'],
): IllegalSequence => ({ _tag: 'IllegalSequence', recordId, recordType, after, problem });
