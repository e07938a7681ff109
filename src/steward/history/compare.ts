import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { isWithin, parsePondPath, ROOT } from '../../domain/paths/pond-path.js';
import { pathsOfDifference } from '../../domain/tree/difference.js';
import { steps } from '../../effects/steps.js';
import { pacing } from '../../executor/pacing.js';
import { differencesOver } from '../../tinyfs/tree/differences.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { Comparison, ComparisonRange } from '../shapes/comparisons.js';

/** Returns where the states of two transactions differ, at or below a path. */
export const compare = (
  pond: Pond,
  { from, to, path = ROOT }: ComparisonRange,
): TaskEither<PondError, Comparison> =>
  steps(async (s) => {
    const root = s.take(parsePondPath(path));
    const newer = await s.run(pond.tlog.snapshot(to));
    const older = await s.run(pond.tlog.snapshot(from));
    const isForward = older.txnSeq <= newer.txnSeq;
    if (!isForward) return s.fail({ _tag: 'WrongOrder', from: older.txnSeq, to: newer.txnSeq });
    // Many differences are not all that their process has to do.
    const span = { since: older.txnSeq, upTo: newer.txnSeq, pause: pacing(pond.ports.clock) };
    const differences = await s.run(differencesOver(newer, span));
    return {
      from: older.txnSeq,
      to: newer.txnSeq,
      differences: differences.filter((difference) =>
        pathsOfDifference(difference).some((touched) => isWithin(root, touched)),
      ),
    };
  });
