import { createHash, createHmac } from 'node:crypto';

/*
 * Amazon's Signature Version 4 for S3, as its documentation describes it: a canonical request, its digest in a text with date
 * and scope, and an HMAC of that with a key of the day.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */

/** Credentials, as Amazon's own programs find them. */
export interface SigningIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

interface RequestToSign {
  readonly method: string;
  /** Encoded already, {@link encodeKey}. */
  readonly path: string;
  /** `host`, with a port where that is not the usual one, and whatever else is to be signed; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly region: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** A key as it stands in a path: every byte but letters, digits, `-._~` and the slash is escaped. */
export const encodeKey = (key: string): string =>
  encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/** All headers that a signed request has. */
export const signedHeaders = (
  { method, path, headers, body, region, now }: RequestToSign,
  { accessKeyId, secretAccessKey, sessionToken }: SigningIdentity,
): Readonly<Record<string, string>> => {
  const time = `${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const day = time.slice(0, 8);
  const payload = digestOf(body);
  const all: Readonly<Record<string, string>> = {
    ...headers,
    'x-amz-content-sha256': payload,
    'x-amz-date': time,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(all).sort();
  const canonical = names.map((name) => `${name}:${(all[name] ?? '').trim().replace(/ +/g, ' ')}\n`).join('');
  const request = [method, path, '', canonical, names.join(';'), payload].join('\n');
  const scope = `${day}/${region}/s3/aws4_request`;
  const text = [ALGORITHM, time, scope, digestOf(request)].join('\n');
  const key = ['s3', 'aws4_request'].reduce<Uint8Array>(
    hmac,
    hmac(hmac(Buffer.from(`AWS4${secretAccessKey}`), day), region),
  );
  const signature = Buffer.from(hmac(key, text)).toString('hex');
  const authorization = `${ALGORITHM} Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`;
  return { ...all, authorization };
};

const digestOf = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');
const hmac = (key: Uint8Array, text: string): Uint8Array => createHmac('sha256', key).update(text).digest();
