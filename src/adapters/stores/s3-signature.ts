import { createHash, createHmac } from 'node:crypto';

/** Credentials, as Amazon's own programs find them. */
export interface SigningIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface RequestToSign {
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

/** A key as it stands in a path: every byte but letters, digits, `-._~` and the slash is escaped. */
export const encodeKey = (key: string): string =>
  encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

/**
 * All headers that a signed request has: those that are given, and those of Amazon's Signature Version 4 for S3, in which a path is escaped
 * once and is not normalized. Amazon's own signer takes several times as long, and a push of many small commits is nothing but
 * such requests.
 */
export const signedHeaders = (
  { method, path, headers, body, region, now }: RequestToSign,
  { accessKeyId, secretAccessKey, sessionToken }: SigningIdentity,
): Readonly<Record<string, string>> => {
  const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const digest = sha256(body);
  const given: Readonly<Record<string, string>> = {
    ...headers,
    'x-amz-content-sha256': digest,
    'x-amz-date': time,
    ...(sessionToken === undefined ? {} : { 'x-amz-security-token': sessionToken }),
  };
  const names = Object.keys(given).sort();
  const lines = names.map((name) => `${name}:${(given[name] ?? '').trim().replace(/\s+/g, ' ')}\n`);
  const signed = names.join(';');
  const scope = `${day}/${region}/s3/aws4_request`;
  const request = [method, path, '', lines.join(''), signed, digest].join('\n');
  const text = ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n');
  const key = [day, region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, word) => createHmac('sha256', secret).update(word).digest(),
    `AWS4${secretAccessKey}`,
  );
  const signature = createHmac('sha256', key).update(text).digest('hex');
  const credential = `Credential=${accessKeyId}/${scope}`;
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${signed}, Signature=${signature}`;
  return { ...given, authorization };
};

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
