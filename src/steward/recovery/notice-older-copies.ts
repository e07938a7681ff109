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
    TE.map((found) => (found === null ? undefined : pond.ports.logger.log('warn', ...words(found)))),
    TE.orElse((error): TE.TaskEither<never, void> => {
      // Whoever needs the control table is told by that.
      if (pond.control.readOnly === null)
        pond.ports.logger.log('debug', 'older_copies_not_looked_for', { error: describeError(error) });
      return TE.right(undefined);
    }),
  );

const look = (pond: Pond): TE.TaskEither<PondError, OlderCopy | null> =>
  steps(async ({ run }) => {
    const ends = await run(bothEnds(pond));
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

const words = (found: OlderCopy): readonly [string, Readonly<Record<string, string | number>>] => {
  switch (found._tag) {
    case 'DataIsOlder':
      return [
        'older_data',
        {
          first_txn_seq: found.first,
          last_txn_seq: found.last,
          problem: 'these commits are recorded and no longer in the table: an older data/ was put back',
          remedy: 'put the newer data/ back, or take this one as it is: pond recover',
        },
      ];
    case 'ControlIsOlder':
      return [
        'older_control',
        {
          first_txn_seq: found.first,
          last_txn_seq: found.last,
          problem: 'these commits are not in the control table: an older control/ was put back',
          remedy: 'put the newer control/ back, or record them again: pond rebuild-control',
        },
      ];
    case 'Apart':
      return [
        'data_and_control_apart',
        {
          txn_seq: found.txnSeq,
          problem:
            'data/ and control/ have different commits under one number: they are copies that have gone on apart',
          remedy:
            'put back the one that belongs to the other, or make a new control table: pond rebuild-control',
        },
      ];
  }
};
