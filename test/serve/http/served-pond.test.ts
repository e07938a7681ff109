// A pond on disk, over a socket: what only shows there.

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../../../src/adapters/logging/silent-logger.js';
import { nodeHttpServer } from '../../../src/adapters/node/network/node-http-server.js';
import { assemble } from '../../../src/composition-root.js';
import { livePorts } from '../../../src/live-ports.js';
import { type ServedHttp, serveHttp } from '../../../src/serve/http/serve-http.js';
import type { Steward } from '../../../src/steward/steward.js';
import { ON_LOOPBACK, shownPond } from './asking.js';

const directory = join(mkdtempSync(join(tmpdir(), 'pond-served-')), 'pond');
const ports = livePorts(silentLogger);
const BIG = Buffer.alloc(3 * 1024 * 1024, 'pond ');

let steward: Steward;
let served: ServedHttp;

const must = <A>(outcome: { readonly _tag: 'Left' } | { readonly _tag: 'Right'; readonly right: A }): A => {
  if (outcome._tag === 'Left') throw new Error(JSON.stringify(outcome));
  return outcome.right;
};

beforeAll(async () => {
  const program = assemble(ports);
  must(await program.init(directory, {})());
  steward = must(await program.open(directory, {})());
  must(await steward.write(({ fs }) => fs.write('/big.bin', BIG))());
  must(await steward.write(({ fs }) => fs.write("/it's.csv", Buffer.from('a,b\n1,x\n2,y\n3,z\n')))());
  served = must(await serveHttp({ ...ports, server: nodeHttpServer }, [shownPond(steward)], ON_LOOPBACK)());
});
afterAll(async () => {
  await served.close(0)();
  await steward.close()();
});

