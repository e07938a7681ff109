import { expect, test } from 'vitest';
import { boundedText } from '../../src/domain/text/bounded-text.js';

test('a message has at most 50 lines of 2,000 characters, and says what was left out', () => {
  const text = boundedText(Array.from({ length: 20_000 }, (_, line) => `key${line}: unknown key`).join('\n'));
  expect(text.split('\n')).toHaveLength(51);
  expect(text).toMatch(/^key0: .*\n\.\.\. and 19950 more like these$/s);
  expect(boundedText('x'.repeat(5_000))).toBe(`${'x'.repeat(2_000)}... and 3000 characters more`);
  expect(boundedText('a\nb')).toBe('a\nb');
});

test('a long line is cut between words where there are any', () => {
  const line = `${'word '.repeat(399)}a-secret-that-is-cut ${'word '.repeat(100)}`;
  expect(boundedText(line)).toMatch(/^(?:word )+\.\.\. and \d+ characters more$/);
});
