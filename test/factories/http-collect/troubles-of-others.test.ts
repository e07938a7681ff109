// Troubles that users of other collectors have reported, translated: what becomes of them here.

import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { within } from '../../../src/factories/built-in/http-collect/page-turning.js';
import { type Asked, apiPond, json } from './api-pond.js';

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

test.each([
  [
    'names itself as the next one, since what is asked for includes the newest',
    { cursor: 'next', parameter: 'from' },
    ({ url }: Asked) => {
      const from = url.searchParams.get('from');
      return json({ users: from === null ? [row(1), row(2)] : [row(2)], next: hour(2) });
    },
  ],
  [
    'is answered for each number after it',
    { number: 'p' },
    ({ url }: Asked) => json({ users: [row(Math.min(2, Number(url.searchParams.get('p') ?? 1)))] }),
  ],
  [
    'has nothing but 404 after it',
    { number: 'p' },
    ({ url }: Asked) => {
      const number = Number(url.searchParams.get('p') ?? 1);
      return number > 2 ? { status: 404, headers: {}, body: '' } : json({ users: [row(number)] });
    },
  ],
])('a last page that %s is the end, and all rows are kept', async (_, page, answer) => {
  const { run, column, asked } = await apiPond({ ...SERIES, page }, answer);
  expect(await run()).toMatchObject({ error: null, committed: true, report: { rows: 2 } });
  expect(await column(INTO, 'n')).toEqual([1, 2]);
  expect(asked.length).toBeLessThan(4);
});

test.each([
  ['a cursor', { cursor: 'next', parameter: 'pgae' }],
  ['a number', { number: 'pgae' }],
])(
  'a parameter for %s that the server does not know is an error that names it, not the end',
  async (_, page) => {
    const { run, asked } = await apiPond({ ...SERIES, page }, () =>
      json({ users: [row(1)], next: 'second' }),
    );
    expect((await run()).error).toContain('answered the page before once more: is pgae the parameter');
    expect(asked).toHaveLength(2);
  },
);

test('a server that does not know that it is asked by TLS may name its next page without, and no other server may', async () => {
  const { run, column, asked } = await apiPond({ ...SERIES, page: { next: 'next' } }, ({ url }) =>
    json(
      url.search === ''
        ? { users: [row(1)], next: 'http://api.test/readings?p=2' }
        : { users: [row(2)], next: url.search === '?p=2' ? 'http://api.test:8080/readings?p=3' : null },
    ),
  );
  expect((await run()).error).toContain('leads to http://api.test:8080, which is not asked');
  expect(asked.map(({ url }) => url.href)).toEqual([
    'https://api.test/readings',
    'https://api.test/readings?p=2',
  ]);
  expect(await column(INTO, 'n').catch(() => [])).toEqual([]);
});

test.each(['0', 'Mon, 01 Jun 2020 00:00:00 GMT'])(
  'a server that is busy, and says to come again at once (%s), is given the time that any other is',
  async (said) => {
    const busy = { status: 429, headers: { 'retry-after': said }, body: '' };
    const { run, asked, clock } = await apiPond(SERIES, () => busy);
    const begun = clock.monotonicMs();
    expect((await run()).error).toContain('answered 429, 4 times');
    expect(asked).toHaveLength(4);
    expect(clock.monotonicMs() - begun).toBe(2_000 + 4_000 + 8_000);
  },
);

test('a server that gives each row columns of its own is an error, long before they fill the memory', async () => {
  const body = Array.from({ length: 9_000 }, (_, n) => ({ time: hour(1), [`column-${n}`]: n }));
  const answer = () => json({ users: body });
  const { run } = await apiPond({ ...SERIES, max_mib: 1 }, answer);
  expect((await run()).error).toContain('too many values: say in config.columns which are wanted');
  const told = await apiPond({ ...SERIES, max_mib: 1, columns: { 'column-8999': 'double' } }, answer);
  expect(await told.run()).toMatchObject({ error: null, report: { rows: 1 } });
});

