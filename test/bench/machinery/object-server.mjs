// A server with as much of S3 as pushes and restores need, over a store in memory, in a process of its own: it costs all that
// are compared the same. Its argument: milliseconds that it takes to answer.

import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const DELAY = Number(process.argv[2]);
const objects = new Map();
const uploads = new Map();
const etagOf = (content) => `"${createHash('md5').update(content).digest('hex')}"`;

const bodyOf = async (request) => {
  const body = Buffer.allocUnsafe(Number(request.headers['content-length'] ?? 0));
  let filled = 0;
  for await (const chunk of request) filled += chunk.copy(body, filled);
  return body;
};

const upload = (request, response, key, query, body) => {
  if (request.method === 'POST' && query.has('uploads')) {
    const id = randomUUID();
    uploads.set(id, new Map());
    return response.end(
      `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
    );
  }
  if (request.method === 'GET')
    return response.end('<ListMultipartUploadsResult></ListMultipartUploadsResult>');
  const parts = uploads.get(query.get('uploadId'));
  if (request.method === 'PUT') {
    parts.set(Number(query.get('partNumber')), body);
    return response.writeHead(200, { etag: etagOf(body) }).end();
  }
  const content = Buffer.concat([...parts.keys()].sort((a, b) => a - b).map((number) => parts.get(number)));
  objects.set(key, { content, etag: `"${parts.size}-parts"` });
  uploads.delete(query.get('uploadId'));
  return response.end('<CompleteMultipartUploadResult><ETag>made</ETag></CompleteMultipartUploadResult>');
};

const list = (response, key, query) => {
  const bucket = `${key.replace(/\/$/, '')}/`;
  const prefix = bucket + (query.get('prefix') ?? '');
  const after = bucket + (query.get('start-after') ?? '');
  const keys = [...objects.keys()].filter((name) => name.startsWith(prefix) && name > after).sort();
  const listed = keys.slice(0, 1000).map((name) => {
    const { content, etag } = objects.get(name);
    const tag = etag.replaceAll('"', '&quot;');
    return `<Contents><Key>${name.slice(bucket.length)}</Key><Size>${content.length}</Size><ETag>${tag}</ETag></Contents>`;
  });
  response.end(
    `<ListBucketResult><IsTruncated>${keys.length > 1000}</IsTruncated>${listed.join('')}</ListBucketResult>`,
  );
};

const answer = async (request, response) => {
  const { pathname, searchParams: query } = new URL(request.url, 'http://localhost');
  const key = decodeURIComponent(pathname.slice(1));
  const body = await bodyOf(request);
  await pause(DELAY);
  if (query.has('uploads') || query.has('uploadId')) return upload(request, response, key, query, body);
  const there = objects.get(key);
  if (request.method === 'PUT') {
    if (request.headers['if-none-match'] === '*' && there !== undefined) return response.writeHead(412).end();
    const etag = etagOf(body);
    objects.set(key, { content: body, etag });
    return response.writeHead(200, { etag }).end();
  }
  if (request.method === 'DELETE') {
    objects.delete(key);
    return response.writeHead(204).end();
  }
  if (query.get('list-type') === '2') return list(response, key, query);
  if (there === undefined) return response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const content = from === undefined ? there.content : there.content.subarray(Number(from), Number(to) + 1);
  return response
    .writeHead(from === undefined ? 200 : 206, { etag: there.etag, 'content-length': content.length })
    .end(request.method === 'HEAD' ? undefined : content);
};

createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1', function ready() {
  console.log(`http://127.0.0.1:${this.address().port}`);
});
