import { isRight, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from '../../control/control-error.js';
import type { ControlTable } from '../../control/control-table.js';
import type { Claim } from '../../control/records/claim.js';
import type { StewardPorts } from '../steward-ports.js';

/** This process as a runner: it holds a lock, as long as it lives, by which others see that its claims are alive. */
export interface RunnerOfProcess {
  /** Announces the runner when it is first needed; returns its id. */
  readonly ensure: () => TE.TaskEither<ControlError, string>;
  /** Announces it as one that takes up, in the background, what others leave. */
  readonly serve: () => TE.TaskEither<ControlError, void>;
  /** Tells whether it has ever said so. */
  readonly isInBackground: () => boolean;
  /** Says that it takes up nothing more; nothing where it has never said that it does. */
  readonly stopServing: () => TE.TaskEither<ControlError, void>;
  /**
   * Says that somebody in this process waits for what a commit sets off, until the returned function is called: what
   * derived commits of its tasks have left is then taken by {@link takeDerived} and nobody else.
   */
  readonly awaitDerived: (txnSeq: number) => () => void;
  /** Takes what commits made inside tasks of that commit have left to this runner. */
  readonly takeDerived: (txnSeq: number) => TE.TaskEither<ControlError, readonly Claim[]>;
  /** Takes what other processes have left to this runner; nothing when it was never announced. */
  readonly takeLeft: () => TE.TaskEither<ControlError, readonly Claim[]>;
  /** Ends the runner, unless others have left work to it: then returns that work, and it goes on. */
  readonly end: () => TE.TaskEither<ControlError, readonly Claim[]>;
  /** Lets go at once, whatever it still claims. */
  readonly abandon: () => void;
}

export const runnerOfProcess = (
  { clock, host, ids }: Pick<StewardPorts, 'clock' | 'host' | 'ids'>,
  control: ControlTable,
  command: string,
): RunnerOfProcess => {
  let announced: { readonly id: string; readonly begun: ReturnType<ControlTable['beginRunner']> } | null =
    null;

  const awaited: number[] = [];
  let isInBackground = false;

  const announce = () => {
    const id = ids.uuidV7();
    const beginning = control.beginRunner({
      runnerId: id,
      pid: host.pid,
      command,
      timestamp: clock.nowMicros(),
      place: { bootId: host.bootId(), pidNamespace: host.pidNamespace() },
    })();
    // Two commits side by side share one announcement.
    return { id, begun: () => beginning };
  };
  const ensure: RunnerOfProcess['ensure'] = () => async () => {
    announced ??= announce();
    const runner = announced;
    const begun = await runner.begun();
    if (isRight(begun)) return right(runner.id);
    announced = null;
    return begun;
  };
  return {
    ensure,
    serve: () =>
      pipe(
        ensure(),
        TE.flatMap((id) => control.markBackground(id, true)),
        TE.tapIO(() => () => {
          isInBackground = true;
        }),
      ),
    isInBackground: () => isInBackground,
    stopServing: () =>
      announced === null ? TE.right(undefined) : control.markBackground(announced.id, false),
    awaitDerived: (txnSeq) => {
      awaited.push(txnSeq);
      return () => {
        awaited.splice(awaited.indexOf(txnSeq), 1);
      };
    },
    takeDerived: (txnSeq) =>
      announced === null ? TE.right([]) : control.takeDerivedClaims(announced.id, txnSeq),
    takeLeft: () => (announced === null ? TE.right([]) : control.takeLeftClaims(announced.id, awaited)),
    end: () =>
      announced === null
        ? TE.right([])
        : pipe(
            control.endRunner(announced.id),
            TE.tapIO((left) => () => {
              if (left.length === 0) announced = null;
            }),
          ),
    abandon: () => {
      if (announced !== null) control.abandonRunner(announced.id);
      announced = null;
    },
  };
};
