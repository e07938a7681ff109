import { type Either, isLeft, isRight, left } from 'fp-ts/lib/Either.js';
import { withSpan } from '../../../effects/with-span.js';
import { runWithDeadline } from '../../../executor/independent/run-with-deadline.js';
import type { Clock } from '../../../ports/clock.js';
import type { HttpAnswer, HttpClient, HttpFailed, HttpRequest } from '../../../ports/network/http-client.js';
import type { Telemetry } from '../../../ports/telemetry.js';
import { ATTRIBUTE, HTTP_COUNTER, HTTP_SPAN, LABEL } from '../../../ports/telemetry-names.js';
import { describeAbort } from '../abort-reason.js';
import { withRemedy } from '../connection-remedies.js';

/** Ports that speaking HTTP needs. */
export interface HttpDeps {
  readonly clock: Clock;
  readonly http: HttpClient;
  readonly telemetry: Telemetry;
}

/** A request, and how it is known to whoever watches. */
export interface Exchange {
  readonly request: Omit<HttpRequest, 'signal'>;
  /** The class of requests, such as `hydrovu.data`: there are few, so that they are labels of metrics. */
  readonly requestClass: string;
  /** Milliseconds that the exchange may take, its answer included. */
  readonly timeoutMs: number;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** The place in a trace that it belongs to; empty where nobody traces. */
  readonly traceParent: string;
  readonly interrupt: AbortSignal;
}

/** Milliseconds that an exchange has to end in once it is told to. */
const GRACE_MS = 1_000;

/** One request and its answer, or in words why there is none. */
export const exchange = (deps: HttpDeps, given: Exchange): Promise<Either<string, HttpAnswer>> => {
  const { request, requestClass, traceParent, attempt } = given;
  return withSpan(
    deps.telemetry,
    {
      name: HTTP_SPAN.request,
      parent: traceParent === '' ? null : { traceParent, origin: 'here' },
      attributes: {
        [ATTRIBUTE.requestClass]: requestClass,
        [ATTRIBUTE.httpMethod]: request.method,
        // Of an address only the host: the rest may be a secret.
        [ATTRIBUTE.serverAddress]: request.url.host,
        ...(attempt === 1 ? {} : { [ATTRIBUTE.requestAttempt]: attempt }),
      },
    },
    async (span) => {
      const answer = await answerWithin(deps, given);
      count(deps.telemetry, given, answer);
      if (isLeft(answer)) span.fail(answer.left);
      else {
        const { status, body } = answer.right;
        span.set({ [ATTRIBUTE.httpStatus]: status, [ATTRIBUTE.httpReceived]: body.length });
        if (status >= 400) span.fail(`answered ${status}`);
      }
      return answer;
    },
  );
};

const answerWithin = async (
  { clock, http }: HttpDeps,
  { request, timeoutMs, interrupt }: Exchange,
): Promise<Either<string, HttpAnswer>> => {
  const outcome = await runWithDeadline({ clock, timeoutMs, graceMs: GRACE_MS, interrupt }, (signal) =>
    http.send({ ...request, signal }),
  );
  // Also where the time was over inside the body: its status has been said.
  if (outcome._tag !== 'Ignored' && isRight(outcome.result)) return outcome.result;
  if (outcome._tag === 'Settled' && isLeft(outcome.result)) return left(unreached(outcome.result.left));
  return left(interrupt.aborted ? describeAbort(interrupt) : `no answer within ${timeoutMs / 1000} s`);
};

/** Returns what the system says, with its code, and what can be done where that is known. */
const unreached = ({ code, message }: HttpFailed): string => {
  const said = code === '' || message.includes(code) ? message : `${message} (${code})`;
  return withRemedy(said, code, 'for an address without it write http://');
};

const count = (
  telemetry: Telemetry,
  { request, requestClass }: Exchange,
  answer: Either<string, HttpAnswer>,
): void => {
  const outcome = isLeft(answer) ? 'failed' : `${Math.floor(answer.right.status / 100)}xx`;
  const labels = { [LABEL.requestClass]: requestClass };
  telemetry.add(HTTP_COUNTER.requests, 1, { ...labels, [LABEL.outcome]: outcome });
  telemetry.add(HTTP_COUNTER.bytesSent, request.body.length, labels);
  if (!isLeft(answer)) telemetry.add(HTTP_COUNTER.bytesReceived, answer.right.body.length, labels);
};
