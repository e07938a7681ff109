import fc from 'fast-check';
import { expect, test } from 'vitest';
import { patternOfSecrets, redactor } from '../../src/domain/secrets/redactor.js';

const LETTERS = 'aB3'.repeat(400);

/** Values that variables with secret names hold: the longest that is tried in all ways, keys of many lines, accounts, sentences. */
const LONG: Readonly<Record<string, string>> = {
  'a token of the longest kind that is tried character by character': '+/=-'.repeat(50),
  'a private key': `-----BEGIN PRIVATE KEY-----\n${`${'a+/Z'.repeat(16)}\n`.repeat(26)}-----END PRIVATE KEY-----\n`,
  'an account': JSON.stringify({
    type: 'service_account',
    private_key: `-----BEGIN KEY-----\n${LETTERS}\n-----END KEY-----\n`,
    uris: Array.from({ length: 12 }, (_, place) => `https://accounts.example/${place}`),
  }),
  'a sentence': Array.from({ length: 40 }, (_, place) => `word${place}`).join(' '),
  'a short sentence': 'correct horse battery staple is a good one',
  'a list': '{a,b}'.repeat(30),
  'much that is not a letter': '+/=-'.repeat(2_000),
};

test.each(Object.entries(LONG))('%s makes no pattern that takes long to compile', (_, secret) => {
  expect(patternOfSecrets([secret]).length).toBeLessThan(120_000);
  expect(redactor([secret])(`before ${secret} after`)).not.toContain(secret.trim());
});

const BEHIND = '|'.repeat(40);

test('a text that is too short for the pattern is not tried, and nothing is missed', () => {
  const part = fc.string({
    unit: fc.constantFrom('a', 'b', ' ', '\n', '/', '€', '…', '.', '{'),
    maxLength: 12,
  });
  fc.assert(
    fc.property(part, part, part, (secret, before, after) => {
      fc.pre(secret.trim() !== '');
      // With so much behind it that it is tried.
      const inFull = (text: string) => redactor([secret])(text + BEHIND).slice(0, -BEHIND.length);
      const texts = [
        before,
        secret,
        `${before}${secret}${after}`,
        Buffer.from(`${before}${secret}`).toString('base64'),
      ];
      const pieces = texts.flatMap((text) => [
        text,
        text.slice(0, secret.length),
        `...${text}`,
        `${text}...`,
        text.slice(1),
      ]);
      for (const text of pieces) expect(redactor([secret])(text)).toBe(inFull(text));
    }),
  );
});
