// A store in memory that can fail, stall, lose answers, cut contents and ignore conditions, as tests want it to.

import { createHash } from 'node:crypto';
import { left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import {
  type ObjectStore,
  type StoreCall,
  type StoreCallError,
  type StoreFailed,
  TOO_LARGE,
  type UploadPart,
} from '../../src/ports/object-store.js';

/** A request to the store, counted from 1. */
export interface StoreRequest {
  readonly count: number;
  readonly call: StoreCall;
  readonly key: string;
}

/**
 * What becomes of a request: `unreached` has no effect, the answer to `lost` gets lost after its effect, `conflict` is a 409,
 * `stall` never answers, `lost-for-ever` never does after its effect, `cut` gives half of a content, `doubled` is sent twice on the way, and
 * the second answer arrives, `slow` has its effect long after others; null: it is done.
 */
export type StoreFault =
  | 'unreached'
  | 'lost'
  | 'lost-for-ever'
  | 'conflict'
  | 'stall'
  | 'cut'
  | 'doubled'
  | 'slow'
  | 'denied'
  | null;

export interface MemoryStoreOptions {
  readonly fault?: (request: StoreRequest) => StoreFault;
  readonly ignoresConditions?: boolean;
  /** Objects of one page of a list. Default 1,000. */
  readonly pageSize?: number;
  readonly now?: () => number;
}

export interface MemoryStore extends ObjectStore {
  /** The objects, to look at and to damage. */
  readonly objects: Map<string, Uint8Array>;
  readonly requests: readonly StoreRequest[];
}

interface Pending {
  readonly key: string;
  readonly parts: Map<number, Uint8Array>;
}

export const memoryStore = (
  options: MemoryStoreOptions = {},
  objects: Map<string, Uint8Array> = new Map(),
): MemoryStore => {
  const { fault = () => null, ignoresConditions = false, pageSize = 1000, now = () => 0 } = options;
  const requests: StoreRequest[] = [];
  const pending = new Map<string, Pending>();
  const url = 'memory://store';

  const request =
    <A>(call: StoreCall, key: string, signal: AbortSignal, effect: () => A): TaskEither<StoreCallError, A> =>
    async () => {
      const made = { count: requests.length + 1, call, key };
      requests.push(made);
      const becomes = fault(made);
      // What takes its time lets others come between.
      await Promise.resolve();
      const failed = (code: string, isTransient: boolean): StoreFailed => ({
        _tag: 'StoreFailed',
        store: url,
        call,
        key,
        code,
        message: `it answered ${code}`,
        isTransient,
        retryAfterMs: null,
      });
      if (becomes === 'unreached') return left(failed('ECONNREFUSED', true));
      if (becomes === 'conflict') return left(failed('409', true));
      if (becomes === 'denied') return left(failed('AccessDenied', false));
      if (becomes === 'stall') {
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve(left(failed('AbortError', true))));
        });
      }
      if (becomes === 'slow') for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      try {
        if (becomes === 'doubled') effect();
        const value = effect();
        if (becomes === 'lost-for-ever') return new Promise(() => undefined);
        return becomes === 'lost' ? left(failed('ECONNRESET', true)) : right(value);
      } catch (thrown) {
        return left(thrown as StoreCallError);
      }
    };

  const found = (key: string): Uint8Array => {
    const content = objects.get(key);
    if (content === undefined) throw { _tag: 'ObjectMissing', store: url, key } satisfies StoreCallError;
    return content;
  };
  const info = (key: string, content: Uint8Array) => ({
    key,
    size: content.length,
    etag: etagOf(content),
    modifiedAt: now(),
  });
  const pendingOf = (id: string): Pending => {
    const upload = pending.get(id);
    if (upload === undefined) throw { _tag: 'ObjectMissing', store: url, key: id } satisfies StoreCallError;
    return upload;
  };
  const partOf = (number: number, content: Uint8Array): UploadPart => ({
    number,
    size: content.length,
    etag: etagOf(content),
  });

  return {
    url,
    objects,
    requests,
    put: ({ key, content, condition }, signal) =>
      request('put', key, signal, () => {
        const there = objects.get(key);
        const holds =
          condition === undefined ||
          (condition._tag === 'Absent'
            ? there === undefined
            : there !== undefined && etagOf(there) === condition.etag);
        if (!holds && !ignoresConditions) {
          throw { _tag: 'ConditionFailed', store: url, key } satisfies StoreCallError;
        }
        objects.set(key, Uint8Array.from(content));
        return { etag: etagOf(content) };
      }),
    get: ({ key, range, into, maxBytes = Number.POSITIVE_INFINITY }, signal) =>
      request('get', key, signal, () => {
        const whole = found(key);
        const content =
          range === undefined ? whole : whole.subarray(range.offset, range.offset + range.length);
        if (content.length > maxBytes)
          throw {
            _tag: 'StoreFailed',
            store: url,
            call: 'get',
            key,
            code: TOO_LARGE,
            message: 'too large',
            isTransient: false,
            retryAfterMs: null,
          } satisfies StoreFailed;
        const isCut = fault({ count: requests.length, call: 'get', key }) === 'cut';
        const sent = isCut ? content.subarray(0, content.length >> 1) : content;
        into?.set(sent);
        return { content: into?.subarray(0, sent.length) ?? sent, etag: etagOf(whole) };
      }),
    head: (key, signal) => request('head', key, signal, () => info(key, found(key))),
    list: ({ prefix, after = '' }, signal) =>
      request('list', prefix, signal, () => {
        const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).sort();
        return {
          objects: keys.slice(0, pageSize).map((key) => info(key, found(key))),
          isTruncated: keys.length > pageSize,
        };
      }),
    delete: (key, signal) =>
      request('delete', key, signal, () => {
        objects.delete(key);
      }),
    uploads: {
      begin: ({ key }, signal) =>
        request('upload', key, signal, () => {
          const id = `upload-${pending.size + 1}`;
          pending.set(id, { key, parts: new Map() });
          return { key, id };
        }),
      put: ({ key, id }, { number, content }, signal) =>
        request('upload', key, signal, () => {
          pendingOf(id).parts.set(number, Uint8Array.from(content));
          return partOf(number, content);
        }),
      complete: ({ key, id }, parts, condition, signal) =>
        request('upload', key, signal, () => {
          const sent = pendingOf(id).parts;
          if (condition !== null && objects.has(key) && !ignoresConditions) {
            throw { _tag: 'ConditionFailed', store: url, key } satisfies StoreCallError;
          }
          objects.set(key, Buffer.concat(parts.map(({ number }) => sent.get(number) ?? new Uint8Array())));
          pending.delete(id);
        }),
      abort: ({ key, id }, signal) =>
        request('upload', key, signal, () => {
          pending.delete(id);
        }),
      unfinished: (key, signal) =>
        request('upload', key, signal, () =>
          [...pending].filter(([, upload]) => upload.key === key).map(([id]) => ({ key, id })),
        ),
      parts: ({ key, id }, signal) =>
        request('upload', key, signal, () =>
          [...pendingOf(id).parts].map(([number, content]) => partOf(number, content)),
        ),
    },
    close: () => undefined,
  };
};

const etagOf = (content: Uint8Array): string => `"${createHash('md5').update(content).digest('hex')}"`;
