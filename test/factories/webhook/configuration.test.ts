import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { nodeHttpClient } from '../../../src/adapters/node/network/node-http-client.js';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { webhook } from '../../../src/factories/built-in/webhook/webhook.js';
import { describeFactoryError } from '../../../src/factories/describe-factory-error.js';
import { createRegistry } from '../../../src/factories/registry/create-registry.js';
import { NO_TELEMETRY } from '../../../src/ports/no-telemetry.js';
import { bytes } from '../contexts.js';
import { SECRET } from './sending.js';

const env = (name: string) => `\${env:${name}}`;
const registry = createRegistry(
  [webhook({ clock: nodeClock, http: nodeHttpClient, telemetry: NO_TELEMETRY })],
  { environment: {} },
);

/** What `mknod` says of a configuration; null where it takes it. */
const said = (config: unknown): string | null => {
  const checked = registry.checkBytes('webhook', '/etc/system.d/x', bytes(JSON.stringify(config)));
  return isLeft(checked) ? describeFactoryError(checked.left) : null;
};

const good = { url: 'https://example.org/x', secret: env('SECRET') };

test('a configuration with its secrets in the environment is taken', () => {
  expect(said(good)).toBeNull();
  expect(said({ url: env('SLACK_URL'), format: 'slack' })).toBeNull();
  expect(said({ ...good, secret: [env('A'), env('B')], timeout: '30s' })).toBeNull();
  for (const url of [
    ...[`https://example.org/x?token=${env('T')}`, `https://u:${env('P')}@example.org/x?a=1`],
    ...['https://example.org/x?station=harbour&keyword=a&page_token=2&key=', `https://${env('HOST')}/x`],
    `https://hooks.slack.com/${env('SLACK_PATH')}`,
  ])
    expect([url, said({ url, format: 'raw' })]).toEqual([url, null]);
  expect(
    said({ url: 'http://h', format: 'raw', headers: { Authorization: `Bearer ${env('T')}` } }),
  ).toBeNull();
});

test('a secret that is written out is refused, wherever it may stand, and never repeated', () => {
  const refused = [
    { ...good, secret: SECRET },
    { ...good, secret: [env('A'), SECRET] },
    { url: 'https://user:correct-horse@example.org/x', format: 'raw' },
    { url: 'https://example.org', format: 'raw', headers: { Authorization: 'Bearer correct-horse' } },
    { url: 'https://example.org', format: 'raw', headers: { 'X-Api-Key': 'correct-horse' } },
    ...[
      ...['https://example.org/x?token=correct-horse', 'https://example.org/x?a=1&api_key=correct-horse'],
      ...['https://example.org/x?X-Amz-Signature=correct-horse', 'https://example.org/x?key=correct-horse'],
      ...['https://example.org/x#access_token=correct-horse', `https://${env('HOST')}/?apikey=correct-horse`],
      ...['https://hooks.slack.com/services/T0/B0/correct-horse', 'https://u:correct-horse@[::1]/?a=1'],
      `https://discord.com/api/webhooks/1/correct-horse?wait=${env('WAIT')}`,
    ].map((url) => ({ url, format: 'raw' })),
  ];
  for (const config of refused) {
    expect(said(config)).toContain(`a secret is written ${env('NAME')}`);
    expect(said(config)).not.toContain('correct-horse');
    expect(said(config)).not.toContain(SECRET);
  }
});

test('what is wrong is said with its key and what to write instead', () => {
  expect(said({ ...good, url: 'ftp://x' })).toContain('url: expected an address that begins with https://');
  expect(said({ url: 'https://x' })).toContain('secret: is needed by the format standard');
  expect(said({ ...good, secret: 'whsec_short' })).toContain('secret: expected whsec_ and 24 to 64 bytes');
  expect(said({ ...good, format: 'json' })).toContain('format');
  expect(said({ ...good, timeout: 'soon' })).toContain('timeout');
  expect(said({ ...good, body: 'x' })).toContain('body: the format standard says what the body is');
  expect(said({ url: 'https://x', format: 'slack', body: {} })).toContain('body: expected a text');
  expect(said({ url: 'https://x', format: 'slack', secret: env('S') })).toContain('secret: Slack checks no');
  expect(said({ ...good, metod: 'PUT' })).toContain('metod: unknown key');
});

test('headers that would change the request, or that are not headers, are refused', () => {
  for (const name of ['Host', 'content-length', 'Transfer-Encoding', 'webhook-id', 'traceparent']) {
    expect(said({ ...good, headers: { [name]: 'x' } })).toContain(`headers.${name}: is set by the factory`);
  }
  expect(said({ ...good, headers: { 'a b': 'x' } })).toContain('is not a name of a header');
  expect(said({ ...good, headers: { a: 'x\r\nb: y' } })).toContain('a header is one line');
});

test('a template that cannot be filled is refused with what is wrong about it', () => {
  const body = (text: unknown) => said({ url: 'https://x', format: 'raw', body: text });
  expect(body('{{commit.txn_seq')).toContain('one brace pair is missing');
  expect(body('{{a b}}')).toContain('{{a b}} is not a path of names');
  expect(body('{{commt.txn_seq}}')).toContain('{{commt.txn_seq}} names commt; there are id, type');
  expect(body({ text: ['{{process.env}}'] })).toContain('{{process.env}} names process');
  expect(body(42)).toContain('expected a text, or a mapping or list');
});
