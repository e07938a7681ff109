import { cutBetweenWords } from '../../../domain/secrets/torn-text.js';
import type { HttpAnswer } from '../../../ports/network/http-client.js';
import { retryAfterMs } from '../http/retry-after.js';
import { oneLine } from '../notices/escapes.js';

/** An answer that does not say that the notice has arrived. */
export interface Refusal {
  readonly message: string;
  /** Tells whether the same request may be answered otherwise later. */
  readonly retryable: boolean;
  /** Milliseconds that the server asks to wait for. */
  readonly retryAfterMs: number | null;
}

/** Statuses of the client's fault that pass: the request came too slowly, too early, or too often. */
const PASSING = [408, 425, 429];
const LONGEST_SAID = 300;

/** Null for success, which only 2xx is. A redirect is a failure: whoever answers elsewhere was not the one that was named. */
export const refusalOf = (answer: HttpAnswer, nowMicros: number): Refusal | null => {
  const { status, headers } = answer;
  if (status >= 200 && status < 300) return null;
  const isClients = status >= 400 && status < 500;
  return {
    message: messageOf(answer),
    retryable: !isClients || PASSING.includes(status),
    retryAfterMs: retryAfterMs(headers['retry-after'], nowMicros),
  };
};

const messageOf = (answer: HttpAnswer): string => {
  const { status } = answer;
  const said = answerText(answer);
  const why =
    status >= 300 && status < 400
      ? ', a redirect, which is not followed: write the address where it leads to'
      : status === 410
        ? ', gone: this receiver wants no more notices'
        : '';
  return `answered ${status}${why}${said === '' ? '' : `: ${said}`}`;
};

/** The beginning of what was answered, on one line. */
export const answerText = ({ body }: Pick<HttpAnswer, 'body'>): string =>
  cutBetweenWords(LONGEST_SAID, oneLine(new TextDecoder().decode(body)));
