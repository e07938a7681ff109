import { isLeft, left } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { withSpan } from '../effects/with-span.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { StoreCall, StoreCallError, StoreFailed } from '../ports/object-store.js';
import type { Random } from '../ports/random.js';
import type { Telemetry, TraceContext } from '../ports/telemetry.js';
import { ATTRIBUTE, STORE_COUNTER, STORE_SPAN } from '../ports/telemetry-names.js';
import { endingsWith } from './endings-with.js';
import type { StoreError } from './store-error.js';
import { addUsage, type Budget, beyond, NO_USAGE, type Usage, withoutUsage } from './usage.js';

/** Options by which a store is used. */
export interface StoreAccess {
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
  /** The span under which requests are spans of their own; null begins traces. */
  readonly trace: TraceContext | null;
  /** Its abort ends the request under way, and no further one is made. */
  readonly signal: AbortSignal;
  /** Default: no limit. */
  readonly budget?: Budget;
  /** Hears of a store that is silent and goes on being asked: that takes minutes. Default: nobody does. */
  readonly logger?: Pick<Logger, 'log'>;
  /** Hears of the use so far after each request. Default: nobody does. */
  readonly onUse?: (usage: Usage) => void;
}

/** Code of a request that was not made, or ended, because its caller was interrupted. */
export const INTERRUPTED = 'INTERRUPTED';

/** Code of a request that had no answer in time. */
export const NO_ANSWER = 'TIMEOUT';

/** Reason for which a deadline is given up. Without one an error is made, whose stack costs more than the rest of it. */
const SETTLED = 'settled';

/** Milliseconds that a request may take, besides a second for so many bytes. */
const DEADLINE = 30_000;
const BYTES_PER_SECOND = 64 * 1024;

/** A request that is to be made. */
export interface Attempted {
  readonly call: StoreCall;
  readonly key: string;
  /** Bytes that the request has, and about so many that are expected of its answer. */
  readonly sent: number;
  readonly expected: number;
}

/** Makes one request, within its deadline and the budget; what its answer has received is counted. */
export type Once = <A>(
  attempted: Attempted,
  request: (signal: AbortSignal) => TaskEither<StoreCallError, A>,
  received: (value: A) => number,
) => TaskEither<StoreError, A>;

/** Requests to the store of this address, one by one, and what they have used. */
export const requestsTo = (
  url: string,
  access: StoreAccess,
): { readonly once: Once; readonly usage: () => Usage } => {
  const { clock, telemetry, trace, signal, budget, onUse } = access;
  let used = NO_USAGE;
  /** Most that the requests under way may use. */
  let pending = NO_USAGE;
  const { begin, end } = endingsWith(signal);
  const count = (usage: Usage) => {
    used = addUsage(used, usage);
    telemetry.add(STORE_COUNTER.requests, usage.requests);
    telemetry.add(STORE_COUNTER.bytesSent, usage.bytesSent);
    telemetry.add(STORE_COUNTER.bytesReceived, usage.bytesReceived);
    onUse?.(used);
  };

  const once: Once =
    ({ call, key, sent, expected }, request, received) =>
    async () => {
      const spent = budget === undefined ? null : beyond(budget, addUsage(used, pending), sent + expected);
      if (spent !== null) return left({ _tag: 'BudgetSpent', store: url, ...spent });
      if (signal.aborted) return left(interrupted(url, call, key));
      const reserved: Usage = { requests: 1, bytesSent: sent, bytesReceived: expected };
      pending = addUsage(pending, reserved);
      const attributes = { [ATTRIBUTE.storeKey]: key };
      return withSpan(telemetry, { name: STORE_SPAN[call], parent: trace, attributes }, async (span) => {
        const ending = begin();
        const settled = new AbortController();
        const deadline = DEADLINE + (1000 * (sent + expected)) / BYTES_PER_SECOND;
        const late = clock.sleep(deadline, settled.signal).then(() => 'late' as const);
        const outcome = await Promise.race([request(ending.signal)(), late]);
        settled.abort(SETTLED);
        end(ending);
        if (outcome === 'late') ending.abort();
        pending = withoutUsage(pending, reserved);
        const ended = outcome === 'late' ? left(timedOut(url, call, key, deadline)) : outcome;
        count({
          requests: 1,
          bytesSent: sent,
          bytesReceived: isLeft(ended) ? 0 : received(ended.right),
        });
        if (isLeft(ended) && ended.left._tag === 'StoreFailed') span.fail(ended.left.message);
        return isLeft(ended) && signal.aborted ? left(interrupted(url, call, key)) : ended;
      });
    };

  return { once, usage: () => used };
};

const interrupted = (store: string, call: StoreCall, key: string): StoreFailed => ({
  _tag: 'StoreFailed',
  store,
  call,
  key,
  code: INTERRUPTED,
  message: 'interrupted',
  isTransient: false,
  retryAfterMs: null,
});

const timedOut = (store: string, call: StoreCall, key: string, milliseconds: number): StoreFailed => ({
  _tag: 'StoreFailed',
  store,
  call,
  key,
  code: NO_ANSWER,
  message: `no answer within ${Math.round(milliseconds / 1000)} s`,
  isTransient: true,
  retryAfterMs: null,
});
