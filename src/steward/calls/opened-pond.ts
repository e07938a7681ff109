import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { once } from '../../effects/once.js';
import { steps } from '../../effects/steps.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { recoverOnOpen } from '../recovery/recover-on-open.js';
import { takeOver } from '../tasks/take-over.js';

/** An open pond, and what its calls do before and after their own work. */
export interface OpenedPond {
  readonly pond: Pond;
  /** Does the work once it was seen, by the first call that asks for it, what a crash has left. */
  readonly afterOpening: <E, A>(work: TE.TaskEither<E, A>) => TE.TaskEither<PondError | E, A>;
  /** Runs, after this process's own tasks, those that others left to it meanwhile. Their outcome is not the caller's. */
  readonly takingOverAfter: (
    signal: AbortSignal | undefined,
  ) => <E, A>(work: TE.TaskEither<E, A>) => TE.TaskEither<E, A>;
}

export const openedPond = (pond: Pond): OpenedPond => {
  const opening = once(recoverOnOpen(pond));
  return {
    pond,
    afterOpening: (work) =>
      steps(async ({ run }) => {
        await run(opening);
        return run(work);
      }),
    takingOverAfter: (signal) => (work) =>
      steps(async ({ run }) => {
        const value = await run(work);
        await quietly(pond, takeOver(pond, signal))();
        return value;
      }),
  };
};

const quietly = (pond: Pond, work: TE.TaskEither<PondError, void>): (() => Promise<void>) =>
  pipe(
    work,
    TE.match(
      (error) => pond.ports.logger.log('warn', 'take_over_failed', { error: describeError(error) }),
      () => undefined,
    ),
  );
