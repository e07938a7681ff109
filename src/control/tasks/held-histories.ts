import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { isOfFiring } from '../../domain/plans/firing.js';
import type { Claim } from '../records/claim.js';
import type { NewRecord } from '../records/control-record.js';
import type { TaskState, TaskStatus } from '../records/task-status.js';
import { withoutGaps } from '../store/record-row.js';
import { foldFurther, type TaskHistory } from './task-state.js';

/**
 * Histories of tasks that this process has claimed, as it wrote them itself, so that a start need not read what the commit
 * has written, nor an end what the start has. Whoever takes one has found the claim in its own transaction: while a claim
 * is held, nobody else records anything of its task, but that it is cancelled, which the claim says then. What was rolled back is never taken: a start that was left no
 * running claim, and a token that is given out again is of another task, or of the same one in the same state.
 */
export interface HeldHistories {
  /** Keeps what a task comes to with a further record; `before`: null for its first one. */
  readonly keep: (claim: Claim, before: TaskHistory | null, record: NewRecord) => void;
  /** Hands out the history of a task in a state, once; null: it is not known here, and has to be read. */
  readonly take: (claim: Claim, state: TaskState) => TaskHistory | null;
  /** Forgets it: something else than these has recorded of the task. */
  readonly forget: (claim: Pick<Claim, 'token'>) => void;
  /** Keeps what a task of a commit has come to, once the record of its end has been committed. */
  readonly end: (ended: EndedTask) => void;
  /** Hands out, once, what tasks of a commit have come to that ended here. Whether that is all of it, the number of their records says. */
  readonly takeEnded: (parentTxnSeq: number) => EndedTasks | null;
}

/** A task that ends with a record. */
export interface EndedTask {
  readonly before: TaskHistory;
  readonly record: NewRecord;
}

/** Tasks of one commit that have ended in this process. */
export interface EndedTasks {
  readonly txnId: string;
  readonly statuses: readonly TaskStatus[];
  /** Records that these are made of. Records are never removed: where there are no more, nobody has added any. */
  readonly records: number;
}

/** Histories that are kept at most: those of tasks that were given up are never taken. */
const MOST_KEPT = 10_000;

export const heldHistories = (): HeldHistories => {
  const kept = new Map<number, TaskHistory>();
  let ended = new Map<number, Map<number, TaskHistory>>();
  let numberEnded = 0;
  return {
    keep: ({ token }, before, record) => {
      const after = foldFurther(before, withoutGaps(record));
      if (kept.size >= MOST_KEPT) kept.clear();
      if (isRight(after)) kept.set(token, after.right);
    },
    take: ({ token, txnId, executionSeq }, state) => {
      const known = kept.get(token);
      kept.delete(token);
      return known !== undefined &&
        known.status.txnId === txnId &&
        known.status.executionSeq === executionSeq &&
        known.status.state === state
        ? known
        : null;
    },
    forget: ({ token }) => {
      kept.delete(token);
    },
    end: ({ before, record }) => {
      const after = foldFurther(before, withoutGaps(record));
      if (isLeft(after) || isOfFiring(after.right.status.executionSeq)) return;
      if (numberEnded >= MOST_KEPT) [ended, numberEnded] = [new Map(), 0];
      numberEnded += 1;
      const { parentTxnSeq, executionSeq } = after.right.status;
      const ofCommit = ended.get(parentTxnSeq) ?? new Map<number, TaskHistory>();
      ended.set(parentTxnSeq, ofCommit.set(executionSeq, after.right));
    },
    takeEnded: (parentTxnSeq) => {
      const histories = [...(ended.get(parentTxnSeq)?.values() ?? [])];
      ended.delete(parentTxnSeq);
      numberEnded -= histories.length;
      const [first] = histories;
      return first === undefined
        ? null
        : {
            txnId: first.status.txnId,
            statuses: histories.map(({ status }) => status).sort((a, b) => a.executionSeq - b.executionSeq),
            records: histories.reduce((sum, { records }) => sum + records, 0),
          };
    },
  };
};
