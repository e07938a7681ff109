import { isLeft } from 'fp-ts/lib/Either.js';
import type { Claim } from '../../control/claim.js';
import type { ControlTable } from '../../control/control-table.js';
import { describeError } from '../describe-error.js';
import type { StewardPorts } from '../steward-ports.js';

/** Milliseconds between two looks: those of tasks that take longer are the ones that somebody cancels. */
const PAUSE = 500;

/** A reason that is there already: without one each abort would make an error. */
const NOBODY = 'nobody';

/** Attempts that run here, and whether somebody wants them ended. */
export interface CancellationWatch {
  /** Begins to look; the returned signal aborts when somebody wants the attempt ended. */
  readonly begun: (claim: Claim, attempt: number) => AbortSignal;
  /** Looks no longer: it has ended, and nothing listens to its signal any more. */
  readonly ended: (claim: Claim) => void;
}

interface Going {
  readonly claim: Claim;
  readonly attempt: number;
  readonly stop: AbortController;
}

/** Looks into the control table as long as attempts run. What is asked for is durable there: who is not told is ended later. */
export const cancellationWatch = (
  control: Pick<ControlTable, 'cancelledAttempts'>,
  { clock, logger }: Pick<StewardPorts, 'clock' | 'logger'>,
): CancellationWatch => {
  /** Attempts by the tokens of their claims. */
  const going = new Map<number, Going>();
  /** Controllers of attempts that have ended unasked, for others. */
  const free: AbortController[] = [];
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
      const stop = free.pop() ?? new AbortController();
      going.set(claim.token, { claim, attempt, stop });
      if (!looking) void lookOn();
      return stop.signal;
    },
    ended: (claim) => {
      const ended = going.get(claim.token);
      going.delete(claim.token);
      if (ended !== undefined && !ended.stop.signal.aborted) free.push(ended.stop);
      if (going.size === 0) pause.abort(NOBODY);
    },
  };
};
