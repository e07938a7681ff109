import { Webhook } from 'standardwebhooks';
import { afterEach, expect, test } from 'vitest';
import type { PondPath } from '../../../src/domain/paths/pond-path.js';
import { keyOfSecret } from '../../../src/factories/built-in/webhook/webhook-config.js';
import { factorySpan } from '../../../src/factories/factory-span.js';
import { NO_SPAN } from '../../../src/ports/no-telemetry.js';
import { cloudEventFaults } from '../../support/cloud-events.js';
import { type HttpReceiver, httpReceiver } from '../../support/receivers/http-receiver.js';
import { POND_ID } from '../contexts.js';
import { OLDER_SECRET, SECRET, send } from './sending.js';

const CHANGES = [
  { kind: 'created', path: '/in/<a> & b.csv' as PondPath, entryType: 'file' },
  { kind: 'renamed', path: '/in/c' as PondPath, from: '/in/d' as PondPath, entryType: 'table' },
] as const;

const open: HttpReceiver[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

const sentTo = async (config: Readonly<Record<string, unknown>>, context = {}) => {
  const server = await httpReceiver();
  open.push(server);
  expect(await send({ url: server.url, ...config }, { changes: CHANGES, ...context })).toBeNull();
  const [request] = server.requests();
  if (request === undefined) throw new Error('nothing came');
  return request;
};

test('a request in the format standard is verified by a receiver that has any of its secrets', async () => {
  const { body, headers, method } = await sentTo({ secret: [SECRET, OLDER_SECRET] });
  expect(method).toBe('POST');
  expect(headers['webhook-id']).toMatch(/^msg_[0-9a-f]{32}$/);
  expect(headers['webhook-signature']).toMatch(/^v1,\S+ v1,\S+$/);
  for (const secret of [SECRET, OLDER_SECRET]) {
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({
      type: 'pond.commit',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      data: {
        pond: { id: POND_ID },
        commit: { txn_seq: 42 },
        notifier: { task: '42.1', config_path: '/etc/system.d/20-notify.yaml' },
        changes: [
          { kind: 'created', path: '/in/<a> & b.csv', entry_type: 'file' },
          { kind: 'renamed', path: '/in/c', from: '/in/d' },
        ],
        changes_total: 2,
      },
    });
  }
  expect(() => new Webhook(SECRET).verify(`${body} `, headers)).toThrow();
  expect(() => new Webhook(`whsec_${'A'.repeat(32)}`).verify(body, headers)).toThrow();
});

test('a secret that comes from a file, with the end of its line, is the same secret', async () => {
  const { body, headers } = await sentTo({ secret: [`${SECRET}\n`] });
  expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({ type: 'pond.commit' });
});

test('a secret without its prefix is the same secret, and a text that is not base64 throughout is none', async () => {
  const bare = SECRET.replace(/^whsec_/, '');
  const { body, headers } = await sentTo({ secret: [bare.replace(/=$/, '')] });
  expect(new Webhook(SECRET).verify(body, headers)).toMatchObject({ type: 'pond.commit' });
  for (const wrong of [
    `${bare}!`,
    `${bare.slice(0, 20)} ${bare.slice(20)}`,
    'a sentence that is long enough, but no key',
  ])
    expect(keyOfSecret(wrong)).toBeNull();
});

test('every attempt of a task sends the same webhook-id, and another task another one', async () => {
  const idOf = async (context: object) => (await sentTo({ secret: SECRET }, context)).headers['webhook-id'];
  const first = await idOf({ attempt: 1 });
  expect(await idOf({ attempt: 2 })).toBe(first);
  expect(await idOf({ idempotencyKey: `${POND_ID}/42.2` })).not.toBe(first);
});

test('a CloudEvent has the attributes that its specification requires, and the place in the trace', async () => {
  const traceParent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const { body, headers } = await sentTo(
    { format: 'cloudevents' },
    { span: { ...factorySpan(NO_SPAN), traceParent } },
  );
  expect(headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
  expect(JSON.parse(body)).toMatchObject({
    specversion: '1.0',
    id: headers['webhook-id'],
    source: `urn:uuid:${POND_ID}`,
    type: 'pond.commit',
    subject: 'commit/42',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    datacontenttype: 'application/json',
    traceparent: traceParent,
    data: { commit: { txn_seq: 42 } },
  });
  expect(headers.traceparent).toBe(traceParent);
});

test('every notice is a CloudEvent by the rules of version 1.0', async () => {
  const outcome = (of: 'begins' | 'ends') => ({
    task: '42.1',
    configPath: '/etc/system.d/10 ä.yaml' as PondPath,
    error: 'no',
    report: null,
    state: of === 'begins' ? 'failed' : 'completed',
    countsAs: of === 'begins' ? 'failed' : 'completed',
    previousState: null,
    failingSince: 1_767_225_600_000_000,
    notice: { of, id: 'x' },
  });
  for (const context of [
    {},
    { outcomes: [outcome('begins')] },
    { outcomes: [outcome('ends')] },
    { task: null },
    { span: { ...factorySpan(NO_SPAN), traceParent: '' } },
  ]) {
    const event = JSON.parse((await sentTo({ format: 'cloudevents' }, context)).body);
    expect(cloudEventFaults(event)).toEqual([]);
    // The rules see what is wrong.
    const { id: _, ...rest } = event;
    expect(cloudEventFaults({ ...rest, subject: '', time: 'now', trace_parent: 1.5 })).toEqual([
      ...['id', 'subject', 'time', 'trace_parent'],
    ]);
  }
});

test('what Slack could take for a mention, a channel or a link is escaped, in its own words and in a template', async () => {
  const { body, headers } = await sentTo({ format: 'slack' });
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(headers).not.toHaveProperty('webhook-id');
  const { text } = JSON.parse(body);
  expect(text).toContain('*commit 42 changed 2 paths*\n');
  expect(text).toContain('created /in/&lt;a&gt; &amp; b.csv');

  const own = await sentTo({ format: 'slack', body: '<https://x.example|{{changes.0.path}}>' });
  expect(JSON.parse(own.body)).toEqual({ text: '<https://x.example|/in/&lt;a&gt; &amp; b.csv>' });
});

test('a text for Slack ends at 4,000 characters, and never inside an escape', async () => {
  for (const before of [0, 1, 2, 3, 4]) {
    const path = `/${'x'.repeat(before)}${'&'.repeat(5_000)}` as PondPath;
    const changes = [{ kind: 'created', path, entryType: 'file' }] as const;
    const { body } = await sentTo({ format: 'slack', body: '{{changes.0.path}}' }, { changes });
    const { text } = JSON.parse(body);
    expect(text.length).toBeLessThanOrEqual(4_000);
    expect(text).toMatch(/^\/x*(&amp;)+…$/);
  }
});

test('a raw body is what was written, with values escaped as its content type asks for', async () => {
  const bodyOf = async (body: unknown, type?: string) =>
    (
      await sentTo({
        format: 'raw',
        body,
        ...(type === undefined ? {} : { headers: { 'Content-Type': type } }),
      })
    ).body;
  expect(await bodyOf('{{commit.txn_seq}}: {{changes.0.path}} {{ changes.0.nothing }}.')).toBe(
    '42: /in/<a> & b.csv .',
  );
  expect(await bodyOf('<p>{{changes.0.path}}</p>', 'text/html')).toBe('<p>/in/&lt;a&gt; &amp; b.csv</p>');
  expect(await bodyOf('path={{changes.0.path}}', 'application/x-www-form-urlencoded')).toBe(
    'path=%2Fin%2F%3Ca%3E%20%26%20b.csv',
  );
  const quoted = [{ kind: 'created', path: '/in/"\\' as PondPath, entryType: 'file' }];
  const written = await sentTo(
    { format: 'raw', body: '{"at":"{{changes.0.path}}"}', headers: { 'content-type': 'application/json' } },
    { changes: quoted },
  );
  expect(JSON.parse(written.body)).toEqual({ at: '/in/"\\' });
  expect(JSON.parse(await bodyOf({ n: 1, list: ['{{commit.txn_seq}}', true] }))).toEqual({
    n: 1,
    list: ['42', true],
  });
  expect(JSON.parse(await bodyOf(undefined))).toMatchObject({ type: 'pond.commit', data: {} });
});

test('a template shows data and reaches nothing behind it', async () => {
  const { body } = await sentTo({
    format: 'raw',
    body: '[{{changes.constructor}}{{changes.length}}{{pond.__proto__}}{{title.length}}{{pond.toString}}]',
  });
  expect(body).toBe('[]');
});

test('a run by hand is a test, and says so', async () => {
  const { body } = await sentTo({ format: 'raw' }, { task: null });
  expect(JSON.parse(body)).toMatchObject({ type: 'pond.test' });
});

test('headers are sent as they are configured', async () => {
  const { headers } = await sentTo({ format: 'raw', headers: { Authorization: 'Bearer x', 'X-A': 'b' } });
  expect(headers).toMatchObject({ authorization: 'Bearer x', 'x-a': 'b', 'user-agent': 'pond-steward' });
});
