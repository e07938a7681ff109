import { none, some } from 'fp-ts/lib/Option.js';
import { expect, test } from 'vitest';
import { parseFiring, printFiring } from '../../src/domain/plans/firing.js';

const PATH = '/etc/schedule.d/10-night@home';

test('a firing is printed as its entry and its time, and read back, with its tasks', () => {
  const dueAt = Date.UTC(2028, 1, 29, 23, 59) * 1000;
  const name = `${PATH}@2028-02-29T23:59Z`;
  expect(printFiring({ path: PATH, dueAt })).toBe(name);
  expect(parseFiring(name)).toEqual(some({ path: PATH, dueAt, name, place: null }));
  expect(parseFiring(`${name}.2`)).toEqual(some({ path: PATH, dueAt, name, place: 2 }));
});

test.each([
  '2026-02-29T10:00Z',
  '2026-02-30T10:00Z',
  '2026-04-31T10:00Z',
  '2026-13-01T10:00Z',
  '2026-01-00T10:00Z',
  '2026-01-01T24:00Z',
  '2026-01-01T10:60Z',
  '2026-01-01T10:00',
  '2026-01-01T10:00+01:00',
  '2026-01-01T10:00Z.0',
  '2026-01-01',
])('a time that no calendar has, or that is written in another way, is none: %s', (time) => {
  expect(parseFiring(`${PATH}@${time}`)).toEqual(none);
});
