import { createHmac } from 'node:crypto';
import type { JsonObject } from '../../../domain/documents/json.js';
import { cutTo, escapeSlack } from '../notices/escapes.js';
import { type Notice, templateData } from '../notices/notice.js';
import { renderTemplate } from '../notices/template.js';
import { renderBody } from './body-template.js';
import { keyOfSecret, type WebhookConfig } from './webhook-config.js';

/** Request as one sees it on the wire. */
export interface WebhookRequest {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The time and the place in a trace at which a notice is sent. */
export interface Sending {
  /** Microseconds since the epoch, of this attempt. */
  readonly nowMicros: number;
  readonly traceParent: string;
}

const JSON_TYPE = 'application/json; charset=utf-8';
const TEXT_TYPE = 'text/plain; charset=utf-8';
/** Slack shows up to this much of a text in one message. */
const LONGEST_SLACK_TEXT = 4_000;

/** A notice as a request in the configured format. Configured headers come after those of the format, so that they may say another content type. */
export const webhookRequest = (
  config: WebhookConfig,
  notice: Notice,
  { nowMicros, traceParent }: Sending,
): WebhookRequest => {
  const { type, body } = contentOf(config, notice, traceParent);
  const own = Object.fromEntries(
    Object.entries(config.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return {
    body,
    headers: {
      'user-agent': 'pond-steward',
      'content-type': type,
      ...own,
      ...placeInTrace(traceParent),
      ...identity(config, notice.id, Math.floor(nowMicros / 1e6), body),
    },
  };
};

/** Empty where nobody traces. */
const placeInTrace = (traceparent: string): { readonly traceparent?: string } =>
  traceparent === '' ? {} : { traceparent };

/** The three headers of Standard Webhooks; without secrets, of which there can be none in Slack's format, no signature. */
const identity = (
  { format = 'standard', secret = [] }: WebhookConfig,
  id: string,
  timestamp: number,
  body: string,
): Readonly<Record<string, string>> => {
  if (format === 'slack') return {};
  const signatures = secret.flatMap((text) => {
    const key = keyOfSecret(text);
    return key === null
      ? []
      : [`v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`];
  });
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    ...(signatures.length === 0 ? {} : { 'webhook-signature': signatures.join(' ') }),
  };
};

const contentOf = (
  config: WebhookConfig,
  notice: Notice,
  traceParent: string,
): { readonly type: string; readonly body: string } => {
  switch (config.format ?? 'standard') {
    case 'standard':
      return { type: JSON_TYPE, body: JSON.stringify(standardPayload(notice)) };
    case 'cloudevents':
      return {
        type: 'application/cloudevents+json; charset=utf-8',
        body: JSON.stringify(cloudEvent(notice, traceParent)),
      };
    case 'slack':
      return { type: JSON_TYPE, body: JSON.stringify({ text: slackText(config, notice) }) };
    case 'raw':
      return rawContent(config, notice);
  }
};

const standardPayload = ({ type, timestamp, title, text, data }: Notice): JsonObject => ({
  type,
  timestamp,
  data: { title, text, ...data },
});

const cloudEvent = (notice: Notice, traceparent: string): JsonObject => {
  const { type, timestamp, data } = standardPayload(notice);
  return {
    specversion: '1.0',
    id: notice.id,
    source: `urn:uuid:${pondIdOf(notice)}`,
    type: type ?? '',
    subject: subjectOf(notice),
    time: timestamp ?? '',
    datacontenttype: 'application/json',
    ...placeInTrace(traceparent),
    data: data ?? {},
  };
};

const pondIdOf = ({ data }: Notice): string => String(memberOf(memberOf(data, 'pond'), 'id') ?? '');

/** The entry that a notice is about, else the commit. */
const subjectOf = ({ data }: Notice): string => {
  const entry = memberOf(memberOf(data, 'outcome'), 'config_path');
  return typeof entry === 'string'
    ? entry
    : `commit/${String(memberOf(memberOf(data, 'commit'), 'txn_seq') ?? '')}`;
};

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;

const slackText = ({ body }: WebhookConfig, notice: Notice): string => {
  const text =
    body?._tag === 'Text'
      ? renderTemplate(body.template, templateData(notice), escapeSlack)
      : `*${escapeSlack(notice.title)}*\n${escapeSlack(notice.text)}`;
  return withoutHalfEntity(cutTo(LONGEST_SLACK_TEXT, text));
};

/** An escape that was cut in two would be shown as it is. */
const withoutHalfEntity = (text: string): string => text.replace(/&[a-z]{0,3}…$/, '…');

const rawContent = (config: WebhookConfig, notice: Notice) => {
  if (config.body === undefined) return { type: JSON_TYPE, body: JSON.stringify(standardPayload(notice)) };
  const own = Object.entries(config.headers ?? {}).find(([name]) => name.toLowerCase() === 'content-type');
  const type = own?.[1] ?? (config.body._tag === 'Text' ? TEXT_TYPE : JSON_TYPE);
  return { type, body: renderBody(config.body, templateData(notice), type) };
};
