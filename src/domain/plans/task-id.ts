import { none, type Option, some } from 'fp-ts/lib/Option.js';
import { firingPlaceOf } from './firing.js';

/** Identity of a task: the commit that set it off and its place in that commit's plan, printed `42.1`; or the firing. */
export interface TaskId {
  /** Sequence number of the commit, from 1; of a firing's task, of the newest commit when the firing was recorded. */
  readonly parentTxnSeq: number;
  /** Place in the plan, from 1; that of a firing's task is beyond all that tasks of a commit can have. */
  readonly executionSeq: number;
  /** Name of the firing that it belongs to, `/etc/schedule.d/10-x@2026-11-28T21:15Z`; left out: a commit's task. */
  readonly firing?: string;
}

/** `42.1`; of a firing `PATH@TIME`, of what runs for it `PATH@TIME.1`. */
export const printTaskId = ({ parentTxnSeq, executionSeq, firing }: TaskId): string => {
  if (firing === undefined) return `${parentTxnSeq}.${executionSeq}`;
  const place = firingPlaceOf(executionSeq);
  return place === 0 ? firing : `${firing}.${place}`;
};

/** Numbers of a task in the tables that know it by them, `42.1`, also where it is a firing's. */
export const taskNumbers = ({ parentTxnSeq, executionSeq }: TaskId): string =>
  `${parentTxnSeq}.${executionSeq}`;

/** Reads `42.1`; anything else is none. */
export const parseTaskId = (text: string): Option<TaskId> => {
  const match = /^([1-9]\d{0,14})\.([1-9]\d{0,14})$/.exec(text);
  return match === null ? none : some({ parentTxnSeq: Number(match[1]), executionSeq: Number(match[2]) });
};
