import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactArguments } from '../src/cli/line/redact-arguments.js';
import { redactor } from '../src/factories/registry/redact.js';

const secret = fc.string({ minLength: 8, maxLength: 40 }).filter((text) => text.trim() === text);

test('a secret is found in base64 wherever it stands in what was encoded', () => {
  fc.assert(
    fc.property(secret, fc.string({ maxLength: 9 }), fc.string({ maxLength: 9 }), (value, before, after) => {
      const redact = redactor([value]);
      for (const encoding of ['base64', 'base64url'] as const) {
        const encoded = Buffer.from(`${before}${value}${after}`).toString(encoding);
        expect(redact(encoded)).toContain('***');
      }
    }),
  );
});

test('a secret is found in hexadecimal, in a form, in a URL, in JSON and in HTML', () => {
  fc.assert(
    fc.property(secret, (value) => {
      const redact = redactor([value]);
      const forms = [
        Buffer.from(value).toString('hex'),
        Buffer.from(value).toString('hex').toUpperCase(),
        encodeURIComponent(value),
        new URLSearchParams({ key: value }).toString().slice(4),
        JSON.stringify(value).slice(1, -1),
        value
          .replaceAll('&', '&amp;')
          .replaceAll('<', '&lt;')
          .replaceAll('>', '&gt;')
          .replaceAll('"', '&quot;')
          .replaceAll("'", '&#39;'),
      ];
      for (const form of forms) expect(redact(`x=${form};`)).toBe('x=***;');
    }),
  );
});

test('stored arguments have no values of secret options, and no query strings', () => {
  const argv = [
    'run',
    '/x',
    '--token',
    'abc',
    '--api-key=abc',
    '--otlp',
    'http://host:1/p?key=abc',
    'https://h/?abc#part',
  ];
  expect(redactArguments(argv)).toEqual([
    ...[
      'run',
      '/x',
      '--token',
      '***',
      '--api-key=***',
      '--otlp',
      'http://host:1/p?***',
      'https://h/?***#part',
    ],
  ]);
});
