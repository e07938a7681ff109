import { createHash } from 'node:crypto';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import { withSpan } from '../effects/with-span.js';
import type { Clock } from '../ports/clock.js';
import {
  type GetRequest,
  type ListRequest,
  NOT_OF_THE_STORE,
  type ObjectInfo,
  type ObjectStore,
  type PutRequest,
  type StoreCall,
  type StoreCallError,
  type StoreFailed,
  type Upload,
  type UploadPart,
} from '../ports/object-store.js';
import type { Random } from '../ports/random.js';
import type { Telemetry, TraceContext } from '../ports/telemetry.js';
import { ATTRIBUTE, STORE_COUNTER, STORE_SPAN } from '../ports/telemetry-names.js';
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
  /** Hears of the use so far after each request. Default: nobody does. */
  readonly onUse?: (usage: Usage) => void;
}

/** A store whose requests have deadlines, are repeated where that can help, and are counted. */
export interface ReliableStore {
  readonly url: string;
  /** Use since it was made, failed requests included. */
  readonly usage: () => Usage;
  /**
   * Puts an object. With a condition it is told apart whether an answer that got lost was a success: what is there is
   * read, and compared.
   */
  readonly put: (request: PutRequest) => TaskEither<StoreError, { readonly etag: string }>;
  readonly get: (
    request: WantedObject,
  ) => TaskEither<StoreError, { readonly content: Uint8Array; readonly etag: string }>;
  /** Null: there is none. */
  readonly head: (key: string) => TaskEither<StoreError, ObjectInfo | null>;
  /** All objects, in as many requests as that takes. */
  readonly list: (request: ListRequest) => TaskEither<StoreError, readonly ObjectInfo[]>;
  readonly delete: (key: string) => TaskEither<StoreError, void>;
  readonly uploads: {
    readonly begin: (request: Pick<PutRequest, 'key' | 'contentType'>) => TaskEither<StoreError, Upload>;
    readonly put: (
      upload: Upload,
      part: { readonly number: number; readonly content: Uint8Array },
    ) => TaskEither<StoreError, UploadPart>;
    /**
     * Completes an object of parts. An answer that got lost was a success where the upload is gone and what lies under the key
     * is made of these parts.
     */
    readonly complete: (
      upload: Upload,
      parts: readonly UploadPart[],
      condition: { readonly _tag: 'Absent' } | null,
    ) => TaskEither<StoreError, void>;
    readonly abort: (upload: Upload) => TaskEither<StoreError, void>;
    readonly unfinished: (key: string) => TaskEither<StoreError, readonly Upload[]>;
    readonly parts: (upload: Upload) => TaskEither<StoreError, readonly UploadPart[]>;
  };
}

/** Code of a request that was not made, or ended, because its caller was interrupted. */
export const INTERRUPTED = 'INTERRUPTED';

/** Reason for which a deadline is given up. Without one an error is made, whose stack costs more than the rest of it. */
const SETTLED = 'settled';

/** Tries of one request. */
const ATTEMPTS = 6;
/** Milliseconds: the first wait is at most this, each further one at most twice as long, up to the longest. */
const FIRST_WAIT = 200;
const LONGEST_WAIT = 10_000;
/** A longer wait that a store asks for is left to whoever repeats the whole. */
const LONGEST_ASKED_WAIT = 60_000;
/** Milliseconds that a request may take, besides a second for so many bytes. */
const DEADLINE = 30_000;
const BYTES_PER_SECOND = 64 * 1024;

/** Bytes of an object that is read whole; packs of log entries are the largest. */
const LARGEST_WHOLE = 256 * 1024 * 1024;
/** Objects of one list: a server may say that there are more for ever. */
const LONGEST_LIST = 5_000_000;
/** Pages of one list. They mostly have a thousand objects each; a server may give one at a time, for ever. */
const MOST_PAGES = 20_000;

/** An object, or a range of it, that is to be got. */
export type WantedObject = Omit<GetRequest, 'maxBytes'>;

interface Attempted {
  readonly call: StoreCall;
  readonly key: string;
  /** Bytes that the request has, and about so many that are expected of its answer. */
  readonly sent: number;
  readonly expected: number;
}

