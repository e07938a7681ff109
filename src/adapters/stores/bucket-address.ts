import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';

/** Address to which the requests for a bucket go, as Amazon's library finds it out from its arguments, variables and files. */
export interface BucketAddress {
  readonly protocol: 'http:' | 'https:';
  readonly hostname: string;
  readonly port: number | undefined;
  /** The `host` header. */
  readonly host: string;
  /** Path of the bucket without a slash at its end, empty where the host names the bucket. */
  readonly path: string;
  readonly region: string;
}

const Signed = t.type({
  protocol: t.union([t.literal('http:'), t.literal('https:')]),
  hostname: t.string,
  port: t.union([t.number, t.undefined]),
  path: t.string,
  headers: t.intersection([
    t.type({ host: t.string, authorization: t.string }),
    t.record(t.string, t.string),
  ]),
});

const KEY = 'key';

/** The address of a bucket. A request is made and signed for it, and not sent. */
export const addressOf = async (client: S3Client, bucket: string): Promise<BucketAddress> => {
  const made: { request: unknown } = { request: null };
  const command = new HeadObjectCommand({ Bucket: bucket, Key: KEY });
  command.middlewareStack.add(
    () => async (args) => {
      made.request = args.request;
      throw new Error('made, and not to be sent');
    },
    { step: 'deserialize', priority: 'low', name: 'pondBucketAddress' },
  );
  try {
    await client.send(command);
  } catch (thrown) {
    if (made.request === null) throw thrown;
  }
  const signed = Signed.decode(made.request);
  const scope = isLeft(signed)
    ? null
    : /^AWS4-HMAC-SHA256 Credential=[^,]*\/\d{8}\/([^/]+)\/s3\/aws4_request,/.exec(
        signed.right.headers.authorization,
      );
  if (isLeft(signed) || scope === null || 'x-amz-s3session-token' in signed.right.headers) {
    throw Object.assign(
      new Error(
        `the bucket ${bucket} is not of a kind that is spoken to: its requests are signed in another way`,
      ),
      {
        code: 'UNKNOWN_BUCKET',
      },
    );
  }
  const { protocol, hostname, port, path, headers } = signed.right;
  const [, region = ''] = scope;
  return { protocol, hostname, port, host: headers.host, path: path.slice(0, -`/${KEY}`.length), region };
};
