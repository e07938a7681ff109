import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type * as t from 'io-ts';
import { keyErrors } from '../../../domain/documents/decode-error.js';
import type { HttpError, RequestError } from './http-error.js';
import type { Interface } from './interface.js';
import type { Answer } from './reply.js';
import type { ShownPond } from './shown-pond.js';

/** A request that was found to be what its route wants. */
export interface Asked<P, Q, B> {
  readonly interface: Interface;
  /** Parts of the address. */
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  /** Aborts when the server is to stop. */
  readonly stopping: AbortSignal;
}

interface Described<P, Q, B> {
  readonly method: 'GET' | 'POST';
  /** Address below `/api/v1`, with `{name}` for a part. */
  readonly path: string;
  /** One sentence of what it does, for the document. */
  readonly summary: string;
  readonly params: t.Type<P, unknown>;
  readonly query: t.Type<Q, unknown>;
  /** Null: the request has none. */
  readonly body: t.Type<B, unknown> | null;
  /** Codec of the answer; null: it is not JSON. */
  readonly answer: t.Mixed | null;
  /** Tells whether it changes anything: those are not there with `--read-only`. */
  readonly changes: boolean;
  readonly handle: (asked: Asked<P, Q, B>) => TaskEither<HttpError, Answer>;
}

/** One address of the interface. */
export interface Route
  extends Omit<Described<unknown, unknown, unknown>, 'params' | 'query' | 'body' | 'handle'> {
  readonly params: t.Mixed;
  readonly query: t.Mixed;
  readonly body: t.Mixed | null;
  /** Checks a request, and returns what answers it. */
  readonly ask: (
    raw: Asked<unknown, unknown, unknown>,
  ) => Either<RequestError, TaskEither<HttpError, Answer>>;
}

export const route = <P, Q, B>(definition: Described<P, Q, B>): Route => {
  const { params, query, body, handle } = definition;
  return {
    ...definition,
    ask: (raw) => {
      const decodedParams = decoded('address', params, raw.params);
      if (isLeft(decodedParams)) return decodedParams;
      const decodedQuery = decoded('query', query, raw.query);
      if (isLeft(decodedQuery)) return decodedQuery;
      const decodedBody = body === null ? right(undefined as B) : decoded('body', body, raw.body);
      if (isLeft(decodedBody)) return decodedBody;
      return right(
        handle({
          ...raw,
          params: decodedParams.right,
          query: decodedQuery.right,
          body: decodedBody.right,
        }),
      );
    },
  };
};

const decoded = <A>(
  where: 'address' | 'query' | 'body',
  codec: t.Type<A, unknown>,
  value: unknown,
): Either<RequestError, A> => {
  const result = codec.decode(value);
  return isLeft(result)
    ? left({
        _tag: 'BadRequest',
        where,
        problems: keyErrors(result.left).map(({ key, message }) =>
          key === '' ? message : `${key}: ${message}`,
        ),
      })
    : result;
};

/** The pond that an address names. */
export const pondNamed = (
  { ponds }: Pick<Interface, 'ponds'>,
  name: string,
): Either<RequestError, ShownPond> => {
  const found = ponds.find((pond) => pond.name === name);
  return found === undefined ? left({ _tag: 'NoSuchPond', pond: name }) : right(found);
};

/** Parts of a path by the names that a pattern gives them; null where it is another one. */
export const partsOf = (pattern: string, path: string): Readonly<Record<string, string>> | null => {
  const wanted = pattern.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return null;
  const parts: Record<string, string> = {};
  for (const [at, name] of wanted.entries()) {
    const part = given[at] ?? '';
    const [, variable] = /^\{(\w+)\}$/.exec(name) ?? [];
    if (variable === undefined) {
      if (name !== part) return null;
      continue;
    }
    const text = unescaped(part);
    if (text === null || text === '') return null;
    parts[variable] = text;
  }
  return parts;
};

const unescaped = (part: string): string | null => {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
};
