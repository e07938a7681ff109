import { isLeft } from 'fp-ts/lib/Either.js';
import type { BranchingSignal } from '../../effects/branching-signal.js';
import type { Operation } from '../operation.js';
import { type Attempt, type AttemptEnd, type AttemptState, abandon, advance } from './attempt.js';
import type { Guarded } from './guarded.js';
import type { Outcome } from './outcome.js';
import type { Preparation } from './prepare.js';
import type { Turn } from './run-in-order.js';
import { attemptSpans, type InAttemptSpan } from './telemetry.js';

/**
 * One operation's way, attempt by attempt. The first attempt was prepared with all the others. Before the next one it
 * waits; an interruption meanwhile leaves it to recovery as one that has not started.
 */
export const runOperation = async <Op extends Operation, Prepared, Started, E>(
  execution: Guarded<Op, Prepared, Started, E>,
  branches: BranchingSignal,
  operation: Op,
  prepared: Preparation<E, Prepared> | undefined,
  turn: Turn,
): Promise<Outcome<E>> => {
  const branch = branches.begin();
  try {
    return await runAttempts(
      execution,
      { interrupt: branch.signal, stopSign: branches.sign },
      operation,
      prepared,
      turn,
    );
  } finally {
    branches.over(branch);
  }
};

const runAttempts = async <Op extends Operation, Prepared, Started, E>(
  execution: Guarded<Op, Prepared, Started, E>,
  stops: Pick<Attempt<Op, Prepared, E>, 'interrupt' | 'stopSign'>,
  operation: Op,
  prepared: Preparation<E, Prepared> | undefined,
  { blockedBy, giveUpPlace }: Turn,
): Promise<Outcome<E>> => {
  const { interrupt } = stops;
  if (interrupt.aborted || prepared === undefined || blockedBy?.by === 'unfinished') {
    return abandon(execution, operation);
  }
  if (blockedBy !== null) {
    const skipped = await execution.journal.skip(operation, blockedBy.operation)();
    return isLeft(skipped)
      ? { _tag: 'Unfinished', error: skipped.left }
      : { _tag: 'Skipped', satisfies: false };
  }
  const inSpan = attemptSpans(execution, operation);
  for (let tried = 0; ; tried += 1) {
    const end = await runAttempt(execution, inSpan, {
      operation,
      tried,
      prepared: tried === 0 ? prepared : null,
      ...stops,
      giveUpPlace,
    });
    if (end._tag === 'Ended') return end.outcome;
    await execution.clock.sleep(end.waitMs, interrupt);
    if (interrupt.aborted) return abandon(execution, operation);
  }
};

const runAttempt = <Op extends Operation, Prepared, Started, E>(
  execution: Guarded<Op, Prepared, Started, E>,
  inSpan: InAttemptSpan<Started, E>,
  attempt: Omit<Attempt<Op, Prepared, E>, 'openSpan'>,
): Promise<AttemptEnd<E>> =>
  inSpan(attempt.tried, async (openSpan, tell) => {
    const inOwnSpan = { openSpan, ...attempt };
    let state: AttemptState<Started, E> = { _tag: 'Starting' };
    while (state._tag !== 'FailedForNow' && state._tag !== 'Ended') {
      const next: AttemptState<Started, E> = await advance(execution, inOwnSpan, state);
      tell(state, next);
      state = next;
    }
    return state;
  });
