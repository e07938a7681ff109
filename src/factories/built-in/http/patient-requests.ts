import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { printDuration } from '../../../domain/duration.js';
import type { HttpAnswer, HttpRequest } from '../../../ports/network/http-client.js';
import type { Random } from '../../../ports/random.js';
import type { GatherContext } from '../../factory.js';
import { describeAbort } from '../abort-reason.js';
import { askingAgain, type Unanswered } from './asking-again.js';
import { exchange, type HttpDeps } from './exchange.js';
import { judgeAnswer } from './judge-answer.js';
import { minuteTurns } from './minute-turns.js';

/** Ports that asking patiently needs. */
export interface RequestDeps extends HttpDeps {
  readonly random: Random;
}

/** Options by which a server is asked. */
export interface Patience {
  /** Milliseconds that one request may take, its answer included. */
  readonly timeoutMs: number;
  /** Bytes of an answer; a longer one is an error. */
  readonly maxAnswerBytes: number;
  /** Requests that may be sent within a minute. */
  readonly perMinute: number;
}

/** A request that was not answered, or with a status that says to come again, as often as it was tried. */
export interface HttpProblem {
  readonly message: string;
  /** False: the same request would end the same way. */
  readonly retryable: boolean;
  /** Milliseconds that the server asks to wait for. */
  readonly retryAfterMs: number | null;
  /** Tells whether less may be answered where so much was not: the server failed, or took too long. */
  readonly mayBeTooMuch?: boolean;
}

/** Request that is made. */
export interface Asking {
  readonly requestClass: string;
  readonly method?: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Secrets besides those of the configuration, which must not be in what is said of an answer. */
  readonly hides?: readonly string[];
}

/** Requests to a server that may be slow, busy or out of reach for a while. */
export interface PatientRequests {
  /** The answer; any status that does not ask to come again is one. */
  readonly ask: (asking: Asking) => Promise<Either<HttpProblem, HttpAnswer>>;
  /** Requests and bytes of answers so far, uncompressed, each attempt of a request counted. */
  readonly spent: () => { readonly requests: number; readonly bytes: number };
}

/**
 * Asks, and asks again what was not answered or cut (after 2, 4 and 8 seconds, more or less, so that many do not come at
 * once), and what is answered with "later" (as long as `Retry-After` says, three times).
 */
export const patientRequests = (
  deps: RequestDeps,
  context: Pick<GatherContext, 'signal' | 'span' | 'log' | 'progress'>,
  { timeoutMs, maxAnswerBytes, perMinute }: Patience,
): PatientRequests => {
  const { clock, random } = deps;
  const { signal } = context;
  const inTurn = minuteTurns(clock, perMinute, signal);
  let requests = 0;
  let bytes = 0;

  const askOnce = async (asking: Asking, attempt: number): Promise<Either<string, HttpAnswer>> => {
    await inTurn();
    if (signal.aborted) return left(describeAbort(signal));
    requests += 1;
    context.progress(`${asking.url.host}: request ${requests}, ${mebibytes(bytes)} so far`);
    const { requestClass } = asking;
    const { traceParent } = context.span;
    const request = requestOf(asking, maxAnswerBytes, traceParent);
    return exchange(deps, { request, requestClass, timeoutMs, attempt, traceParent, interrupt: signal });
  };

  const ask: PatientRequests['ask'] = async (asking) => {
    let unanswered: Unanswered = { failures: 0, waits: 0 };
    for (let attempt = 1; ; attempt += 1) {
      const answer = await askOnce(asking, attempt);
      if (signal.aborted)
        return left({ message: describeAbort(signal), retryable: true, retryAfterMs: null });
      const judged = await judgeAnswer(answer, maxAnswerBytes, clock.nowMicros());
      bytes += judged.bytes;
      if (judged._tag === 'Answer') return right(judged.answer);
      const { message } = judged;
      if (judged._tag === 'Refused') return problem(asking, message, { retryable: false });
      const again = askingAgain(judged, unanswered, random.fraction());
      unanswered = again.unanswered;
      const { next } = again;
      if (next._tag === 'GiveUp') {
        const { _tag, because, ...more } = next;
        return problem(asking, `${message}, ${because}`, more);
      }
      context.log.log('info', 'request_waits', {
        request: asking.requestClass,
        wait_ms: next.waitMs,
        reason: message,
      });
      context.progress(`${asking.url.host}: waits for ${printDuration(next.waitMs)}: ${message}`);
      await clock.sleep(next.waitMs, signal);
    }
  };
  return { ask, spent: () => ({ requests, bytes }) };
};

const requestOf = (
  { method = 'GET', url, headers, body = '' }: Asking,
  maxAnswerBytes: number,
  traceParent: string,
): Omit<HttpRequest, 'signal'> => ({
  method,
  url,
  body: Buffer.from(body),
  maxAnswerBytes,
  keepsConnection: true,
  headers: {
    'user-agent': 'pond-steward',
    'accept-encoding': 'identity',
    ...headers,
    ...(traceParent === '' ? {} : { traceparent: traceParent }),
  },
});

const problem = (
  { url, hides = [] }: Asking,
  message: string,
  more: Partial<HttpProblem>,
): Either<HttpProblem, never> =>
  left({ message: hiding(`${url.origin} ${message}`, hides), retryable: true, retryAfterMs: null, ...more });

const mebibytes = (bytes: number): string => `${(bytes / (1024 * 1024)).toFixed(1)} MiB`;

/** A text in which secrets are replaced. */
export const hiding = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((hidden, secret) => (secret === '' ? hidden : hidden.replaceAll(secret, '***')), text);