const ask = async (path: string, body?: unknown) => {
  const answer = await fetch(`http://127.0.0.1:${served.port}${path}`, {
    headers: {
      authorization: `Bearer ${served.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return answer;
};

const sql = async (body: unknown) => {
  const answer = await ask('/api/v1/ponds/pond/sql', body);
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers by what they expect
  const json: any = await answer.json();
  return { status: answer.status, json };
};

describe('a pond that is served', () => {
  test('is reached by the links that are printed, whose token a browser does not send to anybody', () => {
    expect(served.links[0]).toBe(`http://127.0.0.1:${served.port}/#token=${served.token}`);
  });

  test('sends a large content as it is', async () => {
    const answer = await ask('/api/v1/ponds/pond/files/content?path=/big.bin');
    expect(Buffer.from(await answer.arrayBuffer()).equals(BIG)).toBe(true);
  });

  test('ends the read when whoever asked for a content goes away in the middle', async () => {
    const gone = new AbortController();
    const answer = await fetch(
      `http://127.0.0.1:${served.port}/api/v1/ponds/pond/files/content?path=/big.bin`,
      {
        headers: { authorization: `Bearer ${served.token}` },
        signal: gone.signal,
      },
    );
    expect(answer.status).toBe(200);
    gone.abort();
    const open = async () => must(await steward.incomplete()()).transactions.length;
    await expect.poll(open).toBe(0);
  });

  test('answers queries, with parameters, at any transaction, and says where it has cut', async () => {
    const query = `SELECT * FROM '/it''s.csv' WHERE a >= $least ORDER BY a`;
    expect(await sql({ sql: query, params: { least: 2 } })).toEqual({
      status: 200,
      json: {
        columns: ['a', 'b'],
        rows: [
          [2, 'y'],
          [3, 'z'],
        ],
        is_cut: false,
      },
    });
    expect((await sql({ sql: query, params: { least: 1 }, limit: 2 })).json).toMatchObject({
      rows: [
        [1, 'x'],
        [2, 'y'],
      ],
      is_cut: true,
    });
    expect((await sql({ sql: query, params: { least: 1 }, at: 2 })).json.error.tag).toBe('PathNotFound');
    expect((await sql({ sql: 'SELECT * FROM range(10000000)', limit: 5 })).json).toMatchObject({
      is_cut: true,
    });
    const rows = await (
      await ask(`/api/v1/ponds/pond/files/rows?path=${encodeURIComponent("/it's.csv")}&limit=1&offset=1`)
    ).json();
    expect(rows).toEqual({ columns: ['a', 'b'], rows: [[2, 'y']], is_cut: true });
  });

  test('writes all rows of a query into a file of each format, whole numbers as exact as they are', async () => {
    const query = `SELECT range AS n, 9007199254740993::BIGINT + range AS big FROM range(60000) ORDER BY n`;
    const file = async (format: string) => {
      const answer = await ask('/api/v1/ponds/pond/sql/file', { sql: query, format });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-disposition')).toContain(`result.${format}`);
      return Buffer.from(await answer.arrayBuffer());
    };
    const last = ['59999', '9007199254800992'];
    expect((await file('csv')).toString().split('\n').at(-2)).toBe(last.join(','));
    expect((await file('jsonl')).toString()).toContain(`{"n":59999,"big":${last[1]}}`);
    expect((await file('json')).toString()).toMatch(/^\[[\s\S]*"big":9007199254800992}\s*\]\s*$/);
    const parquet = await file('parquet');
    must(await steward.write(({ fs }) => fs.write('/result.parquet', parquet))());
    const { json } = await sql({ sql: `SELECT count(*) AS n, max(big) AS big FROM '/result.parquet'` });
    expect(json.rows).toEqual([[60_000, last[1]]]);
  });

  test('refuses a file of a query that fails before its first row, and ends one that nobody reads any more', async () => {
    const failing = await ask('/api/v1/ponds/pond/sql/file', {
      sql: `SELECT * FROM '/none.csv'`,
      format: 'csv',
    });
    expect({ status: failing.status, error: await failing.json() }).toEqual({
      status: 404,
      error: { error: expect.objectContaining({ tag: 'PathNotFound' }) },
    });
    const [gone, endless] = [new AbortController(), 'SELECT * FROM range(100000000000)'];
    const answer = await fetch(`http://127.0.0.1:${served.port}/api/v1/ponds/pond/sql/file`, {
      method: 'POST',
      headers: { authorization: `Bearer ${served.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ sql: endless, format: 'csv' }),
      signal: gone.signal,
    });
    expect(answer.status).toBe(200);
    gone.abort();
    await expect.poll(async () => must(await steward.incomplete()()).transactions.length).toBe(0);
  });

  test('shows the rows in which a file differs between two states, paired by a key, and no more than are asked for', async () => {
    must(await steward.write(({ fs }) => fs.write('/week.csv', Buffer.from('day,value\n1,a\n2,b\n')))());
    const written = must(
      await steward.write(({ fs }) => fs.write('/week.csv', Buffer.from('day,value\n1,a\n2,c\n3,d\n')))(),
    );
    const to = written.txnSeq ?? 0;
    const rows = async (query: string) =>
      (await ask(`/api/v1/ponds/pond/diff/rows?path=/week.csv&from=${to - 1}&to=${to}${query}`)).json();
    expect(await rows('&key=day')).toEqual({
      has_rows: true,
      columns: ['change', 'times', 'day', 'value'],
      rows: [
        ['before', 1, 2, 'b'],
        ['after', 1, 2, 'c'],
        ['added', 1, 3, 'd'],
      ],
      is_cut: false,
    });
    expect(await rows('&limit=1')).toMatchObject({ is_cut: true, rows: { length: 1 } });
    const first = await (await ask('/api/v1/ponds/pond/diff/rows?path=/week.csv&from=1')).json();
    expect(first).toMatchObject({ is_cut: false });
    expect(first).toMatchObject({ rows: { length: 3 } });
    const none = await (await ask('/api/v1/ponds/pond/diff/rows?path=/big.bin&from=1')).json();
    expect(none).toEqual({ has_rows: false, columns: [], rows: [], is_cut: false });
    const wrong = await ask(`/api/v1/ponds/pond/diff/rows?path=/week.csv&from=1&key=x`);
    expect(wrong.status).toBe(400);
  });

  test.each([
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_csv('/etc/passwd')",
    "COPY (SELECT 1) TO '/tmp/pond-was-here'",
    "ATTACH '/tmp/x.db'",
    "SELECT getenv('HOME')",
    'SELECT 1; SELECT 2',
    'INSTALL httpfs',
    "SELECT * FROM 'https://example.org/x.csv'",
  ])('a query reaches nothing of the machine: %s', async (query) => {
    const { status, json } = await sql({ sql: query });
    expect([400, 404]).toContain(status);
    expect(json.error.message).not.toContain('root:');
  });
});
