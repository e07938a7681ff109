import { type Readable, Transform } from 'node:stream';
import type { S3Client } from '@aws-sdk/client-s3';
import * as t from 'io-ts';
import { TOO_LARGE } from '../../ports/object-store.js';

/** Bytes of an answer that is not an object. A list of a thousand of the longest keys has a tenth of that. */
const LONGEST = 16 * 1024 * 1024;

const Answer = t.type({ body: t.object });

/** Bounds answers of Amazon's library, which reads them to their end before it looks at them. */
export const boundAnswers = (client: S3Client): void => {
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { response } = result;
      if (Answer.is(response) && isStream(response.body)) response.body = bounded(response.body);
      return result;
    },
    { step: 'deserialize', priority: 'low', name: 'pondBoundAnswers' },
  );
};

const isStream = (body: object): body is Readable => 'pipe' in body && 'destroy' in body;

const bounded = (body: Readable): Readable => {
  let size = 0;
  const limit = new Transform({
    transform: (chunk: Uint8Array, _encoding, done) => {
      size += chunk.length;
      if (size <= LONGEST) return done(null, chunk);
      const message = `its answer has more than the ${LONGEST} bytes that are read of it`;
      return done(Object.assign(new Error(message), { code: TOO_LARGE }));
    },
  });
  body.on('error', (error) => limit.destroy(error));
  limit.on('close', () => body.destroy());
  return body.pipe(limit);
};
