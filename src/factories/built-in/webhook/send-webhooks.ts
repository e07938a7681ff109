import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { steps } from '../../../effects/steps.js';
import type { HttpAnswer } from '../../../ports/network/http-client.js';
import type { FactoryContext, FactoryError } from '../../factory.js';
import { exchange, type HttpDeps } from '../http/exchange.js';
import type { Notice } from '../notices/notice.js';
import { noticesOf } from '../notices/notices-of.js';
import { answerText, type Refusal, refusalOf } from './webhook-answer.js';
import type { WebhookConfig } from './webhook-config.js';
import { webhookRequest } from './webhook-request.js';

export type WebhookDeps = HttpDeps;

const TIMEOUT_MS = 15_000;
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
      const answer = take(await notify(deps, context, config, url, notice));
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

const notify = async (
  deps: WebhookDeps,
  context: FactoryContext,
  config: WebhookConfig,
  url: URL,
  notice: Notice,
): Promise<Either<FactoryError, HttpAnswer>> => {
  const { headers, body } = webhookRequest(config, notice, {
    nowMicros: deps.clock.nowMicros(),
    traceParent: context.span.traceParent,
  });
  const timeoutMs = config.timeout ?? TIMEOUT_MS;
  const answer = await exchange(deps, {
    request: { method: 'POST', url, headers, body: Buffer.from(body), maxAnswerBytes: MOST_OF_ANSWER },
    requestClass: 'webhook',
    timeoutMs,
    attempt: 1,
    traceParent: context.span.traceParent,
    interrupt: context.signal,
  });
  if (isLeft(answer))
    return left(
      failed(context, withHost(url, { message: answer.left, retryable: true, retryAfterMs: null })),
    );
  const refusal = refusalOf(answer.right, deps.clock.nowMicros());
  return refusal === null ? answer : left(failed(context, withHost(url, refusal)));
};

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
