import { type Either, isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { steps } from '../../../effects/steps.js';
import { runWithDeadline } from '../../../executor/independent/run-with-deadline.js';
import type { Clock } from '../../../ports/clock.js';
import type { HttpAnswer, HttpClient, HttpFailed } from '../../../ports/http-client.js';
import type { FactoryContext, FactoryError } from '../../factory.js';
import { describeAbort } from '../abort-reason.js';
import type { Notice } from '../notices/notice.js';
import { noticesOf } from '../notices/notices-of.js';
import { answerText, type Refusal, refusalOf } from './webhook-answer.js';
import type { WebhookConfig } from './webhook-config.js';
import { webhookRequest } from './webhook-request.js';

export interface WebhookDeps {
  readonly clock: Clock;
  readonly http: HttpClient;
}

const TIMEOUT_MS = 15_000;
/** Milliseconds that an exchange has to end in once it is told to. */
const GRACE_MS = 1_000;
/** Bytes of an answer that are read: it is there to be shown, and nothing follows from it. */
const MOST_OF_ANSWER = 4_096;

/** Sends all notices of a run, one after another; the first that is not accepted ends it. */
export const sendWebhooks = (
  deps: WebhookDeps,
  context: FactoryContext,
  config: WebhookConfig,
): TaskEither<FactoryError, void> =>
  steps(async ({ take }) => {
    const url = take(urlOf(context, config));
    const sent: JsonObject[] = [];
    for (const notice of noticesOf(context, deps.clock.nowMicros())) {
      const answer = take(await exchange(deps, context, config, url, notice));
      const said = { host: url.origin, id: notice.id, type: notice.type, status: answer.status };
      sent.push({ ...said, answer: answerText(answer) });
      context.log.log('info', 'webhook_sent', said);
      context.report({ sent: [...sent] });
    }
  });

/** Configurations are checked before their variables are resolved, so only now the address is known. */
const urlOf = (context: FactoryContext, { url }: WebhookConfig): Either<FactoryError, URL> => {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  return parsed !== null && /^https?:$/.test(parsed.protocol)
    ? right(parsed)
    : left(
        failed(context, {
          message: 'config.url is not an address that begins with https:// or http://',
          retryable: false,
          retryAfterMs: null,
        }),
      );
};

const exchange = async (
  { clock, http }: WebhookDeps,
  context: FactoryContext,
  config: WebhookConfig,
  url: URL,
  notice: Notice,
): Promise<Either<FactoryError, HttpAnswer>> => {
  const { headers, body } = webhookRequest(config, notice, {
    nowMicros: clock.nowMicros(),
    traceParent: context.span.traceParent,
  });
  const timeoutMs = config.timeout ?? TIMEOUT_MS;
  const outcome = await runWithDeadline(
    { clock, timeoutMs, graceMs: GRACE_MS, interrupt: context.signal },
    (signal) =>
      http.send({
        method: 'POST',
        url,
        headers,
        body: Buffer.from(body),
        signal,
        maxAnswerBytes: MOST_OF_ANSWER,
      }),
  );
  if (outcome._tag !== 'Ignored' && isRight(outcome.result)) {
    // Also where the time was over inside the body: what the server says after its status changes nothing.
    const refusal = refusalOf(outcome.result.right, clock.nowMicros());
    return refusal === null ? outcome.result : left(failed(context, withHost(url, refusal)));
  }
  const message =
    outcome._tag === 'Settled' && isLeft(outcome.result)
      ? unreached(outcome.result.left)
      : context.signal.aborted
        ? describeAbort(context.signal)
        : `no answer within ${timeoutMs / 1000} s`;
  return left(failed(context, withHost(url, { message, retryable: true, retryAfterMs: null })));
};

const unreached = ({ code, message }: HttpFailed): string =>
  code === '' || message.includes(code) ? message : `${message} (${code})`;

/** Says of an address only scheme, host and port: the rest may be a secret. */
const withHost = (url: URL, refusal: Refusal): Refusal => ({
  ...refusal,
  message: `${url.origin} ${refusal.message}`,
});

const failed = ({ path }: FactoryContext, { message, retryable, retryAfterMs }: Refusal): FactoryError => ({
  _tag: 'FactoryFailed',
  path,
  factory: 'webhook',
  message,
  ...(retryable ? {} : { retryable }),
  ...(retryAfterMs === null ? {} : { retryAfterMs }),
});
