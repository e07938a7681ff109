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
  const signed = await signedHeaders(
    { ...COMMON, method: 'GET', headers: { host, range: 'bytes=0-9' } },
    IDENTITY,
  );
  expect(signatureOf(signed)).toBe('f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41');
});

test('a session of temporary credentials is named, and signed', async () => {
  const request = { ...COMMON, method: 'GET', headers: { host } };
  const signed = await signedHeaders(request, { ...IDENTITY, sessionToken: 'token' });
  expect(signed).toMatchObject({
    'x-amz-security-token': 'token',
    authorization: expect.stringContaining(';x-amz-security-token'),
  });
  expect(signatureOf(signed)).not.toBe(signatureOf(await signedHeaders(request, IDENTITY)));
});

test('of a key everything is escaped but letters, digits, slashes and what no server escapes', () => {
  expect(encodeKey("a/b c+d%e!f'(g)*h~i_j-k.l/ü€")).toBe(
    'a/b%20c%2Bd%25e%21f%27%28g%29%2Ah~i_j-k.l/%C3%BC%E2%82%AC',
  );
});
