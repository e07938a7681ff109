import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';

/**
 * The newest commit that is not after a time, in microseconds since the epoch. Found by halving: where a clock was set
 * back between commits, one of those around that time.
 */
export const commitAt = (pond: Pond, timestamp: number): TaskEither<PondError, number> =>
  steps(async (s) => {
    const { txnSeq: newest } = await s.run(pond.tlog.head());
    let low = 0;
    let high = newest;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      const commit = await s.run(pond.tlog.commitOf(middle));
      if (commit.timestamp <= timestamp) low = middle;
      else high = middle - 1;
    }
    return low === 0 ? s.fail({ _tag: 'NoCommitYet', timestamp }) : low;
  });
