import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import { bothEnds, type OlderCopy, olderCopy, unknownCommits } from '../pond/opening/older-copies.js';
import type { Pond } from '../pond/pond.js';

/**
 * Says, when a pond is opened, that an older `data/` or `control/` was put back beside the other, and which command brings
 * them in order. It never keeps anybody from opening the pond.
 */
export const noticeOlderCopies = (pond: Pond): TE.TaskEither<never, void> =>
  pipe(
    look(pond),
    // While others write, one look may see what the other table does not have yet; two do not see the same.
    TE.flatMap((first) => (first === null ? TE.right(null) : confirmed(pond, first))),
    TE.map((found) =>
      found === null
        ? undefined
        : pond.ports.logger.log('warn', ...words(found, pond.shared === null ? IN_A_DIRECTORY : IN_A_STORE)),
    ),
    TE.orElse((error): TE.TaskEither<never, void> => {
      // Whoever needs the control table is told by that.
      if (pond.control.readOnly === null)
        pond.ports.logger.log('debug', 'older_copies_not_looked_for', { error: describeError(error) });
      return TE.right(undefined);
    }),
  );

const look = (pond: Pond): TE.TaskEither<PondError, OlderCopy | null> =>
  steps(async ({ run }) => {
    // Of a store what is known here is enough: where the control table knows more, the store is asked.
    const ends = await run(bothEnds(pond, pond.shared === null ? undefined : 'known'));
    const older = await run(olderCopy(pond, ends));
    if (older !== null) return older;
    const unknown = await run(unknownCommits(pond, ends));
    const [first, last] = [unknown[0], unknown.at(-1)];
    return first === undefined || last === undefined ? null : { _tag: 'ControlIsOlder', first, last };
  });

const confirmed = (pond: Pond, first: OlderCopy): TE.TaskEither<PondError, OlderCopy | null> =>
  pipe(
    look(pond),
    TE.map((second) => (JSON.stringify(second) === JSON.stringify(first) ? second : null)),
  );

/** Words for what may have been put back, and what can be done about it. */
interface Words {
  readonly older_data: { readonly problem: string; readonly remedy: string };
  readonly older_control: { readonly problem: string; readonly remedy: string };
  readonly data_and_control_apart: { readonly problem: string; readonly remedy: string };
}

const IN_A_DIRECTORY: Words = {
  older_data: {
    problem: 'these commits are recorded and no longer in the table: an older data/ was put back',
    remedy: 'put the newer data/ back, or take this one as it is: pond recover',
  },
  older_control: {
    problem: 'these commits are not in the control table: an older control/ was put back',
    remedy: 'put the newer control/ back, or record them again: pond rebuild-control',
  },
  data_and_control_apart: {
    problem:
      'data/ and control/ have different commits under one number: they are copies that have gone on apart',
    remedy: 'put back the one that belongs to the other, or make a new control table: pond rebuild-control',
  },
};

const OF_ITS_OWN = 'a copy of a store wants a control table of its own: pond rebuild-control with --control';

const IN_A_STORE: Words = {
  older_data: {
    problem:
      'these commits are recorded and not in the store: an older copy was put back there, or it is a copy of the store that they are in',
    remedy: `put the newer one back, or take this one as it is: pond recover; ${OF_ITS_OWN}`,
  },
  older_control: {
    problem:
      'these commits are not in the control table: an older copy of that was put back, or it has failed over to a server that lacks the last records',
    remedy:
      'put the newer one back, or record them again: pond rebuild-control; which of their tasks ran is not known: pond control retry runs those of a commit',
  },
  data_and_control_apart: {
    problem:
      'the store and the control table have different commits under one number: one of them is a copy that has gone on apart',
    remedy: `put back the one that belongs to the other; ${OF_ITS_OWN}; where nobody else uses this one, pond rebuild-control makes a new one in its place`,
  },
};

const words = (
  found: OlderCopy,
  said: Words,
): readonly [keyof Words, Readonly<Record<string, string | number>>] => {
  switch (found._tag) {
    case 'DataIsOlder':
      return ['older_data', { first_txn_seq: found.first, last_txn_seq: found.last, ...said.older_data }];
    case 'ControlIsOlder':
      return [
        'older_control',
        { first_txn_seq: found.first, last_txn_seq: found.last, ...said.older_control },
      ];
    case 'Apart':
      return ['data_and_control_apart', { txn_seq: found.txnSeq, ...said.data_and_control_apart }];
  }
};