export const reliableStore = (store: ObjectStore, access: StoreAccess): ReliableStore => {
  const { clock, random, telemetry, trace, signal, budget, onUse } = access;
  let used = NO_USAGE;
  /** Most that the requests under way may use. */
  let pending = NO_USAGE;
  /** Requests under way: one listener for all of them, however many there are, and none where there are none. */
  const endings = new Set<AbortController>();
  const endAll = (): void => {
    for (const ending of endings) ending.abort();
  };
  const begin = (): AbortController => {
    const ending = new AbortController();
    if (endings.size === 0) signal.addEventListener('abort', endAll, { once: true });
    endings.add(ending);
    return ending;
  };
  const end = (ending: AbortController): void => {
    endings.delete(ending);
    if (endings.size === 0) signal.removeEventListener('abort', endAll);
  };
  const count = (usage: Usage) => {
    used = addUsage(used, usage);
    telemetry.add(STORE_COUNTER.requests, usage.requests);
    telemetry.add(STORE_COUNTER.bytesSent, usage.bytesSent);
    telemetry.add(STORE_COUNTER.bytesReceived, usage.bytesReceived);
    onUse?.(used);
  };

  /** One request, within its deadline and the budget. */
  const once =
    <A>(
      { call, key, sent, expected }: Attempted,
      request: (signal: AbortSignal) => TaskEither<StoreCallError, A>,
      received: (value: A) => number,
    ): TaskEither<StoreError, A> =>
    async () => {
      const spent = budget === undefined ? null : beyond(budget, addUsage(used, pending), sent + expected);
      if (spent !== null) return left({ _tag: 'BudgetSpent', store: store.url, ...spent });
      if (signal.aborted) return left(interrupted(store.url, call, key));
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
        const ended: Either<StoreCallError, A> =
          outcome === 'late' ? left(timedOut(store.url, call, key, deadline)) : outcome;
        count({
          requests: 1,
          bytesSent: sent,
          bytesReceived: isLeft(ended) ? 0 : received(ended.right),
        });
        if (isLeft(ended) && ended.left._tag === 'StoreFailed') span.fail(ended.left.message);
        return isLeft(ended) && signal.aborted ? left(interrupted(store.url, call, key)) : ended;
      });
    };

  /** The same until it succeeds, or repeating it cannot help. `recheck` is asked after each request whose effect is not known. */
  const repeated =
    <A>(
      attempted: Attempted,
      request: (signal: AbortSignal) => TaskEither<StoreCallError, A>,
      received: (value: A) => number = () => 0,
      recheck: () => Promise<Either<StoreError, A> | null> = async () => null,
    ): TaskEither<StoreError, A> =>
    async () => {
      let isUnclear = false;
      for (let attempt = 1; ; attempt += 1) {
        const outcome = await once(attempted, request, received)();
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
        await clock.sleep(wait, signal);
      }
    };

  const get = ({ key, range, into }: WantedObject) =>
    repeated(
      { call: 'get', key, sent: 0, expected: range?.length ?? 0 },
      (ending) => {
        const maxBytes = range?.length ?? LARGEST_WHOLE;
        const wanted = {
          ...(range === undefined ? {} : { range }),
          ...(into === undefined ? {} : { into }),
        };
        return store.get({ key, maxBytes, ...wanted }, ending);
      },
      ({ content }) => content.length,
    );

  const put = (request: PutRequest): ReturnType<ReliableStore['put']> => {
    const { key, content, condition } = request;
    const attempted: Attempted = { call: 'put', key, sent: content.length, expected: 0 };
    /** Tells whether what is there is what was sent: then it was written, by this call or by one like it. */
    const isOurs = async () => {
      const there = await get({ key })();
      if (isLeft(there)) return there.left._tag === 'ObjectMissing' ? null : there;
      if (Buffer.compare(there.right.content, content) === 0) return right({ etag: there.right.etag });
      return condition?._tag === 'Absent'
        ? left({ _tag: 'ConditionFailed', store: store.url, key } as const)
        : null;
    };
    return repeated(
      attempted,
      (ending) => store.put(request, ending),
      undefined,
      condition === undefined ? undefined : isOurs,
    );
  };

  const upload = <A>(
    key: string,
    sent: number,
    request: (ending: AbortSignal) => TaskEither<StoreCallError, A>,
  ) => repeated({ call: 'upload', key, sent, expected: 0 }, request);

  const head = (key: string) => async (): Promise<Either<StoreError, ObjectInfo | null>> => {
    const found = await repeated({ call: 'head', key, sent: 0, expected: 0 }, (ending) =>
      store.head(key, ending),
    )();
    return isLeft(found) && found.left._tag === 'ObjectMissing' ? right(null) : found;
  };

  const complete: ReliableStore['uploads']['complete'] = (of, parts, condition) => async () => {
    const { key } = of;
    let isUnclear = false;
    const isDone = async (): Promise<Either<StoreError, void> | null> => {
      isUnclear = true;
      const there = await head(key)();
      if (isLeft(there)) return there;
      return there.right !== null && isMadeOf(there.right, parts) ? right(undefined) : null;
    };
    const outcome = await repeated(
      { call: 'upload', key, sent: 0, expected: 0 },
      (ending) => store.uploads.complete(of, parts, condition, ending),
      undefined,
      isDone,
    )();
    // An earlier request had its effect after it was looked for.
    const isGone = isUnclear && isLeft(outcome) && outcome.left._tag === 'ObjectMissing';
    // Whether such an answer was the store's, what lies under the key tells.
    const isOdd =
      isLeft(outcome) && outcome.left._tag === 'StoreFailed' && outcome.left.code === NOT_OF_THE_STORE;
    return isGone || isOdd ? ((await isDone()) ?? outcome) : outcome;
  };

  return {
    url: store.url,
    usage: () => used,
    put,
    get,
    head,
    list: ({ prefix, after }) =>
      steps<StoreError, readonly ObjectInfo[]>(async ({ run, fail }) => {
        const objects: ObjectInfo[] = [];
        for (let from = after, pages = 1; ; pages += 1) {
          const page = await run(
            repeated({ call: 'list', key: prefix, sent: 0, expected: 0 }, (ending) =>
              store.list({ prefix, ...(from === undefined ? {} : { after: from }) }, ending),
            ),
          );
          for (const object of page.objects) if (object.key.startsWith(prefix)) objects.push(object);
          if (!page.isTruncated) return objects;
          const last = page.objects.at(-1)?.key;
          const said = problemOfList(from, last, objects.length, pages);
          if (last === undefined || said !== null) {
            return fail({
              _tag: 'StoreFailed',
              store: store.url,
              call: 'list',
              key: prefix,
              code: 'BAD_LIST',
              message: `it ${said}`,
              isTransient: false,
              retryAfterMs: null,
            });
          }
          from = last;
        }
      }),
    delete: (key) =>
      repeated({ call: 'delete', key, sent: 0, expected: 0 }, (ending) => store.delete(key, ending)),
    uploads: {
      begin: (request) => upload(request.key, 0, (ending) => store.uploads.begin(request, ending)),
      put: (of, part) => upload(of.key, part.content.length, (ending) => store.uploads.put(of, part, ending)),
      complete,
      abort: (of) => upload(of.key, 0, (ending) => store.uploads.abort(of, ending)),
      unfinished: (key) => upload(key, 0, (ending) => store.uploads.unfinished(key, ending)),
      parts: (of) => upload(of.key, 0, (ending) => store.uploads.parts(of, ending)),
    },
  };
};

