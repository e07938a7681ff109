import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { parseExactJson } from '../../../domain/documents/exact-json.js';
import type { HttpAnswer } from '../../../ports/network/http-client.js';
import { describeAnswer } from '../http/judge-answer.js';
import { type HttpProblem, hiding } from '../http/patient-requests.js';

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const jsonIn = ({ body }: HttpAnswer): Either<null, unknown> => {
  try {
    return right(parseExactJson(new TextDecoder('utf-8', { fatal: true }).decode(body)));
  } catch {
    // Whoever asked says what was not JSON.
    return left(null);
  }
};

export const objectIn = (answer: HttpAnswer): Readonly<Record<string, unknown>> | null => {
  const value = jsonIn(answer);
  return isLeft(value) || !isObject(value.right) ? null : value.right;
};

/** An answer that no server of HydroVu would give. */
export const broken = (url: URL, message: string): HttpProblem => ({
  message: `${url.origin}${url.pathname} ${message}`,
  retryable: true,
  retryAfterMs: null,
});

/** An answer with a status that was not asked for; the token is not said. */
export const problemOf = (doing: string, url: URL, answer: HttpAnswer, token = ''): HttpProblem => ({
  message: `${doing} ${url.origin}${url.pathname}: ${hiding(describeAnswer(answer), [token])}`,
  retryable: answer.status < 400,
  retryAfterMs: null,
});
