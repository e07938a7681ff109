import * as fc from 'fast-check';
import { isRight, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { expect, test } from 'vitest';
import { keyErrors } from '../../src/domain/documents/decode-error.js';
import { exactType } from '../../src/domain/documents/exact-type.js';
import { DurationCodec } from '../../src/domain/duration.js';
import { prop } from '../support/prop.js';

const Config = exactType(
  'Config',
  { url: t.string },
  { wait: DurationCodec, inner: exactType('Inner', {}, { deep: t.number }) },
);

const said = (value: unknown) => {
  const decoded = Config.decode(value);
  return isRight(decoded) ? [] : keyErrors(decoded.left).map(({ key, message }) => `${key}: ${message}`);
};

test('a mapping with these keys is decoded, required and optional ones alike', () => {
  expect(Config.decode({ url: 'x', wait: '2s', inner: { deep: 1 } })).toEqual(
    right({ url: 'x', wait: 2_000, inner: { deep: 1 } }),
  );
  expect(Config.decode({ url: 'x' })).toEqual(right({ url: 'x' }));
});

test('a misspelt key is unknown, at any depth, and a required one is missing too', () => {
  expect(said({ uri: 'x' })).toEqual([
    'uri: unknown key; known keys are url, wait, inner',
    'url: required, expected string',
  ]);
  expect(said({ url: 'x', inner: { depe: 1 } })).toEqual(['inner.depe: unknown key; known keys are deep']);
});

test('a key called like a property of every object is unknown too', () => {
  expect(said({ url: 'x', constructor: 1 })).toEqual([
    'constructor: unknown key; known keys are url, wait, inner',
  ]);
  expect(said(JSON.parse('{ "url": "x", "__proto__": 1 }'))).toEqual([
    '__proto__: unknown key; known keys are url, wait, inner',
  ]);
});

test('everything that is wrong is said at once', () => {
  expect(said({ url: 1, wait: 2, more: 3 })).toEqual([
    'more: unknown key; known keys are url, wait, inner',
    'url: expected string, got 1',
    'wait: expected a duration such as 500ms, 30s, 10m or 2h, got 2',
  ]);
});

test('what is not a mapping is refused with the keys that a mapping would have', () => {
  for (const value of [null, 'x', 1, ['url'], undefined]) {
    expect(said(value)).toEqual([': expected a mapping with the keys url, wait, inner']);
  }
});

const Plain = exactType('Plain', { name: t.string, size: t.number }, { isNew: t.boolean });

const other = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constantFrom(null, undefined));
const mostly = (right: fc.Arbitrary<unknown>) => fc.oneof({ weight: 5, arbitrary: right }, other);
const mapping = fc.record(
  {
    name: mostly(fc.string()),
    size: mostly(fc.integer()),
    isNew: mostly(fc.boolean()),
    more: other,
    toString: other,
  },
  { requiredKeys: [] },
);

prop([fc.oneof({ weight: 9, arbitrary: mapping }, fc.anything())])(
  'the type holds for exactly what is decoded, so that an unknown key never passes either way',
  (value) => {
    expect(Plain.is(value)).toBe(isRight(Plain.decode(value)));
  },
);
