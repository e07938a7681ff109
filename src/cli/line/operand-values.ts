import * as E from 'fp-ts/lib/Either.js';
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

/** A commit, or one of its tasks. */
export interface CommitOrTask {
  readonly txnSeq: number;
  readonly executionSeq?: number;
}

/** An operand that names a commit (`42`) or a task (`42.1`). */
export const commitOrTask = (operand: string | undefined): E.Either<UsageError, CommitOrTask> => {
  const match = /^([1-9]\d{0,14})(?:\.([1-9]\d{0,14}))?$/.exec(operand ?? '');
  if (match === null) {
    return E.left(
      usage(
        `${JSON.stringify(operand ?? '')} is neither a commit nor a task`,
        'a commit such as 42, or a task such as 42.1',
      ),
    );
  }
  const txnSeq = Number(match[1]);
  return E.right(match[2] === undefined ? { txnSeq } : { txnSeq, executionSeq: Number(match[2]) });
};
