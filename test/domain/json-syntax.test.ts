import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { jsonSyntaxError } from '../../src/domain/documents/json-syntax.js';

test.each([
  ['{"a": 1,}', 8],
  ['{"a": 1', 7],
  ['[1 2]', 3],
  ['{a: 1}', 1],
  ['{"a"\n: tru}', 7],
  ['"\\x"', 0],
  ['[1, 01]', 4],
  ['[]]', 2],
  ['', 0],
])('a text stops being JSON where its first wrong character is: %s', (text, offset) => {
  expect(jsonSyntaxError(text)).toBe(offset);
});

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

const nearlyJson = fc
  .tuple(fc.json(), fc.nat(40), fc.constantFrom(',', '"', '}', ']', ':', '0', '\\', ' '))
  .map(([text, at, more]) => text.slice(0, at) + more + text.slice(at));

test('and never stops where the engine reads it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.json(), nearlyJson), async (text) => {
      expect(jsonSyntaxError(text) === null).toBe(isJson(text));
    }),
  );
});

test('whatever its depth', () => {
  expect(jsonSyntaxError('['.repeat(100_000))).toBe(100_000);
});
