import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { untilClosed } from '../effects/until-closed.js';
import { historyCalls } from './calls/history-calls.js';
import { openedPond } from './calls/opened-pond.js';
import { remoteCalls } from './calls/remote-calls.js';
import { settingCalls } from './calls/setting-calls.js';
import { stateCalls } from './calls/state-calls.js';
import { taskCalls } from './calls/task-calls.js';
import { transactionCalls } from './calls/transaction-calls.js';
import { upkeepCalls } from './calls/upkeep-calls.js';
import { describeError } from './describe-error.js';
import type { PondError } from './errors.js';
import type { Pond } from './pond/pond.js';
import type { Steward } from './steward.js';
import { endRunner } from './tasks/take-over.js';

/** The steward of an open pond. `ending`: aborts when what others have left to it is left again, and not run, as it closes. */
export const createSteward = (pond: Pond, ending: AbortSignal = new AbortController().signal): Steward => {
  const opened = openedPond(pond);
  const calls: Omit<Steward, 'close'> = {
    directory: pond.address,
    pondId: pond.tlog.pondId,
    birthplace: pond.tlog.birthplace,
    ...transactionCalls(opened),
    ...historyCalls(pond),
    ...taskCalls(opened),
    ...stateCalls(pond),
    ...upkeepCalls(opened),
    ...settingCalls(pond),
    ...remoteCalls(pond),
  };
  const whileOpen = untilClosed(
    calls,
    ({ name }): PondError => ({ _tag: 'PondClosed', directory: pond.address, call: name }),
  );
  return {
    ...whileOpen.open,
    close: () => async () => {
      whileOpen.close();
      return close(pond, ending)();
    },
  };
};

const close =
  (pond: Pond, signal: AbortSignal): TaskEither<never, void> =>
  async () => {
    const ended = await endRunner(pond, signal)();
    if (isLeft(ended)) {
      pond.ports.logger.log('warn', 'runner_not_ended', { error: describeError(ended.left) });
      pond.runner.abandon();
    }
    await pond.shared?.tlog.copied();
    pond.control.close();
    return right(undefined);
  };
