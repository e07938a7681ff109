import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type InitOptions, initPond } from './commit/init-pond.js';
import type { PondError } from './errors.js';
import { type OpeningOptions, openPond } from './pond/open-pond.js';
import type { Pond } from './pond/pond.js';
import { beginShared, type Confine, enterShared } from './shared/open-shared.js';
import type { StewardPorts } from './steward-ports.js';
import type { WriteOutcome } from './transactions.js';

/** Opens a pond in a store. */
export const openShared = (
  ports: StewardPorts,
  confine: Confine,
  url: string,
  options: OpeningOptions,
): TE.TaskEither<PondError, Pond> =>
  pipe(
    enterShared(ports, confine, url, options),
    TE.flatMap(({ ports: confined, directory, shared }) =>
      pipe(
        openPond(confined, directory, { ...options, shared }),
        TE.tapError(() => TE.fromIO(shared.close)),
      ),
    ),
  );

/** Makes a pond in a store. */
export const initShared = (
  ports: StewardPorts,
  confine: Confine,
  url: string,
  options: InitOptions,
): TE.TaskEither<PondError, WriteOutcome<void>> =>
  pipe(
    beginShared(ports, confine, url, options),
    TE.flatMap(({ ports: confined, directory, pondId, shared }) =>
      pipe(
        initPond(confined, directory, { ...options, beginning: { pondId, shared } }),
        TE.tapError(() => TE.fromIO(shared.close)),
      ),
    ),
  );
