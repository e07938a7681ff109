import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import {
  NOT_OF_THE_STORE,
  type ObjectStore,
  type StoreCall,
  type StoreCallError,
} from '../../ports/object-store.js';
import { boundAnswers } from './bounded-answers.js';
import { addressOf, type BucketAddress } from './bucket-address.js';
import { clockSkewOf, s3ErrorOf } from './s3-errors.js';
import { type ObjectAnswer, type ObjectRequest, objectRequests } from './s3-requests.js';

/** A bucket, and the folder in it, which may be empty. */
export interface S3Place {
  readonly url: string;
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  readonly endpoint: string | null;
  readonly region: string;
}

/**
 * A bucket of S3, or of a server that speaks its protocol. Credentials and addresses come from wherever Amazon's own programs take
 * them: its library finds them, lists, and sends what is large, while requests for single objects are made without it.
 * Every call is one request: repeating is for who knows whether it may be repeated. A server of one's own is addressed by
 * paths, and not sent checksums that older ones refuse.
 */
export const s3Store = ({ url, bucket, prefix, endpoint, region }: S3Place): ObjectStore => {
  // It warns that later versions of it need a newer Node. This product chooses the version that runs here.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const client = new S3Client({
    region,
    maxAttempts: 1,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
  });
  boundAnswers(client);
  const at = (key: string) => ({ Bucket: bucket, Key: `${prefix}${key}` });

  const objects = objectRequests();
  let address: Promise<BucketAddress> | null = null;
  const known = (): Promise<BucketAddress> => {
    address ??= addressOf(client, bucket).catch((thrown) => {
      // Whatever was missing, such as credentials, may be there the next time.
      address = null;
      throw thrown;
    });
    return address;
  };

  const attempt =
    <A>(call: StoreCall, key: string, request: () => Promise<A>): TaskEither<StoreCallError, A> =>
    async (): Promise<Either<StoreCallError, A>> => {
      try {
        return right(await request());
      } catch (thrown) {
        return left(s3ErrorOf(thrown, { store: url, call, key }));
      }
    };

  const send = async (
    request: Pick<ObjectRequest, 'method' | 'key'> & Partial<ObjectRequest>,
    signal: AbortSignal,
  ): Promise<ObjectAnswer> => {
    const [to, identity] = await Promise.all([known(), client.config.credentials()]);
    const now = Date.now() + client.config.systemClockOffset;
    const whole = { headers: {}, body: NOTHING, maxBytes: LONGEST_ANSWER, ...request };
    try {
      return await objects.send(to, { ...whole, key: `${prefix}${request.key}` }, { identity, now }, signal);
    } catch (thrown) {
      client.config.systemClockOffset += clockSkewOf(thrown, now);
      throw thrown;
    }
  };

  return {
    url,
    put: ({ key, content, condition, contentType }, abortSignal) =>
      attempt('put', key, async () => {
        const headers = {
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
          ...(condition?._tag === 'Absent' ? { 'if-none-match': '*' } : {}),
          ...(condition?._tag === 'Unchanged' ? { 'if-match': condition.etag } : {}),
        };
        const { etag } = (await send({ method: 'PUT', key, headers, body: content }, abortSignal)).headers;
        return { etag: ofTheStore(etag, 'to a put', 'ETag') };
      }),
    get: ({ key, range, into, maxBytes = Number.POSITIVE_INFINITY }, abortSignal) =>
      attempt('get', key, async () => {
        const headers: Readonly<Record<string, string>> =
          range === undefined ? {} : { range: `bytes=${range.offset}-${range.offset + range.length - 1}` };
        const room = into === undefined ? {} : { into };
        const answer = await send({ method: 'GET', key, headers, maxBytes, ...room }, abortSignal);
        const encoding = answer.headers['content-encoding'] ?? '';
        // Objects are stored as they are: what says so is not the store.
        if (/gzip|br|deflate|zstd/.test(encoding)) {
          throw altered(`something between here and the store has compressed the answer (${encoding})`);
        }
        return { content: answer.content, etag: answer.headers.etag ?? '' };
      }),
    head: (key, abortSignal) =>
      attempt('head', key, async () => {
        const { headers } = await send({ method: 'HEAD', key }, abortSignal);
        return {
          key,
          size: Number(headers['content-length'] ?? 0),
          etag: headers.etag ?? '',
          modifiedAt: micros(new Date(headers['last-modified'] ?? 0)),
        };
      }),
    list: ({ prefix: wanted, after }, abortSignal) =>
      attempt('list', wanted, async () => {
        const { Contents, IsTruncated, Name } = await client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: `${prefix}${wanted}`,
            ...(after === undefined ? {} : { StartAfter: `${prefix}${after}` }),
          }),
          { abortSignal },
        );
        if (Contents === undefined && IsTruncated === undefined) ofTheStore(Name, 'to a list', 'bucket');
        return {
          objects: (Contents ?? [])
            .filter(({ Key = '' }) => Key.startsWith(prefix))
            .map(({ Key = '', Size, ETag, LastModified }) => ({
              key: Key.slice(prefix.length),
              size: Size ?? 0,
              etag: ETag ?? '',
              modifiedAt: micros(LastModified),
            })),
          isTruncated: IsTruncated === true,
        };
      }),
    delete: (key, abortSignal) =>
      attempt('delete', key, async () => {
        await send({ method: 'DELETE', key }, abortSignal);
      }),
    uploads: {
      begin: ({ key, contentType }, abortSignal) =>
        attempt('upload', key, async () => {
          const { UploadId } = await client.send(
            new CreateMultipartUploadCommand({
              ...at(key),
              ...(contentType === undefined ? {} : { ContentType: contentType }),
            }),
            { abortSignal },
          );
          return { key, id: ofTheStore(UploadId, 'to the beginning of an upload', 'UploadId') };
        }),
      put: ({ key, id }, { number, content }, abortSignal) =>
        attempt('upload', key, async () => {
          const { ETag } = await client.send(
            new UploadPartCommand({
              ...at(key),
              UploadId: id,
              PartNumber: number,
              Body: content,
              ContentLength: content.length,
            }),
            { abortSignal },
          );
          return { number, size: content.length, etag: ofTheStore(ETag, 'to a part', 'ETag') };
        }),
      complete: ({ key, id }, parts, condition, abortSignal) =>
        attempt('upload', key, async () => {
          const Parts = parts.map(({ number, etag }) => ({ PartNumber: number, ETag: etag }));
          const { ETag, Key } = await client.send(
            new CompleteMultipartUploadCommand({
              ...at(key),
              UploadId: id,
              MultipartUpload: { Parts },
              ...(condition === null ? {} : { IfNoneMatch: '*' }),
            }),
            { abortSignal },
          );
          ofTheStore(ETag ?? Key, 'to the end of an upload', 'ETag');
        }),
      abort: ({ key, id }, abortSignal) =>
        attempt('upload', key, async () => {
          await client.send(new AbortMultipartUploadCommand({ ...at(key), UploadId: id }), { abortSignal });
        }),
      unfinished: (key, abortSignal) =>
        attempt('upload', key, async () => {
          const { Uploads = [] } = await client.send(
            new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: at(key).Key }),
            { abortSignal },
          );
          return Uploads.flatMap(({ Key, UploadId }) =>
            Key === at(key).Key && UploadId !== undefined ? [{ key, id: UploadId }] : [],
          );
        }),
      parts: ({ key, id }, abortSignal) =>
        attempt('upload', key, async () => {
          const parts = [];
          for (let after: string | undefined; ; ) {
            const page = await client.send(
              new ListPartsCommand({
                ...at(key),
                UploadId: id,
                ...(after === undefined ? {} : { PartNumberMarker: after }),
              }),
              { abortSignal },
            );
            for (const { PartNumber, Size, ETag } of page.Parts ?? []) {
              parts.push({ number: PartNumber ?? 0, size: Size ?? 0, etag: ETag ?? '' });
            }
            const isLast = page.IsTruncated !== true || page.NextPartNumberMarker === after;
            if (isLast || parts.length > MOST_PARTS) return parts;
            after = page.NextPartNumberMarker;
          }
        }),
    },
    close: () => {
      objects.close();
      client.destroy();
    },
  };
};

/** Parts of an upload, by the protocol. */
const MOST_PARTS = 10_000;

const NOTHING = Buffer.alloc(0);

/** Bytes of an answer that has no content to speak of. */
const LONGEST_ANSWER = 64 * 1024;

const altered = (message: string): Error => Object.assign(new Error(message), { code: NOT_OF_THE_STORE });

/** Something that every store says in an answer. One without it is a page for people in the place of the store: nothing was done. */
const ofTheStore = (said: string | undefined, answer: string, name: string): string => {
  if (said === undefined)
    throw altered(`the answer ${answer} has no ${name}, so that it is not one of a store`);
  return said;
};

const micros = (date: Date | undefined): number => (date?.getTime() || 0) * 1000;
