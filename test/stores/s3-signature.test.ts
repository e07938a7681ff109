import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeKey, signedHeaders } from '../../src/adapters/stores/s3-signature.js';

/** Credentials and requests of Amazon's documentation of Signature Version 4 for S3. */
const IDENTITY = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
};
const COMMON = {
  path: '/test.txt',
  region: 'us-east-1',
  now: Date.UTC(2013, 4, 24),
  body: Buffer.alloc(0),
};
const host = 'examplebucket.s3.amazonaws.com';

const signatureOf = (headers: Readonly<Record<string, string>>): string =>
  /Signature=(\w+)$/.exec(headers.authorization ?? '')?.[1] ?? '';

test('a request is signed as the example in the documentation of Amazon is', async () => {
  const signed = signedHeaders({ ...COMMON, method: 'GET', headers: { host, range: 'bytes=0-9' } }, IDENTITY);
  expect(signatureOf(signed)).toBe('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
});

test('a session of temporary credentials is named, and signed', async () => {
  const request = { ...COMMON, method: 'GET', headers: { host } };
  const signed = signedHeaders(request, { ...IDENTITY, sessionToken: 'token' });
  expect(signed).toMatchObject({
    'x-amz-security-token': 'token',
    authorization: expect.stringContaining(';x-amz-security-token'),
  });
  expect(signatureOf(signed)).not.toBe(signatureOf(signedHeaders(request, IDENTITY)));
});

test('of a key everything is escaped but letters, digits, slashes and what no server escapes', () => {
  expect(encodeKey("a/b c+d%e!f'(g)*h~i_j-k.l/ü€")).toBe(
    'a/b%20c%2Bd%25e%21f%27%28g%29%2Ah~i_j-k.l/%C3%BC%E2%82%AC',
  );
});

/** SHA-256 in the form that Amazon's signer takes; with a key it is an HMAC. */
class Sha256 {
  private readonly state: ReturnType<typeof createHmac> | ReturnType<typeof createHash>;
  constructor(key?: string | Uint8Array) {
    this.state = key === undefined ? createHash('sha256') : createHmac('sha256', key);
  }
  update(data: string | Uint8Array): void {
    this.state.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.state.digest();
  }
  reset(): void {
    throw new Error('the signer makes a digest of its own for everything');
  }
}

test('every request is signed as the signer of Amazon’s library signs it', async () => {
  const text = fc.string({ maxLength: 12, unit: 'binary-ascii' }).map((said) => said.replace(/[^ -~]/g, ''));
  const request = fc.record({
    method: fc.constantFrom('PUT', 'GET', 'HEAD', 'DELETE'),
    key: fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' }),
    body: fc.uint8Array({ maxLength: 40 }),
    region: fc.constantFrom('us-east-1', 'eu-central-1', 'auto'),
    now: fc.integer({ min: 0, max: 4_102_444_800_000 }),
    headers: fc.dictionary(fc.constantFrom('if-none-match', 'if-match', 'range', 'content-type'), text),
    secret: fc.string({ minLength: 1, maxLength: 40 }),
    session: fc.option(fc.constant('token-of-a-session'), { nil: undefined }),
  });
  await fc.assert(
    fc.asyncProperty(request, async ({ method, key, body, region, now, headers, secret, session }) => {
      const credentials = {
        ...{ accessKeyId: 'key', secretAccessKey: secret },
        ...(session === undefined ? {} : { sessionToken: session }),
      };
      const path = `/bucket/${encodeKey(key)}`;
      const all = { ...headers, host: 'localhost:9000' };
      const signer = new SignatureV4({
        ...{ service: 's3', region, credentials, applyChecksum: true, uriEscapePath: false },
        sha256: Sha256 as never,
      });
      const theirs = await signer.sign(
        { method, path, headers: { ...all }, body, protocol: 'http:', hostname: 'localhost' },
        { signingDate: new Date(now) },
      );
      expect(signedHeaders({ method, path, headers: all, body, region, now }, credentials)).toEqual(
        theirs.headers,
      );
    }),
  );
});
