import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { StoreCallError, StoreFailed } from '../ports/object-store.js';
import type { Random } from '../ports/random.js';
import { endingsWith } from './endings-with.js';
import { type Attempted, NO_ANSWER, type Once, type StoreAccess } from './one-request.js';
import type { StoreError } from './store-error.js';

/** Tries of one request. */
const ATTEMPTS = 6;
/** Milliseconds: the first wait is at most this, each further one at most twice as long, up to the longest. */
const FIRST_WAIT = 200;
const LONGEST_WAIT = 10_000;
/** A longer wait that a store asks for is left to whoever repeats the whole. */
const LONGEST_ASKED_WAIT = 60_000;

/** Makes a request until it succeeds, or repeating it cannot help. */
export type Repeated = <A>(
  attempted: Attempted,
  request: (signal: AbortSignal) => TaskEither<StoreCallError, A>,
  received?: (value: A) => number,
  /** Tells, after each request whose effect is not known, what came of it; null: nothing yet. */
  recheck?: () => Promise<Either<StoreError, A> | null>,
) => TaskEither<StoreError, A>;

export const repeating = (
  store: string,
  once: Once,
  access: Pick<StoreAccess, 'clock' | 'random' | 'signal' | 'logger'>,
): Repeated => {
  const { clock, random, signal } = access;
  const hear = silenceOf(store, access);
  const waits = endingsWith(signal);
  return (attempted, request, received = () => 0, recheck = async () => null) =>
    async () => {
      let isUnclear = false;
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await once(attempted, request, received)();
        hear(attempted, outcome, attempt);
        if (!isLeft(outcome)) return outcome;
        const error = outcome.left;
        const lost = error._tag === 'ConditionFailed' && isUnclear;
        const failed = error._tag === 'StoreFailed' && error.isTransient ? error : null;
        if (!lost && failed === null) return outcome;
        isUnclear = true;
        const settled = await recheck();
        if (settled !== null) return settled;
        if (failed === null) return outcome;
        const wait = waitAfter(attempt, failed, random);
        if (attempt >= ATTEMPTS || wait === null) return outcome;
        if (signal.aborted) continue;
        const waiting = waits.begin();
        await clock.sleep(wait, waiting.signal);
        waits.end(waiting);
      }
    };
};

/** Hears what comes of requests to a store, and says once, until it answers again, that it is silent and goes on being asked. */
const silenceOf = (store: string, { logger }: Pick<StoreAccess, 'logger'>) => {
  let isSilent = false;
  return ({ call, key }: Attempted, outcome: Either<StoreError, unknown>, attempt: number): void => {
    const silence =
      isLeft(outcome) && outcome.left._tag === 'StoreFailed' && outcome.left.code === NO_ANSWER
        ? outcome.left
        : null;
    if (silence !== null && !isSilent && attempt < ATTEMPTS) {
      logger?.log('warn', 'store_silent', {
        store,
        request: `${call} ${key}`,
        error: `${silence.message}; it goes on being asked, at most ${ATTEMPTS} times`,
      });
    }
    isSilent = silence !== null;
  };
};

/** Milliseconds to wait before the next try, at random, so that those who failed together do not come again together; null: too long. */
const waitAfter = (attempt: number, { retryAfterMs }: StoreFailed, random: Random): number | null => {
  const own = random.fraction() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1));
  if (retryAfterMs === null) return own;
  return retryAfterMs > LONGEST_ASKED_WAIT ? null : retryAfterMs + own;
};
