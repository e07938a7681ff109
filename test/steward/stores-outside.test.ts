import { left } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import type { StorePlace } from '../../src/ports/object-store.js';
import { refuseInside } from '../../src/steward/pond/stores-outside.js';

const MINIO = 'https://minio.local';

const isRefused = (
  own: StorePlace,
  place: StorePlace,
  variables: Readonly<Record<string, string | undefined>> = {},
): boolean =>
  refuseInside(
    {
      hostFiles: {
        realPath: (path) => () => left({ _tag: 'FileSystemError', call: 'realPath', path, code: 'ENOENT' }),
      },
      host: { variables },
    },
    { directory: '/copies', shared: { place: own } },
    place,
  ) !== null;

test('the server of a pond is the same however its address is written', () => {
  const own = { url: 's3://bucket/pond', endpoint: MINIO };
  for (const endpoint of [MINIO, `${MINIO}/`, `${MINIO}:443`, 'https://MinIO.Local'])
    for (const url of ['s3://bucket/pond', 's3://bucket/pond/', 's3://bucket/pond/below'])
      expect(isRefused(own, { url, endpoint }), `${url} of ${endpoint}`).toBe(true);
  for (const endpoint of ['http://minio.local', `${MINIO}:9000`, 'https://other.local'])
    expect(isRefused(own, { url: own.url, endpoint }), endpoint).toBe(false);
  expect(isRefused(own, { url: own.url })).toBe(false);
});

test('also where only one of the two addresses names it, and the other is that of the environment', () => {
  const url = 's3://bucket/pond';
  for (const name of ['AWS_ENDPOINT_URL_S3', 'AWS_ENDPOINT_URL']) {
    expect(isRefused({ url }, { url, endpoint: MINIO }, { [name]: `${MINIO}/` })).toBe(true);
    expect(isRefused({ url, endpoint: MINIO }, { url }, { [name]: MINIO })).toBe(true);
    expect(isRefused({ url }, { url, endpoint: MINIO }, { [name]: 'https://other.local' })).toBe(false);
  }
});

test('what lies beside a pond, or has its name in it, is elsewhere', () => {
  const own = { url: 's3://bucket/pond' };
  for (const url of ['s3://bucket', 's3://bucket/', 's3://bucket/pond-2', 's3://other/pond'])
    expect(isRefused(own, { url }), url).toBe(false);
});
