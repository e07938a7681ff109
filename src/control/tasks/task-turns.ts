import type { Json } from '../../domain/documents/json.js';
import type { ControlRecord } from '../records/control-record.js';

/** Result of one turn of a task. `interrupted`: a crash ended it, and nobody knows when. */
export type TurnState =
  | 'waiting'
  | 'running'
  | 'completed'
  | 'failed'
  | 'rolled_back'
  | 'interrupted'
  | 'skipped'
  | 'dismissed'
  | 'cancelled'
  | 'rejected';

/** One turn of a task: an attempt, or what came instead of one. Times in microseconds since the epoch. */
export interface Turn {
  readonly state: TurnState;
  /** 1, 2, 3 ...; null where no attempt was made. */
  readonly attempt: number | null;
  /** Time since which it waited; null for an attempt that follows an interrupted one. */
  readonly pendingAt: number | null;
  readonly startedAt: number | null;
  /** Null while it waits or runs, and where it was interrupted. */
  readonly endedAt: number | null;
  readonly durationMs: number | null;
  readonly errorMessage: string | null;
  /** The transaction whose configuration was used. */
  readonly configTxnSeq: number | null;
  /** Trace context of the attempt's own span. */
  readonly traceParent: string | null;
  /** Report of the attempt. */
  readonly report: Json | null;
}

const EMPTY: Turn = {
  state: 'waiting',
  attempt: null,
  pendingAt: null,
  startedAt: null,
  endedAt: null,
  durationMs: null,
  errorMessage: null,
  configTxnSeq: null,
  traceParent: null,
  report: null,
};

/**
 * The turns of one task, from its records in order. A legal sequence is taken for granted: see `task-state.ts`, which
 * folds the same records to the present state.
 */
export const turnsOf = (records: readonly ControlRecord[]): readonly Turn[] =>
  records.reduce<readonly Turn[]>((turns, record) => {
    const last = turns.at(-1);
    const isOpen = last?.state === 'waiting' || last?.state === 'running';
    const open = isOpen ? last : EMPTY;
    return [...(isOpen ? turns.slice(0, -1) : turns), follow(open, record)];
  }, []);

const follow = (turn: Turn, record: ControlRecord): Turn => {
  const { recordType, timestamp, attempt, traceParent, configTxnSeq } = record;
  switch (recordType) {
    case 'post_commit_pending':
    case 'firing_pending':
      return { ...turn, pendingAt: timestamp, configTxnSeq };
    case 'post_commit_started':
    case 'firing_started':
      return { ...turn, state: 'running', startedAt: timestamp, attempt, configTxnSeq, traceParent };
    case 'post_commit_completed':
    case 'firing_completed':
      return ended(turn, record, 'completed');
    case 'post_commit_rolled_back':
      return ended(turn, record, 'rolled_back');
    case 'post_commit_skipped':
    case 'firing_skipped':
      return ended(turn, record, 'skipped');
    case 'post_commit_dismissed':
    case 'firing_dismissed':
      return ended(turn, record, 'dismissed');
    case 'post_commit_cancelled':
    case 'firing_cancelled':
      return ended(turn, record, 'cancelled');
    case 'post_commit_failed':
    case 'firing_failed':
      return failed(turn, record);
    case 'begin':
    case 'intended':
    case 'gate_completed':
    case 'gate_failed':
    case 'data_committed':
    case 'completed':
    case 'failed':
      return turn;
  }
};

const ended = (
  turn: Turn,
  { timestamp, durationMs, errorMessage, report }: ControlRecord,
  state: TurnState,
): Turn => ({
  ...turn,
  state,
  durationMs,
  errorMessage,
  report,
  endedAt: timestamp,
});

/** Attempt 0 is a rejected entry. An interrupted attempt has no duration: its record was written when it was found. */
const failed = (turn: Turn, record: ControlRecord): Turn => {
  if (record.attempt === 0) return ended(turn, record, 'rejected');
  return record.durationMs === null
    ? { ...turn, state: 'interrupted', errorMessage: record.errorMessage }
    : ended(turn, record, 'failed');
};
