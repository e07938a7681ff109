import type { S3Client } from '@aws-sdk/client-s3';
import { left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { StoreCall, StoreCallError } from '../../ports/object-store.js';
import { addressOf, type BucketAddress } from './bucket-address.js';
import { clockSkewOf, s3ErrorOf } from './s3-errors.js';
import { type ObjectAnswer, type ObjectRequest, objectRequests } from './s3-requests.js';

/** A folder of a bucket, as the calls of a store reach it. */
export interface S3Bucket {
  /** Amazon's library, for what is not sent by `send`. */
  readonly client: S3Client;
  readonly bucket: string;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  /** Makes an error of what a call throws. */
  readonly attempt: <A>(
    call: StoreCall,
    key: string,
    request: () => Promise<A>,
  ) => TaskEither<StoreCallError, A>;
  /** Sends a request for a single object, signed here. */
  readonly send: (
    request: Pick<ObjectRequest, 'method' | 'key'> & Partial<ObjectRequest>,
    signal: AbortSignal,
  ) => Promise<ObjectAnswer>;
  readonly close: () => void;
}

/** The bucket that `client` has the credentials for. `url` names it in errors. */
export const s3Bucket = (
  client: S3Client,
  { url, bucket, prefix }: Pick<S3Bucket, 'bucket' | 'prefix'> & { readonly url: string },
): S3Bucket => {
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

  return {
    client,
    bucket,
    prefix,
    attempt: (call, key, request) => async () => {
      try {
        return right(await request());
      } catch (thrown) {
        return left(s3ErrorOf(thrown, { store: url, call, key }));
      }
    },
    send: async (request, signal) => {
      const [to, identity] = await Promise.all([known(), client.config.credentials()]);
      const now = Date.now() + client.config.systemClockOffset;
      const whole = { headers: {}, body: NOTHING, maxBytes: LONGEST_ANSWER, ...request };
      try {
        return await objects.send(
          to,
          { ...whole, key: `${prefix}${request.key}` },
          { identity, now },
          signal,
        );
      } catch (thrown) {
        client.config.systemClockOffset += clockSkewOf(thrown, now);
        throw thrown;
      }
    },
    close: () => {
      objects.close();
      client.destroy();
    },
  };
};

const NOTHING = Buffer.alloc(0);

/** Bytes of an answer that has no content to speak of. */
const LONGEST_ANSWER = 64 * 1024;
