import { type Either, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ServerRequest } from '../../../ports/network/http-server.js';
import type { RequestError } from './http-error.js';

/** Bytes of the longest body: a configuration of 1 MiB, written as JSON. */
const LONGEST_BODY = 3 * 1024 * 1024;

/** The JSON of a body. Only what says that it is JSON is taken, so that no form of another page's can be one. */
export const jsonBody =
  ({ headers, body }: Pick<ServerRequest, 'headers' | 'body'>): TaskEither<RequestError, unknown> =>
  async () => {
    const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json') return bad('head', 'the content-type is not application/json');
    if (Number(headers['content-length'] ?? 0) > LONGEST_BODY) return tooLarge;
    const chunks: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const chunk of body) {
        size += chunk.length;
        if (size > LONGEST_BODY) return tooLarge;
        chunks.push(chunk);
      }
    } catch {
      // The client is told nothing: it has gone, or was too slow.
      return bad('body', 'it ended before its end');
    }
    return parsed(Buffer.concat(chunks));
  };

const parsed = (bytes: Buffer): Either<RequestError, unknown> => {
  try {
    return right(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)));
  } catch {
    return bad('body', 'it is not JSON in UTF-8');
  }
};

const bad = (where: 'head' | 'body', problem: string): Either<RequestError, never> =>
  left({ _tag: 'BadRequest', where, problems: [problem] });

const tooLarge: Either<RequestError, never> = left({ _tag: 'BodyTooLarge', limit: LONGEST_BODY });
