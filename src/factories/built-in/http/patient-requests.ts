import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { printDuration } from '../../../domain/duration.js';
import { cutBetweenWords } from '../../../domain/secrets/torn-text.js';
import type { HttpAnswer, HttpRequest } from '../../../ports/network/http-client.js';
import type { Random } from '../../../ports/random.js';
import type { GatherContext } from '../../factory.js';
import { describeAbort } from '../abort-reason.js';
import { oneLine } from '../notices/escapes.js';
import { withoutCoding } from './content-coding.js';
import { exchange, type HttpDeps } from './exchange.js';
import { retryAfterMs } from './retry-after.js';

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

/** Milliseconds before the second, third and fourth attempt. */
const WAITS = [2_000, 4_000, 8_000];
/** Number of times that a server is obeyed that asks to wait, and for how long when it does not say. */
const MOST_WAITS = 3;
const USUAL_WAIT = 60_000;
/** A server that asks for more is left alone: the run ends, and says so. */
const LONGEST_WAIT = 5 * 60_000;
const MINUTE = 60_000;
const BUSY = new Set([408, 425, 429]);
const LONGEST_SAID = 300;

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
  const sentAt: number[] = [];
  let requests = 0;
  let bytes = 0;

  /** Waits until another request fits into the minute. */
  const inTurn = async (): Promise<void> => {
    while (!signal.aborted && sentAt.length >= perMinute) {
      const [oldest = 0] = sentAt;
      const passed = clock.monotonicMs() - oldest;
      if (passed >= MINUTE) sentAt.shift();
      else await clock.sleep(MINUTE - passed, signal);
    }
    sentAt.push(clock.monotonicMs());
  };

  const attemptOnce = async (asking: Asking, attempt: number) => {
    await inTurn();
    if (signal.aborted) return left(describeAbort(signal));
    requests += 1;
    context.progress(`${asking.url.host}: request ${requests}, ${mebibytes(bytes)} so far`);
    const { requestClass, method = 'GET', url, headers, body = '' } = asking;
    const { traceParent } = context.span;
    const request: Omit<HttpRequest, 'signal'> = {
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
    };
    const answer = await exchange(deps, {
      request,
      requestClass,
      timeoutMs,
      attempt,
      traceParent,
      interrupt: signal,
    });
    return answer;
  };

  const ask: PatientRequests['ask'] = async (asking) => {
    const problem = (message: string, more: Partial<HttpProblem> = {}): Either<HttpProblem, never> =>
      left({
        message: hiding(`${asking.url.origin} ${message}`, asking.hides ?? []),
        retryable: true,
        retryAfterMs: null,
        ...more,
      });
    let failures = 0;
    let waits = 0;
    for (let attempt = 1; ; attempt += 1) {
      const answer = await attemptOnce(asking, attempt);
      if (signal.aborted)
        return left({ message: describeAbort(signal), retryable: true, retryAfterMs: null });
      const judged = await judge(answer, maxAnswerBytes, clock.nowMicros());
      bytes += judged.bytes;
      if (judged._tag === 'Answer') return right(judged.answer);
      const { message } = judged;
      if (judged._tag === 'Refused') return problem(message, { retryable: false });
      const own = (WAITS[failures + waits] ?? 0) * (0.75 + random.fraction() / 2);
      // Many servers say 0, or a time that has passed, and are as busy as before.
      const asked = judged.waitMs === 0 ? own : judged.waitMs;
      const wait = asked ?? (judged.isBusy ? USUAL_WAIT : own);
      if (judged.isBusy) waits += 1;
      else failures += 1;
      if (waits > MOST_WAITS || failures > WAITS.length)
        return problem(`${message}, ${attempt} times`, {
          retryAfterMs: judged.waitMs,
          mayBeTooMuch: !judged.isBusy && judged.waitMs === null,
        });
      if (wait > LONGEST_WAIT)
        return problem(`${message}, and asks to wait for ${printDuration(wait)}`, { retryAfterMs: wait });
      context.log.log('info', 'request_waits', {
        request: asking.requestClass,
        wait_ms: wait,
        reason: message,
      });
      context.progress(`${asking.url.host}: waits for ${printDuration(wait)}: ${message}`);
      await clock.sleep(wait, signal);
    }
  };
  return { ask, spent: () => ({ requests, bytes }) };
};

const mebibytes = (bytes: number): string => `${(bytes / (1024 * 1024)).toFixed(1)} MiB`;

type Judged = { readonly bytes: number } & (
  | { readonly _tag: 'Answer'; readonly answer: HttpAnswer }
  | { readonly _tag: 'Refused'; readonly message: string }
  | {
      readonly _tag: 'Again';
      readonly message: string;
      readonly isBusy: boolean;
      readonly waitMs: number | null;
    }
);

const judge = async (
  answer: Either<string, HttpAnswer>,
  maxBytes: number,
  nowMicros: number,
): Promise<Judged> => {
  const again = { _tag: 'Again', isBusy: false, waitMs: null } as const;
  if (isLeft(answer)) return { ...again, message: answer.left, bytes: 0 };
  const decoded = await withoutCoding(answer.right, maxBytes);
  const { status, headers, body, isCut } = isLeft(decoded) ? answer.right : decoded.right;
  const bytes = Math.max(body.length, answer.right.body.length);
  if (BUSY.has(status) || status >= 500) {
    const waitMs = retryAfterMs(headers['retry-after'], nowMicros);
    const message = describeAnswer({ status, body: isLeft(decoded) ? new Uint8Array() : body });
    return { ...again, message, isBusy: status === 429, waitMs, bytes };
  }
  if (isLeft(decoded)) return { _tag: 'Refused', message: decoded.left, bytes };
  if (!isCut) return { _tag: 'Answer', answer: decoded.right, bytes };
  return body.length >= maxBytes
    ? { _tag: 'Refused', message: `answered more than ${maxBytes} bytes, which is more than is read`, bytes }
    : { ...again, message: 'ended inside its answer', bytes };
};

/** A status and the beginning of what was said, on one line. */
export const describeAnswer = ({ status, body }: Pick<HttpAnswer, 'status' | 'body'>): string => {
  const said = cutBetweenWords(LONGEST_SAID, oneLine(new TextDecoder().decode(body)));
  return `answered ${status}${said === '' ? '' : `: ${said}`}`;
};

/** A text in which secrets are replaced. */
export const hiding = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((hidden, secret) => (secret === '' ? hidden : hidden.replaceAll(secret, '***')), text);
