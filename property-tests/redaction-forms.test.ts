import fc from 'fast-check';
import { expect, test } from 'vitest';
import { redactArguments } from '../src/cli/line/redact-arguments.js';
import { redactor } from '../src/domain/secrets/redactor.js';
import { secretValues } from '../src/domain/secrets/secret-variables.js';
import { withoutUrlSecrets } from '../src/domain/secrets/url-secrets.js';

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

test('a secret is found whichever of its characters are encoded as entities, escapes or in percent', () => {
  const encode = fc.constantFrom(
    (character: string) => character,
    (character: string) => `&#${character.codePointAt(0)};`,
    (character: string) => `&#x${character.codePointAt(0)?.toString(16)};`,
    (character: string) =>
      [...Buffer.from(character)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    (character: string) =>
      [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join(''),
    (character: string) =>
      [...Buffer.from(character)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join(''),
    (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
    (character: string) => `\\U${character.codePointAt(0)?.toString(16).padStart(8, '0')}`,
    // As mails do.
    (character: string) =>
      [...Buffer.from(character)]
        .map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`)
        .join(''),
    // As `printf %q` of a shell writes it.
    (character: string) => (/[\w]/.test(character) ? character : `\\${character}`),
  );
  fc.assert(
    fc.property(
      fc.string({ minLength: 8, maxLength: 40 }).filter((text) => !/[&%\\+=\s]/.test(text)),
      fc.array(encode, { minLength: 1, maxLength: 7 }),
      (value, encodings) => {
        const text = [...value]
          .map((character, at) => encodings[at % encodings.length]?.(character))
          .join('');
        return redactor([value])(`x=${text}!`) === 'x=***!';
      },
    ),
  );
});

test('a secret with quotation marks is found as a shell writes it that shows what it runs', () => {
  const secret = "it's $ecret";
  for (const said of ["'it'\\''s $ecret'", `'it'"'"'s $ecret'`, "it\\'s\\ \\$ecret"])
    expect(redactor([secret])(`+ curl -u ${said}`)).toMatch(/^\+ curl -u '?\*\*\*'?$/);
});

test('a long secret is found however the characters are encoded that programs encode', () => {
  const long = fc
    .array(fc.constantFrom(...'ABCxyz0189+/='), { minLength: 201, maxLength: 1_500 })
    .map((characters) => characters.join(''));
  const forms: readonly ((text: string) => string)[] = [
    (text) => text.replaceAll('/', '\\/'),
    (text) => text.replace(/[+/=]/g, (c) => `\\u00${c.charCodeAt(0).toString(16).toUpperCase()}`),
    (text) => encodeURIComponent(text).replace(/%../g, (encoded) => encoded.toLowerCase()),
    (text) => text.replace(/[+/=]/g, (c) => `&#x${c.charCodeAt(0).toString(16)};`),
    (text) => text.replaceAll('=', '=3D'),
  ];
  fc.assert(
    fc.property(long, fc.constantFrom(...forms), (value, form) => {
      expect(redactor([value])(`x=${form(value)}!`)).toBe('x=***!');
    }),
  );
});

test('a secret is found where its characters, and not their bytes, are written in hexadecimal', () => {
  const redact = redactor(['schlüssel é']);
  for (const said of ['schl\\xfcssel \\xe9', 'schl%FCssel%20%E9']) expect(redact(`'${said}'`)).toBe("'***'");
});

test('an output that was made to be slow to look through is looked through in bounded time', () => {
  const secret = `${'%25'.repeat(2)}&&\\\\+a${'b'.repeat(30)}`;
  const redact = redactor([secret]);
  for (const text of [
    secret.slice(0, -1).repeat(2_000),
    '\\'.repeat(100_000),
    '&amp;'.repeat(20_000),
    '%25'.repeat(40_000),
  ])
    expect(redact(text)).toBe(text);
  const words = redactor(['correct horse battery staple, is a good one']);
  for (const text of [
    ' '.repeat(200_000),
    `... ${' '.repeat(200_000)}`,
    'correct '.repeat(25_000),
    '... horse '.repeat(20_000),
  ])
    expect(words(text)).toBe(text);
});

test('what is secret by its name has 6 characters, what is listed any number, and what is neither stays', () => {
  const variables = {
    API_TOKEN: 'abcdef',
    A_SECRET: 'abcde',
    DB_PASSWORD: 'true',
    MY_PIN: '71',
    CORP_A: 'x',
    KEYBOARD: 'qwerty',
    PWD: '/home/me',
    SSH_AUTH: '',
  };
  expect(secretValues(variables, [])).toEqual(['abcdef']);
  expect(secretValues(variables, ['MY_PIN', 'CORP_*', '.*'])).toEqual(['abcdef', '71', 'x']);
});

test('URLs lose user names, passwords and queries, places of the host and paths nothing', () => {
  expect(withoutUrlSecrets('at postgres://a:b@h/db?x=1, (https://t@h:1/p?q#f) and s3://b/k')).toBe(
    'at postgres://***@h/db?*** (https://***@h:1/p?***#f) and s3://b/k',
  );
  for (const same of ['host:///tmp/a@b?c', 'host+series://x@y?z', '/in/a?b@c', 'me@example.org', 'a?b//c']) {
    expect(withoutUrlSecrets(same)).toBe(same);
  }
});
