import { type Command, Option } from 'commander';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondError } from '../../steward/errors.js';
import { CHAIN_VARIABLE, commitOfSurroundingTask, readChain } from '../../steward/pond/pond-chain.js';
import type { Steward } from '../../steward/steward.js';
import type { Invocation } from '../command.js';
import { transactionOrLatest } from '../option-values.js';

export const declareAt = (command: Command): Command =>
  command.addOption(
    new Option(
      '--at <transaction>',
      'read the state of this transaction; default: latest, inside a task the commit that set it off',
    ).argParser(transactionOrLatest),
  );

/** The transaction whose state is to be read: `--at`, else the commit of the surrounding task; undefined: the newest. */
export const readAt = (invocation: Invocation, steward: Pick<Steward, 'pondId'>): number | undefined => {
  if (invocation.given.text('at') === 'latest') return undefined;
  return invocation.given.number('at') ?? surroundingCommit(invocation, steward);
};

/** The commit for whose task this command runs, where it is one of this pond's. */
export const surroundingCommit = (
  { terminal }: Invocation,
  { pondId }: Pick<Steward, 'pondId'>,
): number | undefined =>
  commitOfSurroundingTask(readChain(terminal.environment[CHAIN_VARIABLE]), pondId) ?? undefined;

/** How the commands that show one commit describe the operand that names it. */
export const COMMIT_OPERAND =
  'the number of a commit; default: the last that no task made, inside a task the one that set it off';

/** The commit that a command is about: the one that was named, else that of the surrounding task, else the newest of one's own. */
export const commitAsked = (
  invocation: Invocation,
  steward: Pick<Steward, 'pondId' | 'newestOwnCommit'>,
  named: number | undefined,
): TE.TaskEither<PondError, number> => {
  const txnSeq = named ?? surroundingCommit(invocation, steward);
  return txnSeq === undefined ? steward.newestOwnCommit() : TE.right(txnSeq);
};
