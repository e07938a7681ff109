import { isLeft, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import { jsonText, jsonValue } from '../../src/control/store/json-text.js';
import { decoded } from '../../src/domain/documents/decoded.js';

const Row = t.intersection([
  t.type({ name: t.string, size: t.union([t.null, t.number]), state: t.keyof({ open: null, over: null }) }),
  t.partial({ note: t.string }),
]);

describe('decoded', () => {
  it('is the value itself, where that fits and the codec changes nothing', () => {
    for (const row of [
      { name: 'a', size: null, state: 'open' },
      { name: 'a', size: 1, state: 'over', note: 'b', more: true },
    ]) {
      const read = decoded(Row, row);
      expect(read).toEqual(Row.decode(row));
      expect(read).toEqual(right(row));
    }
  });

  it('has the errors of the codec, where the value does not fit', () => {
    for (const row of [
      null,
      [],
      {},
      { name: 'a', size: 'b', state: 'open' },
      { name: 'a', size: 1, state: 'else', note: 2 },
    ]) {
      const read = decoded(Row, row);
      expect(isLeft(read)).toBe(true);
      expect(read).toEqual(Row.decode(row));
    }
  });

  it('is what the codec makes of the value, where it changes it', () => {
    const codec = t.type({ report: jsonText(jsonValue), place: t.number });
    expect(decoded(codec, { report: '{"a":1}', place: 1 })).toEqual(right({ report: { a: 1 }, place: 1 }));
    expect(decoded(t.exact(t.type({ a: t.number })), { a: 1, b: 2 })).toEqual(right({ a: 1 }));
    expect(isLeft(decoded(codec, { report: { a: 1 }, place: 1 }))).toBe(true);
  });
});
