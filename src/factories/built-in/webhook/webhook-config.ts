import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { KeyError } from '../../../domain/documents/decode-error.js';
import { exactType } from '../../../domain/documents/exact-type.js';
import { TextListCodec } from '../../../domain/documents/text-list.js';
import { DurationCodec } from '../../../domain/duration.js';
import { type FactoryReference, referenceOf } from '../../factory-reference.js';
import { checkedBy } from '../config-codecs.js';
import { HttpUrl, headersExcept, secretsOfRequest } from '../http/http-codecs.js';
import { isFromEnvironment, LITERAL_SECRET } from '../secret-texts.js';
import { BodyTemplateCodec } from './body-template.js';

const SHORTEST_SECRET = 24;
const LONGEST_SECRET = 64;
const MOST_SECRETS = 5;

/**
 * The key of a secret of Standard Webhooks, which may come from a file with the end of its line, and without the prefix, as the
 * libraries of receivers take it; null where it is none.
 */
export const keyOfSecret = (secret: string): Buffer | null => {
  const text = secret.trim().replace(/^whsec_/, '');
  const key = Buffer.from(text, 'base64');
  // Of anything else the decoder would take what looks like base64, and leave out the rest.
  const isBase64 = key.toString('base64').replace(/=+$/, '') === text.replace(/={0,2}$/, '');
  return isBase64 && key.length >= SHORTEST_SECRET && key.length <= LONGEST_SECRET ? key : null;
};

const isSecret = (text: string): boolean => isFromEnvironment(text) || keyOfSecret(text) !== null;

const Secrets = new t.Type<readonly string[], unknown, unknown>(
  'one secret or several',
  (input): input is readonly string[] => TextListCodec.is(input) && input.every(isSecret),
  (input, context) => {
    const texts = TextListCodec.validate(input, context);
    if (isLeft(texts))
      return t.failure(input, context, `expected a secret or a list of up to ${MOST_SECRETS}`);
    if (texts.right.length > MOST_SECRETS)
      return t.failure(input, context, `expected at most ${MOST_SECRETS} secrets`);
    return texts.right.every(isSecret)
      ? t.success(texts.right)
      : t.failure(
          input,
          context,
          `expected whsec_ and ${SHORTEST_SECRET} to ${LONGEST_SECRET} bytes in base64, as printf 'whsec_%s' "$(openssl rand -base64 32)" makes it`,
        );
  },
  t.identity,
);

const Headers = headersExcept(/^webhook-.*$/i);

const FORMATS = { standard: null, cloudevents: null, slack: null, raw: null } as const;

const Keys = exactType(
  'webhook configuration',
  { url: HttpUrl },
  {
    format: t.keyof(FORMATS),
    secret: Secrets,
    headers: Headers,
    body: BodyTemplateCodec,
    timeout: DurationCodec,
  },
);

type Keys = t.TypeOf<typeof Keys>;

/** Combinations of keys: each format has its own needs. */
const problemOf = ({ format = 'standard', secret, body }: Keys): KeyError | null => {
  if (format === 'standard' && secret === undefined) {
    return {
      key: 'secret',
      message: 'is needed by the format standard, which is signed; format: raw sends the same without it',
    };
  }
  if (format === 'slack' && secret !== undefined)
    return { key: 'secret', message: 'Slack checks no signatures; its address is the secret' };
  if (body !== undefined && (format === 'standard' || format === 'cloudevents'))
    return { key: 'body', message: `the format ${format} says what the body is; body is for raw and slack` };
  if (format === 'slack' && body !== undefined && body._tag !== 'Text')
    return { key: 'body', message: 'expected a text: of a message to Slack only its text can be chosen' };
  return null;
};

/** The configuration of the `webhook` factory. */
export const WebhookConfig = checkedBy(Keys, problemOf);

export type WebhookConfig = Keys;

/** Secrets that stand in the configuration itself, where the pond's history would keep them. */
export const secretsWrittenOut = ({ url, secret = [], headers = {} }: WebhookConfig): readonly KeyError[] => [
  ...secretsOfRequest(url, headers),
  ...(secret.every(isFromEnvironment) ? [] : [{ key: 'secret', message: LITERAL_SECRET }]),
];

/** Reference that `pond factories webhook` prints. */
export const webhookReference: FactoryReference = referenceOf(Keys, {
  meanings: {
    url: 'where notices are sent by POST; https://, or http:// inside a network of your own',
    format:
      'what is sent: standard (Standard Webhooks, signed), cloudevents (CloudEvents 1.0 in JSON), slack (an incoming webhook of Slack) or raw (the body that you write, or the same JSON as standard); default standard',
    secret:
      'what requests are signed with: whsec_ (which may be left out) and 24 to 64 bytes in base64, up to five for a change of secrets; needed for standard, possible for cloudevents and raw',
    headers: 'more headers, such as authorization',
    body: 'what is sent with raw and slack: a text, or for raw a mapping that becomes JSON; {{path.to.value}} shows data',
    timeout: 'how long one request may take, its answer included; default 15s',
  },
  example: `# Tells a program of yours what goes wrong and when it is well again.
factory: webhook
enabled: false # take this line out once the rest is what you want
description: tell the dashboard
depends_on: [10-validate]
retry: { max_attempts: 5, initial_interval: 5s, backoff: 3 }
config:
  url: https://example.org/hooks/pond
  format: standard
  secret: "\${env:POND_WEBHOOK_SECRET}"
  timeout: 15s
`,
});
