import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondError } from '../errors.js';
import { planOfLoggedCommit } from '../planning/plan-of-commit.js';
import type { Pond } from '../pond/pond.js';
import type { PlanCheck } from '../shapes/report.js';

/** Computes the plan of every commit again and compares its checksum with the recorded one. Reads only. */
export const checkPlans = (pond: Pond): TE.TaskEither<PondError, PlanCheck> =>
  pipe(
    pond.tlog.commitsAfter(0),
    TE.flatMap((commits) =>
      pipe(
        commits,
        TE.traverseSeqArray((commit) =>
          pipe(
            planOfLoggedCommit(pond, commit),
            // Of ten thousand plans only what is compared is kept.
            TE.map(({ txnSeq, plan, recordedChecksum, registryAsked }) => ({
              txnSeq,
              recorded: recordedChecksum,
              computed: plan.checksum,
              registryAsked,
            })),
          ),
        ),
      ),
    ),
    TE.map((plans) => ({
      commits: plans.length,
      differing: plans.filter(({ recorded, computed }) => recorded !== computed),
    })),
  );
