// What a pond holds, and what a request says, tried as attacks on the interface.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryPond, type MemoryPond } from '../../../src/memory-pond.js';
import { type Asking, asking, shownPond } from '../../serve/http/asking.js';

let pond: MemoryPond;
let here: Asking;

const SCRIPT = '<script>alert(1)</script>.html';
const HEADER = 'a\r\nset-cookie: x=1\r\n\r\n".csv';
const ENDS = '</script><img src=x onerror=alert(1)>';

beforeAll(async () => {
  pond = await createMemoryPond();
  await pond.promises.write(({ fs }) => fs.mkdirAll('/in'));
  for (const name of [SCRIPT.replace('/', '∕'), HEADER, '../up', '%2e%2e', "it's.csv"])
    if (!name.includes('/'))
      await pond.promises.write(({ fs }) => fs.write(`/in/${name}`, Buffer.from(`<h1>${ENDS}</h1>`)));
  here = asking([shownPond(pond.steward, `north&<b>`)]);
});
afterAll(() => pond.promises.close());

const at = (path: string) => `/api/v1/ponds/${encodeURIComponent('north&<b>')}${path}`;
const content = (path: string) => here.ask('GET', at(`/files/content?path=${encodeURIComponent(path)}`));

describe('what a pond holds is never shown as markup', () => {
  test('a content comes as a file to keep, of no type that a browser acts upon', async () => {
    const { headers, text } = await content(`/in/${SCRIPT.replace('/', '∕')}`);
    expect(text).toContain(ENDS);
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-disposition': expect.stringMatching(/^attachment; filename\*=UTF-8''[\w%.~-]+$/),
      'content-security-policy': expect.stringContaining('sandbox'),
    });
  });

  test('a name with line ends in it adds no header', async () => {
    const { headers } = await content(`/in/${HEADER}`);
    expect(Object.values(headers).filter((value) => /[\r\n"]/.test(value))).toEqual([]);
  });

  test.each(['', '/status', '/files?path=/in', '/files/head?path=/none', '/commits/1'])(
    'every answer of %s says that it is JSON, to be taken as nothing else',
    async (path) => {
      const { headers } = await here.ask('GET', at(path));
      expect(headers['content-type']).toBe('application/json; charset=utf-8');
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'cross-origin-resource-policy': 'same-origin',
        'x-frame-options': 'DENY',
        'cache-control': 'no-store',
      });
      expect(headers).not.toHaveProperty('access-control-allow-origin');
    },
  );

  test('names stay whole in what programs read', async () => {
    const { json } = await here.ask('GET', at('/files?path=/in'));
    const paths = json.entries.map(({ path }: { path: string }) => path);
    expect(paths).toContain(`/in/${HEADER}`);
  });
});

describe('a path leads nowhere but into the pond', () => {
  test.each([
    '/../../etc/passwd',
    '/in/../../x',
    '/in/..',
    '..',
    'etc/passwd',
    'file:///etc/passwd',
    '//etc/passwd',
    '/in/\0x',
    `/${'a'.repeat(300)}`,
    'C:\\windows',
  ])('%j', async (path) => {
    for (const address of [
      '/files',
      '/files/head',
      '/files/content',
      '/files/versions',
      '/entries/configuration',
    ]) {
      const { status, text } = await here.ask('GET', at(`${address}?path=${encodeURIComponent(path)}`));
      expect([400, 404]).toContain(status);
      expect(text).not.toContain('root:');
    }
  });

  test.each([
    '/assets/../../package.json',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd.txt',
    '/assets/%00.js',
    '//evil.example/x.js',
    'http://evil.example/',
    '/api/v1/../../etc/passwd',
    '*',
    '',
  ])('nor does an address: %j', async (target) => {
    const file = { type: 'text/html', bytes: Buffer.from('page'), compressed: Buffer.from('') };
    const withPage = asking([shownPond(pond.steward)], { page: new Map([['index.html', file]]) });
    const { status, text } = await withPage.ask('GET', target);
    // An address that is not a file's shows the page itself, which has nothing of a pond in it.
    if (status === 200) expect(text).toBe('page');
    else expect([400, 404]).toContain(status);
  });

  test('a name that is a file only once it is read twice is one name', async () => {
    expect((await content('/in/%2e%2e')).text).toContain(ENDS);
    expect((await here.ask('GET', at('/files?path=/in/%252e%252e'))).json.error.tag).toBe('NotADirectory');
  });
});

describe('a body is not more than it may be', () => {
  const post = (body: string, headers = {}) =>
    here.ask('POST', at('/retry'), {
      body,
      headers: { authorization: `Bearer ${here.access.token}`, ...headers },
    });

  test('a long one is refused before it is read to its end', async () => {
    expect((await post(`{"task":"${'1'.repeat(4 * 1024 * 1024)}"}`)).status).toBe(413);
    expect((await post('{}', { 'content-length': '99999999999' })).status).toBe(413);
  });

  test.each([
    '',
    'null',
    '[]',
    '{',
    '{"task":{}}',
    '{"task":"1","__proto__":{"x":1}}',
    '{"task":"1","more":1}',
    '\u0000',
  ])('%j is refused', async (body) => {
    const { status, json } = await post(body);
    expect([status, json.error.tag]).toEqual([400, 'BadRequest']);
  });

  test('what is said of an error has no secret of the address in it', async () => {
    const { text } = await here.ask('GET', '/api/v1/ponds/x/status');
    expect(text).not.toContain(here.access.token);
  });
});
