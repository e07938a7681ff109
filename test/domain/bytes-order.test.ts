import { expect, test } from 'vitest';
import { compareUtf8, sortedByUtf8 } from '../../src/domain/text/bytes-order.js';

test('strings are ordered by the bytes of their UTF-8 form, also beyond U+FFFF', () => {
  const ordered = [
    '',
    '\0',
    ' ',
    '-',
    '.',
    '/',
    '0',
    '10',
    '9',
    'A',
    'a',
    'a\0',
    'ab',
    '\u007f',
    '\u0080',
    'é',
    '\uff5e',
    '\u{1f600}',
  ];
  for (const [a, first] of ordered.entries()) {
    for (const [b, second] of ordered.entries()) {
      expect(Math.sign(compareUtf8(first, second)), `${first} and ${second}`).toBe(Math.sign(a - b));
    }
  }
});

test('the order is that of bytes, not of UTF-16 units', () => {
  expect('\uff5e' < '\u{1f600}').toBe(false);
  expect(compareUtf8('\uff5e', '\u{1f600}')).toBeLessThan(0);
});

test('a list is sorted in that order, whether or not there is anything in it that JavaScript orders in another way', () => {
  const few = ['b', 'a', 'a-b', 'a', 'é', 'a/', '東京', ''];
  for (const names of [few, [...few, '\u{1f30a}'], [...few, '\u{1f30a}', '\uff5e', '\ue000x']]) {
    const bytes = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect(sortedByUtf8(names, (name) => name)).toEqual(bytes);
    expect(sortedByUtf8([...names].reverse(), (name) => name)).toEqual(bytes);
  }
});
