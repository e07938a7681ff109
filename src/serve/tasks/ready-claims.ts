import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { ControlError } from '../../control/control-error.js';
import type { ClaimOrder, FleetTable, WorkerPlace } from '../../control/fleet-table.js';
import { steps } from '../../effects/steps.js';
import type { Clock } from '../../ports/clock.js';
import type { ReadyTasks } from '../../steward/tasks/ready/run-ready.js';
import type { ServedPond } from '../served-pond.js';
import { LOOK } from './fleet-looks.js';
import type { RunningClaims } from './running-claims.js';

/**
 * Milliseconds for which a worker that came too late for the last arrival lets others go first, and asks then whether anything is left: of many that
 * claimed at once all but one would be in that one's way.
 */
const OTHERS_FIRST = 4;

/** Asks for tasks whose turn has come, as many as a worker has places, and begins them. Each question is a journey. */
export interface ReadyClaims {
  readonly freePlaces: () => number;
  /** Something may be ready that was not when it was asked last. */
  readonly mayBeReady: () => boolean;
  /** Forgets that nothing was ready. */
  readonly lookAgain: () => void;
  /** Claims as many as there are places. */
  readonly claim: (place: WorkerPlace, signal: AbortSignal) => TE.TaskEither<ControlError, void>;
  /** Order by which what takes the places of tasks that end is claimed with their ends. */
  readonly orderFor: (place: WorkerPlace, signal: AbortSignal) => ClaimOrder;
}

export const readyClaims = (
  { pond, news, arrivals }: WhatArrives,
  fleet: Pick<FleetTable, 'claimReady'>,
  { concurrency, tasks, running }: ForWhom,
): ReadyClaims => {
  const { clock } = pond.ports;
  /** Tasks that have been asked for and have not been begun. */
  const asked = { byThemselves: 0, withEnds: 0 };
  /** The news known, and the time, when nothing was ready that this worker may take. */
  let nothingReady: { readonly news: number; readonly at: number } | null = null;
  /** Arrivals of tasks known when it was asked last, and whether nothing of the last one was for this worker. */
  let arrived = arrivals.count();
  let wasLate = false;

  const asOfNow = () => ({ news: news.count(), at: clock.monotonicMs() });
  const freePlaces = () => concurrency - running.size() - asked.byThemselves - asked.withEnds;
  return {
    freePlaces,
    mayBeReady: () =>
      nothingReady === null ||
      news.count() > nothingReady.news ||
      clock.monotonicMs() - nothingReady.at >= LOOK,
    lookAgain: () => {
      nothingReady = null;
    },
    claim: (place, signal) =>
      steps(async ({ run }) => {
        const hasArrived = arrivals.count() > arrived;
        const isFirst = !wasLate;
        if (hasArrived && wasLate) await clock.sleep(OTHERS_FIRST, signal);
        const limit = freePlaces();
        // Meanwhile the places may have been asked for with the ends of others, or all is to stop.
        if (signal.aborted || limit <= 0) return;
        const looked = asOfNow();
        arrived = arrivals.count();
        asked.byThemselves = limit;
        try {
          const claims = await run(
            fleet.claimReady(place, {
              limit,
              now: clock.nowMicros(),
              beginning: tasks.beginning(limit),
              held: running.tokens(),
              isAnyReady: hasArrived && isFirst,
            }),
          );
          nothingReady = claims.length < limit ? looked : null;
          if (hasArrived || claims.length > 0) wasLate = claims.length === 0;
          running.begin(claims, signal);
        } finally {
          asked.byThemselves = 0;
        }
      }),
    orderFor: (worker, signal) => {
      let looked = asOfNow();
      let ending: readonly number[] = [];
      return {
        worker,
        held: running.tokens,
        now: clock.nowMicros,
        beginning: tasks.beginning,
        wanted: (ended) => {
          looked = asOfNow();
          asked.withEnds = 0;
          // Of what else this process runs no place becomes free.
          ending = ended.map(({ token }) => token).filter(running.has);
          // One that has failed and was tried again ends a second time.
          running.setReplaced(ending, false);
          const places = ending.length;
          asked.withEnds = signal.aborted || places === 0 ? 0 : Math.max(0, freePlaces() + places);
          return asked.withEnds;
        },
        deliver: (claims, isAll) => {
          const areAllTaken = claims.length > 0 && claims.length === asked.withEnds;
          if (isAll || areAllTaken) running.setReplaced(ending, true);
          asked.withEnds = 0;
          running.begin(claims, signal);
          nothingReady = isAll ? looked : null;
          // What this process ends by itself is not news to it, but where others could be ready.
          if (!isAll && freePlaces() > 0) news.tell();
        },
      };
    },
  };
};

/** Pond of which something may be ready, as far as this is told. */
interface WhatArrives extends Pick<ServedPond, 'news' | 'arrivals'> {
  readonly pond: { readonly ports: { readonly clock: Pick<Clock, 'monotonicMs' | 'nowMicros' | 'sleep'> } };
}

/** Worker for which is asked. */
interface ForWhom {
  readonly concurrency: number;
  readonly tasks: Pick<ReadyTasks, 'beginning'>;
  readonly running: RunningClaims;
}
