import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/records/claim.js';
import { steps } from '../../effects/steps.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { runPlan } from './run-plan.js';

/**
 * Runs the plan of a commit, and after it has ended what was committed inside its tasks has set off, and so on: these
 * commits have left their tasks to this runner. They are run in the order of the commits, since a task waits for those
 * of the same entry that earlier commits have set off. Returns what the plan does.
 */
export const withDerived =
  <A>(
    pond: Pond,
    txnSeq: number,
    signal: AbortSignal,
    plan: TE.TaskEither<PondError, A>,
  ): TE.TaskEither<PondError, A> =>
  async () => {
    const awaited = awaiting(pond);
    awaited.add(txnSeq);
    try {
      const ended = await plan();
      const ran = await runDerived(pond, awaited, signal)();
      if (isLeft(ran)) {
        const error = describeError(ran.left);
        pond.ports.logger.log('error', 'derived_tasks_not_run', {
          txn_seq: txnSeq,
          error,
          remedy: 'pond recover',
        });
      }
      return ended;
    } finally {
      awaited.end();
    }
  };

/** Commits whose derived ones are run here, and by nobody else in this process. */
interface Awaited {
  readonly all: () => readonly number[];
  readonly add: (txnSeq: number) => void;
  readonly end: () => void;
}

const awaiting = ({ runner }: Pond): Awaited => {
  const ends = new Map<number, () => void>();
  return {
    all: () => [...ends.keys()],
    add: (txnSeq) => {
      if (!ends.has(txnSeq)) ends.set(txnSeq, runner.awaitDerived(txnSeq));
    },
    end: () => {
      for (const end of ends.values()) end();
    },
  };
};

const runDerived = (pond: Pond, awaited: Awaited, signal: AbortSignal): TE.TaskEither<PondError, void> => {
  const waiting: Claim[] = [];
  const run = steps<PondError, void>(async (s) => {
    for (;;) {
      for (const txnSeq of awaited.all()) waiting.push(...(await s.run(pond.runner.takeDerived(txnSeq))));
      waiting.sort((a, b) => a.parentTxnSeq - b.parentTxnSeq || a.executionSeq - b.executionSeq);
      const [first] = waiting;
      if (first === undefined || signal.aborted) return;
      const next = waiting.filter(({ parentTxnSeq }) => parentTxnSeq === first.parentTxnSeq);
      waiting.splice(0, next.length);
      awaited.add(first.parentTxnSeq);
      await s.run(runPlan(pond, next, { configTxnSeq: first.parentTxnSeq, signal }));
    }
  });
  // What is not run after all is left for recovery.
  const release = () => TE.traverseSeqArray((claim: Claim) => pond.control.release(claim))(waiting);
  return pipe(
    run,
    TE.tapError(release),
    TE.tap(release),
    TE.map(() => undefined),
  );
};