test('a value that is nested without end is an error that says so, and the next run goes on', async () => {
  const nested = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
  let isDeep = true;
  const { run, column } = await apiPond(SERIES, () => ({
    status: 200,
    headers: {},
    body: `{"users":[{"time":"${hour(1)}","n":1${isDeep ? `,"deep":${nested}` : ''}}]}`,
  }));
  expect((await run()).error).toContain('what is not JSON: nested more than 100 levels deep');
  isDeep = false;
  await run();
  expect(await column(INTO, 'n')).toEqual([1]);
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

const ROWS = JSON.stringify({ users: [row(1), row(2)] });

test.each([
  ['gzip', gzipSync(ROWS)],
  ['deflate', deflateSync(ROWS)],
  ['br', brotliCompressSync(ROWS)],
])('rows that a server sends as %s, though nobody asked for that, are rows', async (coding, body) => {
  const { run, column, asked } = await apiPond(SERIES, () => ({
    status: 200,
    headers: { 'content-encoding': coding },
    body,
  }));
  expect(await run()).toMatchObject({ error: null, report: { rows: 2 } });
  expect(asked[0]?.headers['accept-encoding']).toBe('identity');
  expect(await column(INTO, 'n')).toEqual([1, 2]);
});

test.each([
  ['that is none', 'gzip', Buffer.from(ROWS), 'says that its answer is gzip, which it is not'],
  ['of a kind that is not known', 'zstd', Buffer.from(ROWS), 'answered in the coding zstd'],
  ['that is a bomb', 'gzip', gzipSync(Buffer.alloc(4 * 1024 * 1024)), 'answered more than 1048576 bytes'],
  ['that ends too early', 'gzip', gzipSync(ROWS).subarray(0, 30), 'ended inside its answer, 4 times'],
])('a compressed answer %s ends the run, and nothing of it is kept', async (_, coding, body, words) => {
  const answer = { status: 200, headers: { 'content-encoding': coding }, body };
  for (const config of [SERIES, { into: '/in/file.json' }]) {
    const { run } = await apiPond({ ...config, max_mib: 1 }, () => answer);
    const ran = await run();
    expect(ran.error).toContain(words);
    expect(ran.committed).toBe(false);
  }
});

test('pages that are small on the wire and large here count as what they are', async () => {
  const padding = 'x'.repeat(300_000);
  const { run } = await apiPond({ ...SERIES, max_mib: 1, page: { number: 'p' } }, ({ url }) => ({
    status: 200,
    headers: { 'content-encoding': 'gzip' },
    body: gzipSync(JSON.stringify({ users: [{ ...row(Number(url.searchParams.get('p') ?? 1)), padding }] })),
  }));
  expect((await run()).error).toContain('answered more than 1 MiB');
});

test('text in another encoding than UTF-8 is read as the server says, and one that nobody knows is an error', async () => {
  const inCharset = (charset: string) =>
    apiPond({ as: 'series', time_column: 'time', format: 'csv' }, () => ({
      status: 200,
      headers: { 'content-type': `text/csv; charset=${charset}` },
      body: Buffer.from(`time,ort\n${hour(1)},M\u00fcnchen\n`, 'latin1'),
    }));
  const { run, column } = await inCharset('"ISO-8859-1"');
  expect(await run()).toMatchObject({ error: null, report: { rows: 1 } });
  expect(await column(INTO, 'ort')).toEqual(['M\u00fcnchen']);
  expect((await (await inCharset('klingon')).run()).error).toContain('the encoding klingon');
  expect((await (await inCharset('utf-8')).run()).error).toContain('answered what is not CSV');
});

test('a page for people with status 200 is said to be one', async () => {
  const { run } = await apiPond(SERIES, () => ({
    status: 200,
    headers: { 'content-type': 'text/html' },
    body: '<html>please sign in</html>',
  }));
  expect((await run()).error).toContain('answered HTML, a page for people, and what is not JSON');
});

test('a cursor that stands in a row is found, among many rows too', async () => {
  const many = Array.from({ length: 3000 }, (_, n) => ({
    time: new Date(Date.parse(hour(1)) + n * 1000).toISOString(),
    n,
    id: `row-${n}`,
  }));
  const { run, asked, column } = await apiPond(
    { ...SERIES, rows: 'users', cursor: { from: 'users.2999.id', parameter: 'after', start: '*' } },
    ({ url }) => json({ users: url.searchParams.get('after') === '*' ? many : [] }),
  );
  await run();
  await run();
  expect(asked.map(({ url }) => url.searchParams.get('after'))).toEqual(['*', 'row-2999']);
  expect(await column(INTO, 'n')).toEqual(many.map(({ n }) => n));
});

test('of many rows that end in the middle none is kept, and the error says where in the answer that is', async () => {
  const body = JSON.stringify({ users: Array.from({ length: 3000 }, (_, n) => ({ ...row(1), n })) });
  for (const broken of [body.slice(0, -2), body.replace('"n":2900', '"n":29 00')]) {
    const { run } = await apiPond(SERIES, () => ({ status: 200, headers: {}, body: broken }));
    const { error, committed } = await run();
    expect(committed).toBe(false);
    const [, position = ''] = /answered what is not JSON: .* position (\d+)/.exec(error ?? '') ?? [];
    expect(Number(position)).toBeGreaterThan(100_000);
  }
});

test('the name and password of the address are those of every page, and a server adds none', () => {
  const next = (asked: string, named: string) => {
    const turned = within(new URL(asked), named);
    return isLeft(turned) ? turned.left : turned.right?.href;
  };
  const theirs = 'https://other:theirs@api.test/r?p=2';
  expect(next('https://me:mine@api.test/r', theirs)).toBe('https://me:mine@api.test/r?p=2');
  expect(next('https://me:mine@api.test/r', 'https://api.test/r?p=2')).toBe('https://me:mine@api.test/r?p=2');
  expect(next('https://api.test/r', theirs)).toBe('https://api.test/r?p=2');
});

test.each([
  ['file:///etc/passwd', 'leads to file:'],
  ['javascript:alert(1)', 'leads to javascript:'],
  ['//elsewhere.test/x', 'leads to https://elsewhere.test'],
  ['http://[', 'named an address that is none'],
])('a redirect to %s is refused, and the error says where it leads', async (location, said) => {
  const { run, asked } = await apiPond(SERIES, () => ({ status: 302, headers: { location }, body: '' }));
  expect((await run()).error).toContain(said);
  expect(asked).toHaveLength(1);
});

test('a time to wait of hundreds of digits is one that nobody waits for', async () => {
  const { run } = await apiPond(SERIES, () => ({
    status: 429,
    headers: { 'retry-after': '9'.repeat(400) },
    body: '',
  }));
  expect((await run()).error).toMatch(/answered 429, and asks to wait for \d+ d \d+ h$/);
});

test('a number of millions of digits is an error at once, wherever it stands', async () => {
  const digits = '9'.repeat(5_000_000);
  for (const body of [`{"users":[{"time":"${hour(1)}","n":${digits}}]}`, `{"users":[{"time":-${digits}}]}`]) {
    const begun = process.cpuUsage();
    const { run } = await apiPond(SERIES, () => ({ status: 200, headers: {}, body }));
    expect((await run()).error).toContain('what is not JSON: a whole number of 500000');
    // Making it would take seconds of the processor.
    expect(process.cpuUsage(begun).user).toBeLessThan(3_000_000);
  }
});

test('columns that differ in upper and lower case only are an error that says what to do, and what is asked for lands', async () => {
  const answer = () => json({ users: [{ time: hour(1), ID: 1, id: 2 }] });
  const both = await apiPond(SERIES, answer);
  expect((await both.run()).error).toMatch(/"ID" and "id" differ.*config\.columns/);
  const one = await apiPond({ ...SERIES, columns: { id: 'double' } }, answer);
  expect((await one.run()).error).toBe(null);
  expect(await one.column(INTO, 'id')).toEqual([2]);
});
