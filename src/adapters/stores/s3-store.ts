import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { ObjectStore } from '../../ports/object-store.js';
import { boundAnswers } from './bounded-answers.js';
import { altered, ofTheStore } from './s3-answers.js';
import { s3Bucket } from './s3-bucket.js';
import { s3Uploads } from './s3-uploads.js';

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
  const inBucket = s3Bucket(client, { url, bucket, prefix });
  const { attempt, send } = inBucket;

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
    uploads: s3Uploads(inBucket),
    close: inBucket.close,
  };
};

const micros = (date: Date | undefined): number => (date?.getTime() || 0) * 1000;
