import { expect, test } from 'vitest';
import { parseExactJson } from '../../src/domain/documents/exact-json.js';
import { DEEPEST, seekDepth } from '../../src/domain/documents/json-depth.js';

/** The line in which it is too deep, with a text that comes in pieces of so many bytes. */
const lineOf = (text: string, size: number, eachLine = false): number | null => {
  const bytes = Buffer.from(text);
  const sought = seekDepth({ eachLine });
  for (let at = 0; at < bytes.length; at += size) {
    const line = sought.tooDeepIn(bytes.subarray(at, at + size));
    if (line !== null) return line;
  }
  return null;
};
const inEachPiece = (text: string, eachLine = false) =>
  [1, 3, 64, 100_000].map((size) => lineOf(text, size, eachLine));
const always = (line: number | null) => [line, line, line, line];

const nested = (levels: number, inside: string) =>
  '[{"a":'.repeat(levels / 2) + inside + '}]'.repeat(levels / 2);

test('as many levels as there may be are not too deep, in whichever kinds, and one more is, in its line', () => {
  expect(inEachPiece(nested(DEEPEST, '1'))).toEqual(always(null));
  expect(inEachPiece(nested(DEEPEST, '[]'))).toEqual(always(1));
  expect(inEachPiece(`{"a":1}\n${nested(DEEPEST, '\n{}')}`)).toEqual(always(3));
  expect(inEachPiece(`[${'[[],{}],'.repeat(1000)}[]]`)).toEqual(always(null));
});

test('brackets within strings count nothing, and quotes that are escaped end none', () => {
  expect(inEachPiece(`{"${'['.repeat(200)}":"\\"${'{'.repeat(200)}\\\\"}`)).toEqual(always(null));
  expect(inEachPiece(`{"a":"\\\\",${'"b":['.repeat(200)}`)).toEqual(always(1));
});

test('a string that does not end in its line hides nothing of what follows', () => {
  expect(inEachPiece(`{"a":"\n${'['.repeat(200)}`)).toEqual(always(2));
  expect(inEachPiece(`{"a":"\\\n${'['.repeat(200)}`)).toEqual(always(2));
});

test('lines that are broken add nothing to one another where each is a row by itself', () => {
  const broken = '{"a":[\n'.repeat(200);
  expect(inEachPiece(broken, true)).toEqual(always(null));
  expect(inEachPiece(broken)).toEqual(always(51));
  expect(inEachPiece(`${broken}${'['.repeat(200)}`, true)).toEqual(always(201));
});

test('JSON that is nested too deep is not parsed', () => {
  expect(parseExactJson(nested(DEEPEST, '12345678901234567890'))).toBeInstanceOf(Array);
  for (const inside of ['[]', '[12345678901234567890]'])
    expect(() => parseExactJson(nested(DEEPEST, inside))).toThrow(
      new SyntaxError('nested more than 100 levels deep'),
    );
});
