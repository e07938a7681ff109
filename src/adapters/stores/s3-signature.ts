import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

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

/** All headers that a signed request has: those that are given, and those of Amazon's Signature Version 4 for S3. */
export const signedHeaders = async (
  { method, path, headers, body, region, now }: RequestToSign,
  { accessKeyId, secretAccessKey, sessionToken }: SigningIdentity,
): Promise<Readonly<Record<string, string>>> => {
  const signer = new SignatureV4({
    service: 's3',
    region,
    sha256: Sha256,
    applyChecksum: true,
    // A path of S3 is escaped once, and is not normalized.
    uriEscapePath: false,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
  });
  const request = { method, path, headers: { ...headers }, body, protocol: '', hostname: headers.host ?? '' };
  return (await signer.sign(request, { signingDate: new Date(now) })).headers;
};

/** SHA-256 by Node, in the form that the signer takes; with a key it is an HMAC. */
class Sha256 {
  private readonly state: Pick<ReturnType<typeof createHmac>, 'update' | 'digest'>;
  constructor(key?: string | ArrayBuffer | ArrayBufferView) {
    this.state = key === undefined ? createHash('sha256') : createHmac('sha256', bytesIn(key));
  }
  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.state.update(bytesIn(data));
  }
  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.state.digest());
  }
  reset(): void {
    throw new Error('the signer makes a digest of its own for everything');
  }
}

const bytesIn = (data: string | ArrayBuffer | ArrayBufferView): string | Uint8Array => {
  if (typeof data === 'string') return data;
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
};
