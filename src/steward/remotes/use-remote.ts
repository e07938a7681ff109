import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { StorePlace } from '../../ports/object-store.js';
import type { TraceContext } from '../../ports/telemetry.js';
import { INTERRUPTED } from '../../stores/one-request.js';
import { type ReliableStore, reliableStore } from '../../stores/reliable-store.js';
import type { Budget, Usage } from '../../stores/usage.js';
import type { PondError } from '../errors.js';
import type { StewardPorts } from '../steward-ports.js';

export interface UseOptions {
  readonly signal: AbortSignal;
  readonly trace: TraceContext | null;
  readonly budget?: Budget;
  readonly onUse?: ((usage: Usage) => void) | undefined;
}

/** Opens a store for one piece of work, and lets go of it however that ends. What an interruption ended is told as that. */
export const useRemote = <A>(
  ports: Pick<StewardPorts, 'stores' | 'clock' | 'random' | 'telemetry' | 'logger'>,
  place: StorePlace,
  options: UseOptions,
  use: (store: ReliableStore) => TaskEither<PondError, A>,
): TaskEither<PondError, A> =>
  steps(async ({ run }) => {
    const store = await run<Awaited<ReturnType<typeof open>>>(TE.tryCatch(open, rethrow));
    if (store._tag === 'Left') return run(TE.left(store.left));
    try {
      const { onUse, ...access } = options;
      const reliable = reliableStore(store.right, {
        ...ports,
        ...access,
        ...(onUse === undefined ? {} : { onUse }),
      });
      return await run(TE.mapLeft(interruptionOf)(use(reliable)));
    } finally {
      store.right.close();
    }
    function open() {
      return ports.stores.open(place)();
    }
  });

const interruptionOf = (error: PondError): PondError =>
  error._tag === 'StoreFailed' && error.code === INTERRUPTED
    ? { _tag: 'TransferInterrupted', store: error.store }
    : error;

const rethrow = (error: unknown): PondError => {
  throw error;
};
