import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type {
  GetRequest,
  ListRequest,
  ObjectInfo,
  ObjectStore,
  PutRequest,
  StoreCallError,
  Upload,
  UploadPart,
} from '../ports/object-store.js';
import { type CompleteUpload, completing } from './complete-upload.js';
import { type Attempted, requestsTo, type StoreAccess } from './one-request.js';
import { repeating } from './repeated-request.js';
import type { StoreError } from './store-error.js';
import type { Usage } from './usage.js';
import { wholeList } from './whole-list.js';

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
    readonly complete: CompleteUpload;
    readonly abort: (upload: Upload) => TaskEither<StoreError, void>;
    readonly unfinished: (key: string) => TaskEither<StoreError, readonly Upload[]>;
    readonly parts: (upload: Upload) => TaskEither<StoreError, readonly UploadPart[]>;
  };
}

/** Bytes of an object that is read whole; packs of log entries are the largest. */
const LARGEST_WHOLE = 256 * 1024 * 1024;
/** An object, or a range of it, that is to be got. */
export type WantedObject = Omit<GetRequest, 'maxBytes'>;

/** A store, used reliably. */
export const reliableStore = (store: ObjectStore, access: StoreAccess): ReliableStore => {
  const { once, usage } = requestsTo(store.url, access);
  const repeated = repeating(store.url, once, access);

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

  return {
    url: store.url,
    usage,
    put,
    get,
    head,
    list: (request) => wholeList(store, repeated, request),
    delete: (key) =>
      repeated({ call: 'delete', key, sent: 0, expected: 0 }, (ending) => store.delete(key, ending)),
    uploads: {
      begin: (request) => upload(request.key, 0, (ending) => store.uploads.begin(request, ending)),
      put: (of, part) => upload(of.key, part.content.length, (ending) => store.uploads.put(of, part, ending)),
      complete: completing(store, repeated, head),
      abort: (of) => upload(of.key, 0, (ending) => store.uploads.abort(of, ending)),
      unfinished: (key) => upload(key, 0, (ending) => store.uploads.unfinished(key, ending)),
      parts: (of) => upload(of.key, 0, (ending) => store.uploads.parts(of, ending)),
    },
  };
};
