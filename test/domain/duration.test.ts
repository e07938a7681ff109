import { isRight, left, right } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { keyErrors } from '../../src/domain/documents/decode-error.js';
import { DurationCodec, parseDuration, RetentionCodec } from '../../src/domain/duration.js';

test('a duration is read into milliseconds, whatever its unit', () => {
  const durations = {
    '1ms': 1,
    '250ms': 250,
    '30s': 30_000,
    '10m': 600_000,
    '1.5h': 5_400_000,
    '2d': 172_800_000,
    ' 10 s ': 10_000,
    '0.1ms': 1,
    '1.0004s': 1_001,
  };
  for (const [text, milliseconds] of Object.entries(durations)) {
    expect(parseDuration(text), text).toEqual(right(milliseconds));
  }
});

test('no time, less than none, no unit and no number are refused', () => {
  for (const text of [
    '',
    '0s',
    '0.0h',
    '-1s',
    '+1s',
    '10',
    's',
    '1e3s',
    '1.s',
    '.5s',
    '1 0s',
    '1w',
    '1S',
    '1s1s',
  ]) {
    expect(parseDuration(text), text).toEqual(left({ _tag: 'InvalidDuration', text }));
  }
});

test('what is longer than a timer can wait is refused, because the timer would not wait at all', () => {
  expect(parseDuration('2147483647ms')).toEqual(right(2_147_483_647));
  for (const text of ['2147483648ms', '25d', `${'9'.repeat(400)}d`]) {
    expect(isRight(parseDuration(text)), text).toBe(false);
  }
});

test('in a configuration a duration is a text, and anything else is refused with an example', () => {
  expect(DurationCodec.decode('30s')).toEqual(right(30_000));
  for (const [value, shown] of [
    [30, '30'],
    ['soon', '"soon"'],
    [null, 'null'],
  ] as const) {
    const decoded = DurationCodec.decode(value);
    expect(isRight(decoded) ? [] : keyErrors(decoded.left, 'timeout')).toEqual([
      { key: 'timeout', message: `expected a duration such as 500ms, 30s, 10m or 2h, got ${shown}` },
    ]);
  }
});

test('in a configuration what is too long is refused with the longest that there may be', () => {
  for (const [codec, value, longest] of [
    [DurationCodec, '25d', '24d'],
    [RetentionCodec, '3654d', '3653d'],
  ] as const) {
    const decoded = codec.decode(value);
    expect(isRight(decoded) ? [] : keyErrors(decoded.left, 'wait')).toEqual([
      { key: 'wait', message: `expected a duration of at most ${longest}, got ${value}` },
    ]);
    expect(isRight(codec.decode(longest))).toBe(true);
  }
});

test('an encoded duration is read back as it was', () => {
  expect(DurationCodec.decode(DurationCodec.encode(90_000))).toEqual(right(90_000));
});
