import { expect, test } from 'vitest';
import { redactor } from '../../src/domain/secrets/redactor.js';
import { cutBetweenWords } from '../../src/domain/secrets/torn-text.js';

test('a text is cut between words, members or elements, so that no secret is cut in two', () => {
  const secret = 'BEGIN-and-some-more-END';
  for (const [before, after] of [
    ['key: ', ' (again)'],
    ['{"message":"refused","key":', '}'],
    ['<b>', '</b>'],
    ['', ''],
  ] as const) {
    const text = `${before}${secret}${after}`;
    for (let length = 1; length <= text.length; length += 1) {
      const cut = cutBetweenWords(length, text);
      expect(cut.length).toBeLessThanOrEqual(length);
      expect(cut.includes(secret) || !/B|E/.test(cut)).toBe(true);
    }
    expect(cutBetweenWords(text.length, text)).toBe(text);
  }
});

test('a secret of several words, members or elements that was cut in two is taken out', () => {
  const secret = 'correct horse,battery{staple}<again>';
  const redact = redactor([secret]);
  const text = `answered: ${secret} and no more`;
  for (let length = 1; length <= text.length; length += 1)
    expect(redact(cutBetweenWords(length, text))).not.toMatch(/correct|horse|battery|staple/);
});
