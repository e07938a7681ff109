// Troubles that users of other collectors have reported, translated: what becomes of them here.

import { expect, test } from 'vitest';
import { apiPond, json } from './api-pond.js';

const INTO = '/in/readings.series';
const SERIES = { as: 'series', time_column: 'time', rows: 'users' };
const hour = (number: number): string => `2026-06-01T${String(number).padStart(2, '0')}:00:00Z`;
const row = (number: number) => ({ time: hour(number), n: number });

test.each([
  ['an empty list', { users: [], next: null }],
  ['null in the place of its list', { users: null, next: null }],
])(
  'a last page, of which the page before did not know that there is nothing on it, has %s: no rows, and no error',
  async (_what, last) => {
    const pages: Readonly<Record<string, unknown>> = {
      first: { users: [row(1)], next: 'second' },
      second: { users: [row(2)], next: 'third' },
      third: last,
    };
    const { run, column, asked } = await apiPond(
      { ...SERIES, page: { cursor: 'next', parameter: 'page' } },
      ({ url }) => json(pages[url.searchParams.get('page') ?? 'first']),
    );
    expect(await run()).toMatchObject({ error: null, committed: true, report: { rows: 2 } });
    expect(await column(INTO, 'n')).toEqual([1, 2]);
    expect(asked).toHaveLength(3);
  },
);

test('a server whose last page names itself as the next one ends the run, and is not asked for ever', async () => {
  const { run, asked } = await apiPond({ ...SERIES, page: { cursor: 'next', parameter: 'page' } }, () =>
    json({ users: [row(1)], next: 'again' }),
  );
  const { committed } = await run();
  expect(asked.length).toBeLessThan(1002);
  // All pages are read, or nothing is written.
  if (asked.length > 3) expect(committed).toBe(false);
});

test('rows of the newest time that come after a run are there with the next one, once', async () => {
  let known = [
    { time: hour(1), id: 'a' },
    { time: hour(2), id: 'b' },
  ];
  const { run, column } = await apiPond(
    { ...SERIES, unique: ['time', 'id'], since: { parameter: 'after', from: 'event_time' } },
    ({ url }) =>
      json({
        users: known.filter(
          ({ time }) => Date.parse(time) >= Date.parse(url.searchParams.get('after') ?? hour(0)),
        ),
      }),
  );
  await run();
  known = [...known, { time: hour(2), id: 'c' }];
  await run();
  await run();
  expect(await column(INTO, 'id')).toEqual(['a', 'b', 'c']);
});

test('times with more digits than a second are asked for as they are, not rounded up', async () => {
  const asked: string[] = [];
  const { run } = await apiPond(
    { ...SERIES, since: { parameter: 'after', from: 'event_time' } },
    ({ url }) => {
      asked.push(url.searchParams.get('after') ?? '');
      return json({ users: [{ time: '2026-06-01T10:30:33.614789Z', n: 1 }] });
    },
  );
  await run();
  await run();
  expect(Date.parse(asked[1] ?? '')).toBeLessThanOrEqual(Date.parse('2026-06-01T10:30:33.614Z'));
  expect(Date.parse(asked[1] ?? '')).toBeGreaterThanOrEqual(Date.parse('2026-06-01T10:30:33Z'));
});

test('a server that wants a cursor with its first request gets the one that is configured', async () => {
  const { run, asked, column } = await apiPond(
    { ...SERIES, cursor: { from: 'cursor', parameter: 'cursor', start: '*' } },
    ({ url }) => {
      const cursor = url.searchParams.get('cursor');
      return json(cursor === '*' ? { users: [row(1)], cursor: 'x' } : { users: [], cursor: cursor });
    },
  );
  await run();
  await run();
  expect(asked.map(({ url }) => url.searchParams.get('cursor'))).toEqual(['*', 'x']);
  expect(await column(INTO, 'n')).toEqual([1]);
});
