import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { BegunAttempt, Claim, CommitClaim } from '../../control/records/claim.js';
import type { Telemetry } from '../../ports/telemetry.js';
import { ATTRIBUTE, SPAN } from '../../ports/telemetry-names.js';
import type { Pond } from '../pond/pond.js';
import type { RunTask } from './run-task.js';

/** Attempts that have begun with the record of their commit, by the token of their claim. */
export type BegunAttempts = ReadonlyMap<number, BegunAttempt>;

/** Attempts of a commit that have begun with its record. */
export const begunIn = (claims: readonly CommitClaim[]): BegunAttempts =>
  new Map(claims.flatMap(({ token, begun }) => (begun === undefined ? [] : [[token, begun] as const])));

/** Gives the spans of attempts that have begun the identity that is recorded of them. */
export const spansOfBegun = (
  telemetry: Telemetry,
  tasks: readonly Pick<RunTask, 'id' | 'claim'>[],
  begun: BegunAttempts,
): Telemetry => {
  if (begun.size === 0) return telemetry;
  const recorded = new Map<unknown, string>();
  for (const { id, claim } of tasks) {
    const attempt = begun.get(claim.token);
    if (attempt !== undefined) recorded.set(id, attempt.traceParent);
  }
  return {
    ...telemetry,
    startSpan: (start) => {
      const task = start.name === SPAN.operation ? start.attributes?.[ATTRIBUTE.operationId] : undefined;
      const traceParent = recorded.get(task);
      if (traceParent === undefined) return telemetry.startSpan(start);
      // The attempts after it have identities of their own.
      recorded.delete(task);
      return telemetry.startSpan({ context: { traceParent, origin: 'here' }, ...start });
    },
  };
};

/**
 * Ends an attempt that has begun with its claim and is not run here; the task is pending again, and may be taken after so many milliseconds. Such an end
 * has no duration: nothing has run, and no retry policy counts it.
 */
export const endUnrun = (
  pond: Pond,
  claim: Claim,
  { errorMessage, laterMs }: { readonly errorMessage: string; readonly laterMs: number },
): ReturnType<Pond['control']['release']> => {
  const timestamp = pond.ports.clock.nowMicros();
  return pipe(
    pond.attempts.ended(claim, {
      _tag: 'Failed',
      end: {
        attempt: 1,
        timestamp,
        durationMs: null,
        errorMessage,
        next: { notBefore: timestamp + laterMs * 1000 },
      },
    }),
    TE.asUnit,
  );
};
