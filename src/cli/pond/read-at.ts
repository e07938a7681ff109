import { type Command, Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondError } from '../../steward/errors.js';
import type { Steward } from '../../steward/steward.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { type Moment, momentText, parseMoment } from '../line/moment.js';

/** Names of a state. */
export const STATE_WORDS = 'a transaction, or the newest of a time: 2026-11-20, 2026-11-20T10:00Z, -3d';

export const declareAt = (command: Command): Command =>
  command.addOption(
    new Option(
      '--at <transaction>',
      `the state to read: ${STATE_WORDS}; default: latest, inside a task the commit that set it off`,
    ).argParser(momentText),
  );

/** The transaction whose state is to be read: `--at`, else that which the surrounding task sees; undefined: the newest. */
export const readAt = (
  invocation: Invocation,
  steward: Pick<Steward, 'surroundings' | 'commitAt'>,
): TE.TaskEither<CliError, number | undefined> => {
  const asked = invocation.given.text('at');
  return asked === undefined ? surroundingCommit(steward) : transactionAt(invocation, steward, asked);
};

/** The transaction that a number, a time or `latest` names; undefined: the newest. */
export const transactionAt = (
  { program }: Pick<Invocation, 'program'>,
  steward: Pick<Steward, 'commitAt'>,
  text: string,
): TE.TaskEither<CliError, number | undefined> =>
  pipe(
    TE.fromEither(parseMoment(text, program.clock.nowMicros())),
    TE.flatMap((moment) => transactionOf(steward, moment)),
  );

const transactionOf = (
  steward: Pick<Steward, 'commitAt'>,
  moment: Moment,
): TE.TaskEither<CliError, number | undefined> => {
  switch (moment._tag) {
    case 'Latest':
      return TE.right(undefined);
    case 'Transaction':
      return TE.right(moment.txnSeq);
    case 'Time':
      return steward.commitAt(moment.timestamp);
  }
};

/** The transaction that the surrounding task, or run by hand, sees, where it is one of this pond's. */
const surroundingCommit = ({
  surroundings,
}: Pick<Steward, 'surroundings'>): TE.TaskEither<PondError, number | undefined> =>
  pipe(
    surroundings(),
    TE.map(({ txnSeq }) => txnSeq ?? undefined),
  );

/** Operand by which the commands that show one commit name it. */
export const COMMIT_OPERAND =
  'the number of a commit; default: the last that no task made, inside a task the one that set it off';

/** The commit that a command is about: the one that was named, else that of the surrounding task, else the newest of one's own. */
export const commitAsked = (
  steward: Pick<Steward, 'surroundings' | 'newestOwnCommit'>,
  named: number | undefined,
): TE.TaskEither<PondError, number> =>
  named !== undefined
    ? TE.right(named)
    : pipe(
        surroundingCommit(steward),
        TE.flatMap((txnSeq) => (txnSeq === undefined ? steward.newestOwnCommit() : TE.right(txnSeq))),
      );
