import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/records/claim.js';
import { steps } from '../../effects/steps.js';
import { changing } from '../acting.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { ofOneCommit } from './of-one-commit.js';

/**
 * Runs the tasks that other processes left to this runner because it was busy with their configuration path, until
 * there are none, and ends the runner. What nobody would run any more is never left behind by accident.
 */
export const endRunner = (pond: Pond, signal: AbortSignal): TE.TaskEither<PondError, void> =>
  pipe(
    pond.runner.end(),
    TE.flatMap((left) => {
      if (left.length === 0) return TE.right(undefined);
      return pipe(
        runLeft(pond, left, signal),
        TE.flatMap(() => (signal.aborted ? TE.right(undefined) : endRunner(pond, signal))),
      );
    }),
  );

/** The same without ending: between two commits of a long-lived process. */
export const takeOver = (pond: Pond, signal?: AbortSignal): TE.TaskEither<PondError, void> =>
  steps(async ({ run }) => {
    const left = await run(pond.runner.takeLeft());
    if (left.length > 0) await run(runLeft(pond, left, signal ?? new AbortController().signal));
  });

const runLeft = (pond: Pond, left: readonly Claim[], signal: AbortSignal): TE.TaskEither<PondError, void> =>
  pipe(
    ofOneCommit(left),
    TE.traverseSeqArray((claims) =>
      changing(({ runClaims }) =>
        runClaims(pond, claims, { configTxnSeq: claims[0]?.parentTxnSeq ?? 0, signal }),
      ),
    ),
    TE.map(() => undefined),
  );
