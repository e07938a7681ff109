import { type Command, Option } from 'commander';
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
