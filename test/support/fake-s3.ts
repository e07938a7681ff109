// A server that speaks as much of the S3 protocol as the product uses, on loopback, over a store in memory.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { StoreCallError } from '../../src/ports/object-store.js';
import { type MemoryStore, memoryStore } from './memory-store.js';

export interface FakeS3 {
  readonly endpoint: string;
  /** The objects of all buckets, by `bucket/key`. */
  readonly store: MemoryStore;
  /** Requests so far: method and path with query. */
  readonly requests: readonly string[];
  readonly stop: () => Promise<void>;
}

export const startFakeS3 = async (store: MemoryStore = memoryStore()): Promise<FakeS3> => {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    void answer(store, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    store,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};

const answer = async (store: MemoryStore, request: IncomingMessage, response: ServerResponse) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const key = decodeURIComponent(url.pathname.slice(1));
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const content = Buffer.concat(chunks);
  const query = url.searchParams;
  const { signal } = new AbortController();
  const id = query.get('uploadId') ?? '';
  const reply = (status: number, body: string | Uint8Array = '', headers: Record<string, string> = {}) => {
    response.writeHead(status, headers).end(body);
  };
  const failed = (error: StoreCallError) => {
    if (error._tag === 'ConditionFailed') return reply(412, xmlError('PreconditionFailed'));
    if (error._tag === 'ObjectMissing') return reply(404, xmlError(id === '' ? 'NoSuchKey' : 'NoSuchUpload'));
    return error.code === '409'
      ? reply(409, xmlError('ConditionalRequestConflict'))
      : reply(503, xmlError('SlowDown'));
  };

  switch (request.method) {
    case 'PUT': {
      if (id !== '') {
        const number = Number(query.get('partNumber'));
        const put = await store.uploads.put({ key, id }, { number, content }, signal)();
        return isLeft(put) ? failed(put.left) : reply(200, '', { etag: put.right.etag });
      }
      const absent = request.headers['if-none-match'] === '*';
      const etag = request.headers['if-match'];
      const put = await store.put(
        {
          key,
          content,
          ...(absent ? { condition: { _tag: 'Absent' } as const } : {}),
          ...(etag === undefined ? {} : { condition: { _tag: 'Unchanged', etag } as const }),
        },
        signal,
      )();
      return isLeft(put) ? failed(put.left) : reply(200, '', { etag: put.right.etag });
    }
    case 'HEAD': {
      const head = await store.head(key, signal)();
      if (isLeft(head)) return reply(404);
      const { size, etag } = head.right;
      return reply(200, '', {
        etag,
        'content-length': String(size),
        'last-modified': new Date(0).toUTCString(),
      });
    }
    case 'GET': {
      if (query.has('uploads')) {
        const bucket = key.replace(/\/$/, '');
        const wanted = `${bucket}/${query.get('prefix') ?? ''}`;
        const uploads = await store.uploads.unfinished(wanted, signal)();
        if (isLeft(uploads)) return failed(uploads.left);
        return reply(
          200,
          `<ListMultipartUploadsResult>${uploads.right
            .map(
              (upload) =>
                `<Upload><Key>${upload.key.slice(bucket.length + 1)}</Key><UploadId>${upload.id}</UploadId></Upload>`,
            )
            .join('')}</ListMultipartUploadsResult>`,
        );
      }
      if (id !== '') {
        const parts = await store.uploads.parts({ key, id }, signal)();
        if (isLeft(parts)) return failed(parts.left);
        return reply(
          200,
          `<ListPartsResult>${parts.right
            .map(
              ({ number, size, etag }) =>
                `<Part><PartNumber>${number}</PartNumber><Size>${size}</Size><ETag>${xml(etag)}</ETag></Part>`,
            )
            .join('')}</ListPartsResult>`,
        );
      }
      if (query.get('list-type') === '2') {
        const bucket = key.replace(/\/$/, '');
        const after = query.get('start-after');
        const page = await store.list(
          {
            prefix: `${bucket}/${query.get('prefix') ?? ''}`,
            ...(after === null ? {} : { after: `${bucket}/${after}` }),
          },
          signal,
        )();
        if (isLeft(page)) return failed(page.left);
        return reply(
          200,
          `<ListBucketResult><IsTruncated>${page.right.isTruncated}</IsTruncated>${page.right.objects
            .map(
              ({ key: name, size, etag }) =>
                `<Contents><Key>${xml(name.slice(bucket.length + 1))}</Key><Size>${size}</Size><ETag>${xml(etag)}</ETag><LastModified>1970-01-01T00:00:00.000Z</LastModified></Contents>`,
            )
            .join('')}</ListBucketResult>`,
        );
      }
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
      const range =
        from === undefined ? {} : { range: { offset: Number(from), length: Number(to) - Number(from) + 1 } };
      const got = await store.get({ key, ...range }, signal)();
      return isLeft(got)
        ? failed(got.left)
        : reply(from === undefined ? 200 : 206, got.right.content, { etag: got.right.etag });
    }
    case 'POST': {
      if (query.has('uploads')) {
        const begun = await store.uploads.begin({ key }, signal)();
        return isLeft(begun)
          ? failed(begun.left)
          : reply(
              200,
              `<InitiateMultipartUploadResult><UploadId>${begun.right.id}</UploadId></InitiateMultipartUploadResult>`,
            );
      }
      const numbers = [...content.toString().matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)];
      const parts = numbers.map(([, number]) => ({ number: Number(number), size: 0, etag: '' }));
      const condition = request.headers['if-none-match'] === '*' ? ({ _tag: 'Absent' } as const) : null;
      const completed = await store.uploads.complete({ key, id }, parts, condition, signal)();
      return isLeft(completed)
        ? failed(completed.left)
        : reply(200, '<CompleteMultipartUploadResult><ETag>"made"</ETag></CompleteMultipartUploadResult>');
    }
    case 'DELETE': {
      const gone =
        id === '' ? await store.delete(key, signal)() : await store.uploads.abort({ key, id }, signal)();
      return isLeft(gone) ? failed(gone.left) : reply(204);
    }
    default:
      return reply(405);
  }
};

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
const xmlError = (code: string): string => `<Error><Code>${code}</Code><Message>${code}</Message></Error>`;
