import * as E from 'fp-ts/lib/Either.js';
import { isSome } from 'fp-ts/lib/Option.js';
import { parseFiring } from '../../domain/plans/firing.js';
import type { TasksAsked } from '../../steward/shapes/call-reports.js';
import { type UsageError, usage } from '../errors.js';

/** An operand that is the number of a transaction, if it is there. */
export const transactionNumber = (operand: string | undefined): E.Either<UsageError, number | undefined> => {
  if (operand === undefined) return E.right(undefined);
  return /^[1-9]\d{0,14}$/.test(operand)
    ? E.right(Number(operand))
    : E.left(
        usage(`${JSON.stringify(operand)} is not a transaction number`, 'a whole number from 1, such as 42'),
      );
};

/** Names what is asked for in a message: `commit 42`, `42.1`, `PATH@TIME`. */
export const printAsked = (asked: TasksAsked): string =>
  'firing' in asked ? asked.firing : `commit ${asked.txnSeq}`;

/** An operand that names a commit (`42`), a task (`42.1`), or a firing and its tasks (`PATH@TIME`, `PATH@TIME.1`). */
export const commitOrTask = (operand: string | undefined): E.Either<UsageError, TasksAsked> => {
  const firing = parseFiring(operand ?? '');
  if (isSome(firing)) {
    const { name, place } = firing.value;
    return E.right({ firing: name, ...(place === null ? {} : { place }) });
  }
  const match = /^([1-9]\d{0,14})(?:\.([1-9]\d{0,14}))?$/.exec(operand ?? '');
  if (match === null) {
    return E.left(
      usage(
        `${JSON.stringify(operand ?? '')} is neither a commit nor a task`,
        'a commit such as 42, a task such as 42.1, or a firing such as /etc/schedule.d/10-x@2026-11-28T21:15Z',
      ),
    );
  }
  const txnSeq = Number(match[1]);
  return E.right(match[2] === undefined ? { txnSeq } : { txnSeq, executionSeq: Number(match[2]) });
};
