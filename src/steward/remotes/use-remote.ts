import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { StorePlace } from '../../ports/object-store.js';
import type { TraceContext } from '../../ports/telemetry.js';
import { type ReliableStore, reliableStore } from '../../stores/reliable-store.js';
import type { Budget } from '../../stores/usage.js';
import type { PondError } from '../errors.js';
import type { StewardPorts } from '../steward-ports.js';

export interface UseOptions {
  readonly signal: AbortSignal;
  readonly trace: TraceContext | null;
  readonly budget?: Budget;
}

/** Opens a store for one piece of work, and lets go of it however that ends. */
export const useRemote = <A>(
  ports: Pick<StewardPorts, 'stores' | 'clock' | 'random' | 'telemetry'>,
  place: StorePlace,
  options: UseOptions,
  use: (store: ReliableStore) => TaskEither<PondError, A>,
): TaskEither<PondError, A> =>
  steps(async ({ run }) => {
    const store = await run<Awaited<ReturnType<typeof open>>>(TE.tryCatch(open, rethrow));
    if (store._tag === 'Left') return run(TE.left(store.left));
    try {
      return await run(use(reliableStore(store.right, { ...ports, ...options })));
    } finally {
      store.right.close();
    }
    function open() {
      return ports.stores.open(place)();
    }
  });

const rethrow = (error: unknown): PondError => {
  throw error;
};
