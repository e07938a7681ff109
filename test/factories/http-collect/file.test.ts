import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { describeFactoryError } from '../../../src/factories/describe-factory-error.js';
import { createMemoryPond } from '../../../src/memory-pond.js';
import { apiPond } from './api-pond.js';

const answered = (status: number, headers: Readonly<Record<string, string>>, body: string) => ({
  status,
  headers,
  body,
});

describe('http-collect as a file', () => {
  it('makes a version for each answer that differs, and asks only whether it has changed', async () => {
    let body = 'first';
    const { run, asked, pond } = await apiPond({ as: 'file', into: '/in/page.html' }, ({ headers }) =>
      headers['if-none-match'] === `"${body}"`
        ? answered(304, {}, '')
        : answered(200, { etag: `"${body}"` }, body),
    );
    expect(await run()).toMatchObject({ committed: true, report: { state: 'written', version: 1 } });
    expect(await run()).toMatchObject({ committed: false, report: { state: 'not modified' } });
    body = 'second';
    expect(await run()).toMatchObject({ committed: true, report: { version: 2 } });
    expect(asked.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"first"', '"first"']);
    const content = await pond.promises.read(({ fs }) => fs.readBytes('/in/page.html'));
    expect(Buffer.from(content).toString()).toBe('second');
  });

  it('makes no version of the same bytes where the server does not know that they are', async () => {
    const { run } = await apiPond({ into: '/in/page.html' }, () => ({
      status: 200,
      headers: { 'last-modified': 'Mon, 01 Jun 2026 00:00:00 GMT' },
      body: 'same',
    }));
    expect(await run()).toMatchObject({ committed: true });
    expect(await run()).toMatchObject({ committed: false, report: { state: 'unchanged' } });
  });
});

describe('the configuration of http-collect', async () => {
  const factories = await (await createMemoryPond()).promises.factories();
  const said = (config: Readonly<Record<string, unknown>>): string | null => {
    const whole = JSON.stringify({ url: 'https://api.test/', into: '/in/x', ...config });
    const checked = factories.checkBytes('http-collect', '/etc/collect.d/x', Buffer.from(whole));
    return isLeft(checked) ? describeFactoryError(checked.left) : null;
  };

  it.each([
    [{ as: 'series' }, 'time_column: is needed by as: series'],
    [{ rows: 'a' }, 'rows: is for as: series'],
    [
      { as: 'series', time_column: 't', page: { link: true, next: 'a' } },
      'expected one of link, next, number and cursor',
    ],
    [{ as: 'series', time_column: 't', page: { cursor: 'a' } }, 'page.parameter: belongs to cursor'],
    [
      { as: 'series', time_column: 't', format: 'csv', page: { next: 'a' } },
      'page.next: is a value of a JSON document',
    ],
    [{ as: 'series', time_column: 't', format: 'csv', nulls: [-999] }, 'a word in quotes'],
    [{ as: 'series', time_column: 't', nulls: ['NA'] }, 'nulls: is for format: csv'],
    [
      { as: 'series', time_column: 't', timezone: 'Europe/Viena' },
      'timezone: expected the name of a time zone',
    ],
    [
      { as: 'series', time_column: 't', columns: { a: 'double' }, unique: ['b'] },
      'unique: names b, which config.columns leaves out',
    ],
    [
      { as: 'series', time_column: 't', since: { parameter: 'a' }, cursor: { from: 'a', parameter: 'b' } },
      'cursor: is how the server remembers',
    ],
    [{ headers: { authorization: 'Bearer abc' } }, 'headers.authorization: a secret is written'],
    [{ url: 'https://me:secret@api.test/' }, 'url: a secret is written'],
    [{ paging: {} }, 'unknown key'],
  ])('is refused where it cannot work: %j', (config, words) => {
    expect(said(config)).toContain(words);
  });
});
