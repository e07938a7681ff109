import { describe, expect, it } from 'vitest';
import { apiPond, json } from './api-pond.js';

const INTO = '/in/readings.series';
const SERIES = { as: 'series', time_column: 'time' };
const hour = (number: number): string => `2026-06-01T${String(number).padStart(2, '0')}:00:00Z`;
const rows = (from: number, until: number) =>
  Array.from({ length: until - from }, (_, index) => ({ time: hour(from + index), celsius: from + index }));

describe('http-collect', () => {
  it('makes a growing series of a JSON API, and asks for what is new by the series itself', async () => {
    let known = 3;
    const { run, asked, column } = await apiPond(
      {
        ...SERIES,
        rows: 'data.items',
        headers: { authorization: `Bearer \${env:API_TOKEN}` },
        since: { parameter: 'after', from: 'event_time', start: '2026-01-01T00:00:00Z' },
      },
      // The server takes "after" as "from": what it sends again is not there twice.
      ({ url }) =>
        json({
          data: {
            items: rows(0, known).filter(
              ({ time }) => Date.parse(time) >= Date.parse(url.searchParams.get('after') ?? ''),
            ),
          },
        }),
    );
    expect(await run()).toMatchObject({
      error: null,
      committed: true,
      report: { state: 'appended', rows: 3, version: 1 },
    });
    expect(await run()).toMatchObject({
      committed: false,
      report: { state: 'no news', left_out: { known: 1 } },
    });
    known = 5;
    expect(await run()).toMatchObject({ committed: true, report: { rows: 2, version: 2 } });
    expect(await column(INTO, 'celsius')).toEqual([0, 1, 2, 3, 4]);
    expect(asked.map(({ url }) => url.searchParams.get('after'))).toEqual([
      '2026-01-01T00:00:00Z',
      ...['2026-06-01T02:00:00.000Z', '2026-06-01T02:00:00.000Z'],
    ]);
    expect(asked[0]?.headers.authorization).toBe('Bearer a-secret-of-mine');
  });

  it('takes late rows within the overlap, and tells rows apart by several columns', async () => {
    let answers: unknown = [
      { time: hour(1), station: 'a', x: 1 },
      { time: hour(5), station: 'a', x: 2 },
    ];
    const { run, column } = await apiPond({ ...SERIES, unique: ['time', 'station'], overlap: '2h' }, () =>
      json(answers),
    );
    await run();
    answers = [
      { time: hour(1), station: 'b', x: 3 },
      ...[
        { time: hour(4), station: 'b', x: 4 },
        { time: hour(5), station: 'a', x: 2 },
        { time: hour(5), station: 'b', x: 5 },
      ],
    ];
    expect(await run()).toMatchObject({ report: { rows: 2, left_out: { known: 2 } } });
    expect(await column(INTO, 'x')).toEqual([1, 2, 4, 5]);
  });

  it.each([
    [
      'a header Link',
      { link: true },
      (page: number) =>
        json(
          rows(page, page + 1),
          page < 2 ? { link: `</other>; rel=prev, </readings?page=${page + 1}>; rel="next"` } : {},
        ),
    ],
    [
      'an address in the answer',
      { next: 'paging.next' },
      (page: number) =>
        json({ items: rows(page, page + 1), paging: { next: page < 2 ? `?page=${page + 1}` : null } }),
    ],
    [
      'its number',
      { number: 'page', first: 0 },
      (page: number) => json({ items: page < 3 ? rows(page, page + 1) : [] }),
    ],
    [
      'a cursor',
      { cursor: 'paging.after', parameter: 'page' },
      (page: number) => json({ items: rows(page, page + 1), paging: page < 2 ? { after: page + 1 } : {} }),
    ],
    [
      'a cursor, until that is 0',
      { cursor: 'next', parameter: 'page' },
      (page: number) => json({ items: rows(page, page + 1), next: page < 2 ? page + 1 : 0 }),
    ],
  ])('finds the next page by %s', async (_, page, answer) => {
    const { run, column } = await apiPond(
      { ...SERIES, page, ...('link' in page ? {} : { rows: 'items' }) },
      ({ url }) => answer(Number(url.searchParams.get('page') ?? 0)),
    );
    expect(await run()).toMatchObject({ error: null, report: { rows: 3 } });
    expect(await column(INTO, 'celsius')).toEqual([0, 1, 2]);
  });

  it('keeps the server’s cursor in the transaction of the rows, and sends it the next time', async () => {
    let fails = false;
    const { run, asked, column, pond } = await apiPond(
      { ...SERIES, rows: 'items', cursor: { from: 'next', parameter: 'cursor', start: 'begin' } },
      ({ url }) => {
        if (fails) return { status: 403, headers: {}, body: 'no' };
        const at = url.searchParams.get('cursor') === 'begin' ? 0 : Number(url.searchParams.get('cursor'));
        // Rows may be older than those that came before: the cursor says what is new.
        return json({ items: [{ time: hour(9 - at), celsius: at }], next: at + 1 });
      },
    );
    await run();
    fails = true;
    expect((await run()).error).toContain('https://api.test answered 403: no');
    fails = false;
    await run();
    expect(asked.map(({ url }) => url.searchParams.get('cursor'))).toEqual(['begin', '1', '1']);
    expect(await column(INTO, 'celsius')).toEqual([0, 1]);
    const state = await pond.promises.read(({ fs }) => fs.readBytes('/in/.readings.series.collected.json'));
    expect(Buffer.from(state).toString()).toContain('"cursor":"2"');
  });

  it('holds rows that come before the server’s cursor until their time, so that they are neither lost nor there twice', async () => {
    const { run, asked, column, clock } = await apiPond(
      { ...SERIES, rows: 'items', ahead: '1h', cursor: { from: 'next', parameter: 'cursor', start: '0' } },
      ({ url }) => {
        const at = Number(url.searchParams.get('cursor'));
        const items =
          [
            [
              { time: hour(1), n: 1 },
              { time: '2026-07-01T00:00:00Z', n: 2, id: 9007199254740993n },
            ],
            [],
            [{ time: hour(2), n: 3 }],
          ][at] ?? [];
        const text = JSON.stringify({ items, next: Math.min(at + 1, 3) }, (_, value) =>
          typeof value === 'bigint' ? `#${value}` : value,
        );
        return { status: 200, headers: {}, body: text.replaceAll(/"#(\d+)"/g, '$1') };
      },
    );
    expect(await run()).toMatchObject({ committed: true, report: { rows: 1, left_out: { future: 1 } } });
    // No news: what the server has given is remembered all the same.
    expect(await run()).toMatchObject({ committed: true, report: { state: 'no news' } });
    expect(await run()).toMatchObject({ report: { rows: 1, left_out: { future: 1 } } });
    expect(await run()).toMatchObject({ committed: false });
    expect(asked.map(({ url }) => url.searchParams.get('cursor'))).toEqual(['0', '1', '2', '3']);
    await clock.sleep(48 * 3_600_000);
    expect(await run()).toMatchObject({ error: expect.stringContaining('2^53: say in config.columns') });
    expect(await column(INTO, 'n')).toEqual([1, 3]);
  });

  it('takes a row that was held once, also where the server names no cursor any more', async () => {
    let items: readonly unknown[] = [{ time: '2026-07-01T00:00:00Z', n: 1 }];
    const { run, column, clock } = await apiPond(
      { ...SERIES, rows: 'items', ahead: '1h', cursor: { from: 'next', parameter: 'cursor' } },
      () => json({ items }),
    );
    await run();
    items = [];
    await clock.sleep(48 * 3_600_000);
    expect(await run()).toMatchObject({ report: { rows: 1 } });
    expect(await run()).toMatchObject({ committed: false, report: { state: 'no news' } });
    expect(await column(INTO, 'n')).toEqual([1]);
  });

  it('refuses more rows from the future than are held, and loses none', async () => {
    const items = Array.from({ length: 1_001 }, (_, n) => ({ time: 4_000_000_000 + n, n }));
    const { run } = await apiPond(
      { ...SERIES, rows: 'items', cursor: { from: 'next', parameter: 'cursor' } },
      () => json({ items, next: 1 }),
    );
    expect((await run()).error).toContain('1001 rows are further ahead');
  });

  describe('what has not changed is not sent again', () => {
    const tagged =
      (answers: readonly (readonly [string, unknown])[]) =>
      ({ headers }: { headers: Readonly<Record<string, string>> }) => {
        const [etag, body] = answers[Math.min(sent, answers.length - 1)] ?? ['', []];
        sent += 1;
        return headers['if-none-match'] === etag
          ? { status: 304, headers: { etag }, body: '' }
          : json(body, { etag });
      };
    let sent = 0;
    const statesOf = async (config: object, answers: readonly (readonly [string, unknown])[]) => {
      sent = 0;
      const api = await apiPond({ ...SERIES, ...config }, tagged(answers));
      return {
        ...api,
        state: async () => {
          const { report, error } = await api.run();
          return error ?? report?.state;
        },
      };
    };

    it('nor after an answer that changed and had no new rows', async () => {
      const { state } = await statesOf({}, [
        ['"a"', rows(0, 2)],
        ['"b"', rows(0, 2).map((row) => ({ ...row, note: 'x' }))],
      ]);
      expect([await state(), await state(), await state()]).toEqual(['appended', 'no news', 'not modified']);
    });

    it('but rows of the future are asked for until their time has come', async () => {
      const future = { time: '2026-07-02T00:00:00Z', celsius: 9 };
      const { state, clock, column } = await statesOf({}, [['"a"', [...rows(0, 2), future]]]);
      expect([await state(), await state()]).toEqual(['appended', 'no news']);
      await clock.sleep(48 * 3_600_000);
      expect([await state(), await state()]).toEqual(['appended', 'not modified']);
      expect(await column(INTO, 'celsius')).toEqual([0, 1, 9]);
    });

    it('but is where it would be read in another way, or where the series is gone', async () => {
      const answers = [['"a"', [{ time: '2026-06-01T10:00', celsius: 1 }, ...rows(0, 1)]]] as const;
      const { state, pond, column } = await statesOf({}, answers);
      expect([await state(), await state()]).toEqual(['appended', 'not modified']);
      const reading = { url: 'https://api.test/readings', into: INTO, ...SERIES, timezone: 'UTC' };
      await pond.promises.write(({ fs }) =>
        fs.updateDynamicNodeConfig('/etc/collect.d/api', Buffer.from(JSON.stringify(reading))),
      );
      expect([await state(), await state()]).toEqual(['appended', 'not modified']);
      expect(await column(INTO, 'celsius')).toEqual([0, 1]);
      await pond.promises.write(({ fs }) => fs.remove(INTO));
      expect([await state(), await state()]).toEqual(['appended', 'not modified']);
    });

    it('but is page by page, since later pages change while the first one stays', async () => {
      let known = 2;
      const { run, column } = await apiPond(
        { ...SERIES, page: { number: 'page', first: 0 } },
        ({ url, headers }) => {
          const page = Number(url.searchParams.get('page'));
          if (headers['if-none-match'] === `"${page}"`) return { status: 304, headers: {}, body: '' };
          return json(page < known ? rows(page, page + 1) : [], { etag: `"${page}"` });
        },
      );
      await run();
      known = 3;
      expect(await run()).toMatchObject({ report: { state: 'appended', rows: 1 } });
      expect(await column(INTO, 'celsius')).toEqual([0, 1, 2]);
    });

    it('and what is not a state is said, with what to do', async () => {
      const { run, pond } = await apiPond(SERIES, () => json(rows(0, 1)));
      await pond.promises.write(async ({ fs }) => {
        await fs.mkdirAll('/in');
        await fs.write('/in/.readings.series.collected.json', Buffer.from('{"cursor":'));
      });
      expect((await run()).error).toContain('pond rm /in/.readings.series.collected.json');
    });
  });

  it('reads CSV and JSON lines, with types by what is in the columns or as it is told', async () => {
    const csv =
      'time;name;code;x;ok\n2026-06-01 10:00;"a; ""b""";007;1.5;true\n2026-06-01 11:00;c;008;;false\n';
    const { run, column } = await apiPond({ ...SERIES, format: 'csv', timezone: 'Europe/Vienna' }, () => ({
      status: 200,
      headers: {},
      body: csv,
    }));
    expect(await run()).toMatchObject({ error: null, report: { rows: 2 } });
    expect(await column(INTO, 'name')).toEqual(['a; "b"', 'c']);
    expect(await column(INTO, 'code')).toEqual(['007', '008']);
    expect(await column(INTO, 'x')).toEqual([1.5, null]);
    expect(await column(INTO, 'ok')).toEqual([true, false]);
    expect((await column(INTO, 'time'))[0]).toBe(BigInt(Date.UTC(2026, 5, 1, 8)) * 1000n);
    const none = await apiPond({ ...SERIES, format: 'csv', nulls: ['NA', '-999'] }, () => ({
      status: 200,
      headers: {},
      body: 'time,v,w\n2026-06-01T10:00:00Z,NA,-999\n2026-06-01T11:00:00Z,1.5,"NA"\n',
    }));
    expect(await none.run()).toMatchObject({ error: null, report: { rows: 2 } });
    expect(await none.column(INTO, 'v')).toEqual([null, 1.5]);
    const lines = await apiPond(
      { ...SERIES, format: 'jsonl', columns: { id: 'bigint', at: 'timestamp', where: 'text' } },
      () => ({
        status: 200,
        headers: {},
        body: '{"time":1780000000,"id":9223372036854775807,"at":"2026-06-01","where":{"a":1},"no":1}\n',
      }),
    );
    // A time without a zone, and none that is told.
    expect((await lines.run()).error).toContain('the value 2026-06-01 of the column at is not a timestamp');
    const zoned = await apiPond(
      {
        ...SERIES,
        format: 'jsonl',
        timezone: 'UTC',
        columns: { id: 'bigint', at: 'timestamp', where: 'text' },
      },
      () => ({
        status: 200,
        headers: {},
        body: '{"time":1780000000,"id":9223372036854775807,"at":"2026-06-01","where":{"a":1},"no":1}\n',
      }),
    );
    await zoned.run();
    expect(await zoned.column(INTO, 'id')).toEqual([9223372036854775807n]);
    expect(await zoned.column(INTO, 'where')).toEqual(['{"a":1}']);
    expect(await zoned.column(INTO, 'no')).toEqual([null]);
  });

  it('leaves out rows without a time or from the future, and says when no row has one', async () => {
    const { run } = await apiPond(SERIES, () =>
      json([
        { time: hour(1), x: 1 },
        { time: 'soon', x: 2 },
        { time: '2035-01-01T00:00:00Z', x: 3 },
        { time: hour(1), x: 4 },
      ]),
    );
    expect(await run()).toMatchObject({
      report: { rows: 1, left_out: { invalid: 1, future: 1, duplicate: 1 } },
    });
    const wrong = await apiPond({ ...SERIES, time_column: 'when' }, () => json(rows(0, 1)));
    expect((await wrong.run()).error).toContain(
      'no row has a time in the column when; the first one is {"time":"2026-06-01T00:00:00Z","celsius":0}',
    );
  });

  it.each([
    [
      'redirects to another host',
      () => ({ status: 302, headers: { location: 'https://evil.test/' }, body: '' }),
      'leads to https://evil.test, which is not asked',
    ],
    [
      'names a next page of another host',
      () => json(rows(0, 1), { link: '<https://evil.test/>; rel=next' }),
      'leads to https://evil.test',
    ],
    [
      'never ends',
      ({ url }: { url: URL }) =>
        json(rows(0, 1), { link: `</readings?p=${Number(url.searchParams.get('p') ?? 0) + 1}>; rel=next` }),
      'has more than 5 pages',
    ],
    [
      'goes in circles',
      ({ url }: { url: URL }) =>
        json(rows(0, 1), { link: url.search === '' ? '</readings?p=2>; rel=next' : '</readings>; rel=next' }),
      'named a page that it had named before',
    ],
    [
      'says too much',
      () => json([{ time: hour(1), x: 'x'.repeat(2 ** 20) }]),
      'answered more than 1048576 bytes',
    ],
    [
      'has no rows where they should be',
      () => json({ items: [] }),
      'answered what is not a list of rows: say in config.rows where they are; it has the keys items',
    ],
    ['sends no JSON', () => ({ status: 200, headers: {}, body: '<html>' }), 'answered what is not JSON'],
  ])('commits nothing where the server %s', async (_, answer, words) => {
    const { run } = await apiPond({ ...SERIES, page: { link: true }, max_pages: 5, max_mib: 1 }, answer);
    expect((await run()).error).toContain(words);
  });

  it('follows a redirect on the same host, and comes again when it is told to', async () => {
    let count = 0;
    const { run, clock } = await apiPond(SERIES, ({ url }) => {
      count += 1;
      if (count === 1) return { status: 429, headers: { 'retry-after': '7' }, body: '' };
      return url.pathname === '/readings'
        ? { status: 308, headers: { location: '/v2/readings' }, body: '' }
        : json(rows(0, 1));
    });
    const begun = clock.monotonicMs();
    expect(await run()).toMatchObject({ committed: true });
    expect(clock.monotonicMs() - begun).toBe(7_000);
  });
});
