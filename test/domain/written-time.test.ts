import { expect, test } from 'vitest';
import { parseMoment } from '../../src/cli/line/moment.js';
import { microsOfWritten, writtenTime } from '../../src/domain/written-time.js';
import { momentOf } from '../../src/factories/built-in/collecting/moments.js';

/** ISO 8601 in UTC with microseconds; null for what cannot be read. */
const read = (text: string, zone: string | null = 'UTC'): string | null => {
  const written = writtenTime(text);
  const micros = written === null ? null : microsOfWritten(written, zone);
  if (micros === null) return null;
  const after = ((micros % 1000) + 1000) % 1000;
  return `${new Date((micros - after) / 1000).toISOString().slice(0, -1)}${String(after).padStart(3, '0')}Z`;
};

test.each([
  ['2026-11-20', '2026-11-20T00:00:00.000000Z'],
  ['2024-02-29', '2024-02-29T00:00:00.000000Z'],
  ['0100-01-01', '0100-01-01T00:00:00.000000Z'],
  ['2026-11-20T10:00', '2026-11-20T10:00:00.000000Z'],
  ['2026-11-20 10:00:30.5 +01:00', '2026-11-20T09:00:30.500000Z'],
  ['2026-11-20T10:00:00.123456789-0330', '2026-11-20T13:30:00.123456Z'],
  ['2026-11-20 10:00:30+01', '2026-11-20T09:00:30.000000Z'],
  ['1969-12-31T23:59:59.999999Z', '1969-12-31T23:59:59.999999Z'],
  ['2026-11-20T24:00Z', '2026-11-21T00:00:00.000000Z'],
  ['2016-12-31T23:59:60Z', '2017-01-01T00:00:00.000000Z'],
])('%s is %s', (text, expected) => {
  expect(read(text)).toBe(expected);
});

test.each([
  ...['2026-11-20-05', '2026-11-20+01', '2026-11-20T10:00+17'],
  ...['2026-13-05', '2026-00-05', '2026-05-00', '2026-06-31', '2026-02-29', '1900-02-29', '2026-05-32'],
  ...[
    '2026-11-20T10:75',
    '2026-11-20T25:00',
    '2026-11-20T24:01',
    '2026-11-20T10:00:61',
    '2026-11-20T10:05:60',
  ],
  ...['0000-01-01', '0001-01-01T00:00:00Z', '0026-11-20', '0099-12-31', '26-11-20'],
  ...[
    '2026-11-20T10:00+25:00',
    '2026-11-20T10:00+01:75',
    '2026-11-20T',
    '2026-11-20T10',
    '10:00',
    'soon',
    '',
  ],
])('%s is on no calendar or clock, and is not read as another time', (text) => {
  expect(read(text)).toBeNull();
  expect(momentOf(text, 'UTC')).toBeNull();
  expect(parseMoment(text, 0)._tag).toBe('Left');
});

test('a time without a zone is that of the zone it is meant in, of an hour that comes twice the first one', () => {
  expect(read('2026-06-01T10:00', null)).toBeNull();
  expect(read('2026-06-01T10:00', 'Europe/Vienna')).toBe('2026-06-01T08:00:00.000000Z');
  expect(read('2026-12-01T10:00:00.25', 'Europe/Vienna')).toBe('2026-12-01T09:00:00.250000Z');
  // The clocks go back on 25 October there, and on 1 November in New York.
  expect(read('2026-10-25T02:30', 'Europe/Vienna')).toBe('2026-10-25T00:30:00.000000Z');
  expect(read('2026-11-01T01:30', 'America/New_York')).toBe('2026-11-01T05:30:00.000000Z');
  // Forward on 29 March, from 02:00 to 03:00: 02:30 is 03:30.
  expect(read('2026-03-29T02:30', 'Europe/Vienna')).toBe('2026-03-29T01:30:00.000000Z');
  expect(read('2026-03-08T02:30', 'America/New_York')).toBe('2026-03-08T07:30:00.000000Z');
  expect(read('2026-06-01T10:00', 'Asia/Kathmandu')).toBe('2026-06-01T04:15:00.000000Z');
});

test('numbers are seconds, milliseconds, microseconds or nanoseconds by their size', () => {
  for (const number of [1_780_000_000, 1_780_000_000_000, 1_780_000_000_000_000, '1780000000000000000'])
    expect(momentOf(number, null)).toBe(1_780_000_000_000_000);
});
