import { isRight } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { expect, test } from 'vitest';
import { keyErrors } from '../../src/domain/documents/decode-error.js';

/** What is said of a value, `key: message`. */
const said = (codec: t.Mixed, value: unknown, prefix = '', redact?: (text: string) => string) => {
  const decoded = codec.decode(value);
  return isRight(decoded)
    ? []
    : keyErrors(decoded.left, prefix, redact).map(({ key, message }) => `${key}: ${message}`);
};

test('an error names the way to its value, through mappings and lists, after the prefix', () => {
  const codec = t.type({ a: t.array(t.type({ b: t.string })), c: t.record(t.string, t.number) });
  const value = { a: [{ b: 'x' }, { b: 1 }], c: { 'd e': 'f' } };
  expect(said(codec, value)).toEqual(['a[1].b: expected string, got 1', 'c.d e: expected number, got "f"']);
  expect(said(codec, value, 'config')[0]).toBe('config.a[1].b: expected string, got 1');
  expect(said(t.string, 1)).toEqual([': expected string, got 1']);
  expect(said(t.array(t.string), ['x', 1], 'run')).toEqual(['run[1]: expected string, got 1']);
});

test('what is missing is required, not undefined', () => {
  expect(said(t.type({ url: t.string }), {})).toEqual(['url: required, expected string']);
});

test('a value that fits no member of a union has one error with all that was expected', () => {
  const codec = t.type({ a: t.union([t.string, t.number, t.array(t.string)]) });
  expect(said(codec, { a: true })).toEqual(['a: expected string or number or a list, got true']);
  expect(said(t.union([t.literal('x'), t.literal('y')]), 'z')).toEqual([': expected "x" or "y", got "z"']);
});

test('members of intersections and unions are not keys', () => {
  const codec = t.intersection([
    t.type({ a: t.string }),
    t.type({ b: t.union([t.null, t.type({ c: t.string })]) }),
  ]);
  expect(said(codec, { a: 1, b: { c: 2 } })).toEqual([
    'a: expected string, got 1',
    'b: expected null, got a mapping',
    'b.c: expected string, got 2',
  ]);
});

test('expected types have words that a writer of YAML knows', () => {
  const expected = (codec: t.Mixed) => said(codec, true)[0];
  expect(expected(t.array(t.string))).toBe(': expected a list, got true');
  expect(expected(t.readonlyArray(t.string))).toBe(': expected a list, got true');
  expect(expected(t.type({ a: t.string }))).toBe(': expected a mapping, got true');
  expect(expected(t.partial({ a: t.string }))).toBe(': expected a mapping, got true');
  expect(expected(t.record(t.string, t.string))).toBe(': expected a mapping, got true');
  expect(expected(t.keyof({ push: null, pull: null }))).toBe(': expected "push" or "pull", got true');
});

test('found values are shown as YAML would have them, lists and mappings by their kind', () => {
  const got = (value: unknown) => said(t.type({ a: t.string }), { a: value })[0]?.split(', got ')[1];
  expect([1.5, true, null].map(got)).toEqual(['1.5', 'true', 'null']);
  expect([[1], { b: 1 }, () => 1].map(got)).toEqual(['a list', 'a mapping', 'a function']);
});

test('a long text is cut, after it was redacted', () => {
  const secret = 'S'.repeat(40);
  const redact = (text: string) => text.replaceAll(secret, '***');
  const message = said(t.number, `${'x'.repeat(60)}${secret}`, '', redact)[0];
  expect(message).toBe(`: expected number, got "${'x'.repeat(60)}***"`);
  expect(said(t.number, 'y'.repeat(200))[0]).toBe(`: expected number, got "${'y'.repeat(76)}...`);
});
