import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/documents/canonical-json.js';

test('the example of RFC 8785, section 3.2.2, has the text of section 3.2.3', () => {
  const value = {
    numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
    string: '\u20ac$\u000f\nA\'B"\\\\"/',
    literals: [null, true, false],
  };
  expect(canonicalJson(value)).toBe(
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

test('keys are sorted by their UTF-16 units, as in the example of RFC 8785, section 3.2.3', () => {
  const value = {
    '\u20ac': 'Euro Sign',
    '\r': 'Carriage Return',
    '\ufb33': 'Hebrew Letter Dalet With Dagesh',
    '1': 'One',
    '\u{1f600}': 'Emoji: Grinning Face',
    '\u0080': 'Control',
    '\u00f6': 'Latin Small Letter O With Diaeresis',
  };
  expect([...canonicalJson(value).matchAll(/":"([^"]*)"/g)].map(([, text]) => text)).toEqual([
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ]);
});

test('numbers are written as in appendix B of RFC 8785', () => {
  const bits = new DataView(new ArrayBuffer(8));
  const number = (hexadecimal: string): number => {
    bits.setBigUint64(0, BigInt(`0x${hexadecimal}`));
    return bits.getFloat64(0);
  };
  const samples = {
    '0000000000000000': '0',
    '8000000000000000': '0',
    '0000000000000001': '5e-324',
    '8000000000000001': '-5e-324',
    '7fefffffffffffff': '1.7976931348623157e+308',
    '4340000000000000': '9007199254740992',
    c340000000000000: '-9007199254740992',
    '4430000000000000': '295147905179352830000',
    '44b52d02c7e14af5': '9.999999999999997e+22',
    '44b52d02c7e14af6': '1e+23',
    '444b1ae4d6e2ef4e': '999999999999999700000',
    '444b1ae4d6e2ef50': '1e+21',
    '3eb0c6f7a0b5ed8c': '9.999999999999997e-7',
    '3eb0c6f7a0b5ed8d': '0.000001',
    '41b3de4355555554': '333333333.33333325',
  };
  for (const [hexadecimal, text] of Object.entries(samples)) {
    expect(canonicalJson(number(hexadecimal)), hexadecimal).toBe(text);
  }
});

test('characters beyond ASCII stand for themselves, and control characters are escaped', () => {
  expect(canonicalJson('\u0000\b\t\n\f\r\u001f\u007f"\\/é\u2028\u{1f600}')).toBe(
    '"\\u0000\\b\\t\\n\\f\\r\\u001f\u007f\\"\\\\/é\u2028\u{1f600}"',
  );
});

test('no order of keys and no white space makes a difference, at any depth; the order of a list does', () => {
  expect(canonicalJson({ b: [{ d: 1, c: {} }], a: [] })).toBe('{"a":[],"b":[{"c":{},"d":1}]}');
  expect(canonicalJson([2, 1])).toBe('[2,1]');
});

test('a key may be called like a property of every object', () => {
  const text = '{"__proto__":{"x":1},"constructor":2}';
  expect(canonicalJson(JSON.parse(text))).toBe(text);
});
