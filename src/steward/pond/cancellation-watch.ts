import { isLeft } from 'fp-ts/lib/Either.js';
import type { ControlTable } from '../../control/control-table.js';
import type { Claim } from '../../control/records/claim.js';
import { OwnStopSign, type StopSign } from '../../effects/stop-sign.js';
import { describeError } from '../describe-error.js';
import type { StewardPorts } from '../steward-ports.js';

/** Milliseconds between two looks: those of tasks that take longer are the ones that somebody cancels. */
const PAUSE = 500;

/** A reason that is there already: without one each abort would make an error. */
const NOBODY = 'nobody';

/** Attempts that run here, and whether somebody wants them ended. */
export interface CancellationWatch {
  /** Begins to look; the returned sign is put up when somebody wants the attempt ended. */
  readonly begun: (claim: Claim, attempt: number) => StopSign;
  /** Looks no longer: it has ended. */
  readonly ended: (claim: Claim) => void;
}

interface Going {
  readonly claim: Claim;
  readonly attempt: number;
  readonly stop: OwnStopSign;
}

/** Looks into the control table as long as attempts run. What is asked for is durable there: who is not told is ended later. */
export const cancellationWatch = (
  control: Pick<ControlTable, 'cancelledAttempts'>,
  { clock, logger }: Pick<StewardPorts, 'clock' | 'logger'>,
): CancellationWatch => {
  /** Attempts by the tokens of their claims. */
  const going = new Map<number, Going>();
  let pause = new AbortController();
  let looking = false;

  const look = async (): Promise<void> => {
    while (going.size > 0) {
      pause = new AbortController();
      await clock.sleep(PAUSE, pause.signal);
      const [first] = going.values();
      if (first === undefined) return;
      if (pause.signal.aborted) continue;
      const asked = await control.cancelledAttempts(first.claim.runnerId)();
      if (isLeft(asked)) {
        logger.log('debug', 'cancellations_not_read', { error: describeError(asked.left) });
        continue;
      }
      for (const { attempt, ...task } of asked.right) {
        const found = [...going.values()].find(
          ({ claim }) => claim.parentTxnSeq === task.parentTxnSeq && claim.executionSeq === task.executionSeq,
        );
        if (found?.attempt === attempt) found.stop.abort();
      }
    }
  };

  const lookOn = async (): Promise<void> => {
    looking = true;
    try {
      // An attempt that begins while the last look is ending is looked after, too.
      do await look();
      while (going.size > 0);
    } catch (defect) {
      logger.log('error', 'cancellations_not_read', { error: String(defect) });
    } finally {
      looking = false;
    }
  };

  return {
    begun: (claim, attempt) => {
      const stop = new OwnStopSign();
      going.set(claim.token, { claim, attempt, stop });
      if (!looking) void lookOn();
      return stop;
    },
    ended: (claim) => {
      going.delete(claim.token);
      if (going.size === 0) pause.abort(NOBODY);
    },
  };
};
