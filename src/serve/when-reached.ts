import { isLeft } from 'fp-ts/lib/Either.js';
import type { Task } from 'fp-ts/lib/Task.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { unlessEnded } from '../effects/unless-ended.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { SERVER_READ_ONLY, SERVER_TRY_AGAIN } from '../ports/sql-server.js';
import type { PondError } from '../steward/errors.js';

/** Milliseconds between two tries to open a pond whose store or database is not there: few at first. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 2_000;

/** Codes of a server that is being started, or is a standby and may become the primary. */
const OF_SERVER = new Set([SERVER_TRY_AGAIN, SERVER_READ_ONLY]);

/** Error of whoever is told to end before it has begun. */
const ENDED: PondError = { _tag: 'Interrupted', call: 'waiting for the pond' };

/** Tells whether somebody was told to end while the pond was waited for; work that had begun and was interrupted is something else. */
export const endedWhileWaiting = (error: unknown): boolean => error === ENDED;

/**
 * Opens a pond, or begins to work for it, and where its store, or the server of its control table, cannot be reached or takes no writes now, as soon as it can. Who works for ponds is
 * started again when it has lost that server: one that ended at once each time would be started later and later. When `ending` aborts it is
 * `Interrupted` at once, also in the middle of a try, and what that still opens is given to `letGo`.
 */
export const whenReached =
  <A>(
    { clock, logger }: { readonly clock: Pick<Clock, 'sleep'>; readonly logger: Pick<Logger, 'log'> },
    ending: AbortSignal,
    open: TE.TaskEither<PondError, A>,
    letGo: (opened: A) => Task<unknown>,
  ): TE.TaskEither<PondError, A> =>
  async () => {
    let said: string | null = null;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const opened = await unlessEnded(ending, ENDED, open, (late) => lettingGo(letGo, late, logger));
      if (!isLeft(opened)) return opened;
      const away = notReached(opened.left);
      if (away === null) return opened;
      const saying = Object.values(away.about).join(' ');
      if (saying !== said) logger.log('warn', away.event, away.about);
      said = saying;
      await clock.sleep(pause, ending);
    }
  };

/** Lets go of what was opened too late. Nobody waits for that any more: what goes wrong is said. */
const lettingGo =
  <A>(letGo: (opened: A) => Task<unknown>, late: A, logger: Pick<Logger, 'log'>): Task<void> =>
  async () => {
    try {
      await letGo(late)();
    } catch (problem) {
      logger.log('warn', 'pond_not_closed', { error: String(problem) });
    }
  };

/** Event about what cannot be reached for a while; null: it is something else, and waiting does not help. */
const notReached = (
  error: PondError,
): { readonly event: string; readonly about: Readonly<Record<string, string>> } | null => {
  if (error._tag === 'ControlFailed' && OF_SERVER.has(error.code)) {
    return {
      event: 'control_not_reached',
      about: {
        control: error.path,
        error: error.message,
        ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      },
    };
  }
  // By whichever of the requests with which a pond is opened.
  if (error._tag === 'StorageFailed' && error.unreached !== undefined) {
    return { event: 'store_not_reached', about: { store: error.unreached, error: error.code } };
  }
  return error._tag === 'StoreFailed' && error.isTransient
    ? { event: 'store_not_reached', about: { store: error.store, error: error.message } }
    : null;
};
