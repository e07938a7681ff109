import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { SERVER_READ_ONLY, SERVER_TRY_AGAIN } from '../ports/sql-server.js';
import type { PondError } from '../steward/errors.js';

/** Milliseconds between two tries to open a pond whose database is not there: few at first. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 2_000;

/** Codes of a server that is being started, or is a standby and may become the primary. */
const OF_SERVER = new Set([SERVER_TRY_AGAIN, SERVER_READ_ONLY]);

/**
 * Opens a pond, or begins to work for it, and where the server of its control table cannot be reached or takes no writes now, as soon as it can, or until `ending` aborts. Who works for ponds is started
 * again when it has lost that server: one that ended at once each time would be started later and later.
 */
export const whenReached =
  <A>(
    { clock, logger }: { readonly clock: Pick<Clock, 'sleep'>; readonly logger: Pick<Logger, 'log'> },
    ending: AbortSignal,
    open: TE.TaskEither<PondError, A>,
  ): TE.TaskEither<PondError, A> =>
  async () => {
    let said: string | null = null;
    for (let pause = FIRST_PAUSE; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
      const opened = await open();
      if (!isLeft(opened) || ending.aborted) return opened;
      const { left: error } = opened;
      if (error._tag !== 'ControlFailed' || !OF_SERVER.has(error.code)) return opened;
      const saying = `${error.path} ${error.message}`;
      if (saying !== said) {
        logger.log('warn', 'control_not_reached', { control: error.path, error: error.message });
      }
      said = saying;
      await clock.sleep(pause, ending);
    }
  };
