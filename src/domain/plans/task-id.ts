import { none, type Option, some } from 'fp-ts/lib/Option.js';

/** Identity of a task: the commit that set it off and its place in that commit's plan. Printed `42.1`. */
export interface TaskId {
  /** Sequence number of the commit, from 1. */
  readonly parentTxnSeq: number;
  /** Place in the plan, from 1. */
  readonly executionSeq: number;
}

export const printTaskId = ({ parentTxnSeq, executionSeq }: TaskId): string =>
  `${parentTxnSeq}.${executionSeq}`;

/** Reads `42.1`; anything else is none. */
export const parseTaskId = (text: string): Option<TaskId> => {
  const match = /^([1-9]\d{0,14})\.([1-9]\d{0,14})$/.exec(text);
  return match === null ? none : some({ parentTxnSeq: Number(match[1]), executionSeq: Number(match[2]) });
};