/** Says why a list of which there is said to be more does not go on; null: it does. What it has so far must not be taken for all that there is. */
const problemOfList = (
  from: string | undefined,
  last: string | undefined,
  objects: number,
  pages: number,
): string | null => {
  if (last === undefined) return 'says that there is more of a list, and lists nothing';
  if (from !== undefined && Buffer.compare(Buffer.from(last), Buffer.from(from)) <= 0)
    return 'lists the same objects again';
  if (objects > LONGEST_LIST) return `lists more than ${LONGEST_LIST} objects`;
  return pages >= MOST_PAGES
    ? `lists ${objects} objects in ${pages} answers, and says that there are more`
    : null;
};

/** Tells whether an object is made of parts. A store says so by its tag, where that is a digest of the parts' digests. */
const isMadeOf = ({ size, etag }: ObjectInfo, parts: readonly UploadPart[]): boolean => {
  if (size !== parts.reduce((sum, part) => sum + part.size, 0)) return false;
  if (!/^"?[0-9a-f]{32}-\d+"?$/.test(etag)) return true;
  const digest = createHash('md5');
  for (const part of parts) digest.update(Buffer.from(part.etag.replaceAll('"', ''), 'hex'));
  return etag.replaceAll('"', '') === `${digest.digest('hex')}-${parts.length}`;
};

/** Milliseconds to wait before the next try, at random, so that those who failed together do not come again together; null: too long. */
const waitAfter = (attempt: number, { retryAfterMs }: StoreFailed, random: Random): number | null => {
  const own = random.fraction() * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1));
  if (retryAfterMs === null) return own;
  return retryAfterMs > LONGEST_ASKED_WAIT ? null : retryAfterMs + own;
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
  code: 'TIMEOUT',
  message: `no answer within ${Math.round(milliseconds / 1000)} s`,
  isTransient: true,
  retryAfterMs: null,
});
