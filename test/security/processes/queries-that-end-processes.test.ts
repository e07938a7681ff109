// Queries that end the process that evaluates them, take memory without end, or cannot be interrupted: whoever asked goes on.

import { execFileSync, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../src/adapters/logging/silent-logger.js';
import { nodeHttpServer } from '../../../src/adapters/node/network/node-http-server.js';
import { assemble } from '../../../src/composition-root.js';
import { livePorts, withSeparateQueries } from '../../../src/live-ports.js';
import { type ServedHttp, serveHttp } from '../../../src/serve/http/serve-http.js';
import type { Steward } from '../../../src/steward/steward.js';
import { ON_LOOPBACK, shownPond } from '../../serve/http/asking.js';
import { builtExecutable, plainEnvironment, runPond } from '../../support/pond-cli.js';

const DEEP = "repeat('[', 300000) || repeat(']', 300000)";
const DEEPER = `repeat('{"a":', 300000) || '1' || repeat('}', 300000)`;

const CRASHES = [
  `SELECT json_structure(${DEEP})`,
  `SELECT json_contains(${DEEP}, '1')`,
  `SELECT json_merge_patch(${DEEPER}, ${DEEPER})`,
  `SELECT from_json('[1]', ${DEEP})`,
  `SELECT (${DEEP})::JSON::VARIANT::VARCHAR`,
  `SELECT a${'.a'.repeat(100_000)} FROM (SELECT 1 AS a)`,
];

const MEMORY = ['SELECT len(generate_series(1, 2000000000))', `SELECT NULL::INT${'[2]'.repeat(30)}`];

const ENDLESS = [
  "SELECT levenshtein(repeat('a', 900000), repeat('b', 900000))",
  `WITH ${Array.from({ length: 40 }, (_, i) => `t${i} AS NOT MATERIALIZED (SELECT a.range FROM ${i === 0 ? 'range(1) a, range(1) b' : `t${i - 1} a, t${i - 1} b`})`).join(', ')} SELECT count(*) FROM t39`,
  `SELECT ${Array.from({ length: 300 }, (_, i) => `list_transform([1], x${i} -> `).join('')}1${')'.repeat(300)}`,
  "SELECT repeat('a', 9000000) GLOB repeat('*a', 1000) || '*b'",
];

let directory: string;
let steward: Steward;
let served: ServedHttp;

const must = <A>(outcome: { readonly _tag: 'Left' } | { readonly _tag: 'Right'; readonly right: A }): A => {
  if (outcome._tag === 'Left') throw new Error(JSON.stringify(outcome));
  return outcome.right;
};

beforeAll(async () => {
  directory = join(await mkdtemp(join(tmpdir(), 'pond-apart-')), 'pond');
  const executable = [process.execPath, builtExecutable()];
  const ports = withSeparateQueries(livePorts(silentLogger), { executable });
  const program = assemble(ports);
  must(await program.init(directory, {})());
  steward = must(await program.open(directory, {})());
  must(await steward.write(({ fs }) => fs.write('/a.csv', Buffer.from('a,b\n1,x\n2,y\n')))());
  served = must(await serveHttp({ ...ports, server: nodeHttpServer }, [shownPond(steward)], ON_LOOPBACK)());
});
afterAll(async () => {
  await served.close(0)();
  await steward.close()();
});

const ask = (sql: string, signal: AbortSignal | null = null) =>
  fetch(`http://127.0.0.1:${served.port}/api/v1/ponds/pond/sql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${served.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ sql }),
    signal,
  });

/** Resolves when a query is answered so. */
const answersWith = (status: number) =>
  vi.waitFor(async () => expect((await ask("SELECT a FROM '/a.csv'")).status).toBe(status), 60_000);

test.each([...CRASHES, ...MEMORY].map((sql) => [sql.slice(0, 60), sql]))(
  'a server answers that a query failed, and goes on: %s',
  async (_, sql) => {
    const answer = await ask(sql);
    expect([answer.status, await answer.text()]).toEqual([
      400,
      expect.stringMatching(/has ended|more memory than/),
    ]);
    const next = await ask("SELECT sum(a) AS s FROM '/a.csv'");
    expect(await next.json()).toMatchObject({ columns: ['s'], rows: [[3]] });
  },
);

/** Queries whose rows would fill the memory of whoever asked. */
const LARGE = ["SELECT repeat('x', 100000000)", "SELECT repeat('x', 50000) FROM range(20000)"];

test.each(LARGE)('a server answers that an answer is too large, and goes on: %s', async (sql) => {
  const answer = await ask(sql);
  expect([answer.status, await answer.json()]).toEqual([
    400,
    expect.objectContaining({
      error: expect.objectContaining({
        message: expect.stringMatching(/more than (32|64) Mi characters|memory/),
      }),
    }),
  ]);
  // What it left in the memory of its process is not there for the next one.
  await vi.waitFor(() => expect(Math.max(0, ...heldByChildren())).toBeLessThan(300_000), 10_000);
  const next = await ask("SELECT a FROM '/a.csv'");
  expect([next.status, await next.json()]).toEqual([200, expect.objectContaining({ rows: [[1], [2]] })]);
});

/** KiB of memory of each process that this one has started. */
const heldByChildren = (): readonly number[] =>
  execFileSync('ps', ['-axo', 'ppid=,rss='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([parent, held = 0]) => (parent === process.pid ? [held] : []));

test('pond sql shows an answer of any length, piece by piece, and says what it does not show', async () => {
  const rows = "SELECT repeat('x', 300000) AS v FROM range(2500)";
  const { code } = await runPond(['sql', `SELECT count(*) FROM (${rows})`], { pond: directory });
  expect(code).toBe(0);
  const shown = spawn(process.execPath, [builtExecutable(), 'sql', rows], {
    env: { ...plainEnvironment(), POND: directory },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let size = 0;
  shown.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
  });
  expect(await new Promise((done) => shown.once('close', done))).toBe(0);
  expect(size).toBeGreaterThan(2500 * 300_000);
  const { stderr } = await runPond(['sql', 'SELECT repeat(chr(1), 100000000)'], { pond: directory });
  expect(stderr).toContain('a row of the answer has more than 64 Mi characters');
  expect(stderr).toContain('--format csv');
});

test('queries that cannot be interrupted take no place for longer than whoever asked them waits', async () => {
  const gone = new AbortController();
  const asked = ENDLESS.map((sql) => ask(sql, gone.signal).catch(() => 'gone'));
  // All places are taken.
  await answersWith(503);
  gone.abort();
  await Promise.all(asked);
  await answersWith(200);
  await vi.waitFor(() => expect(left()).toEqual([]), 60_000);
});

/** Working spaces of queries that are there. */
const left = () => readdirSync(join(directory, 'control/queries'));

test('pond sql says what ended its query, and leaves nothing behind', async () => {
  const { code, stderr } = await runPond(['sql', CRASHES[0] ?? ''], { pond: directory });
  expect([code, stderr]).toEqual([
    1,
    expect.stringContaining('the process that evaluated the query has ended'),
  ]);
  expect(left()).toEqual([]);
});

test('pond sql that is interrupted ends, whatever its query does', async () => {
  const child = spawn(process.execPath, [builtExecutable(), 'sql', ENDLESS[0] ?? ''], {
    env: { ...plainEnvironment(), POND: directory },
    stdio: 'ignore',
  });
  const ended = new Promise((done) => child.once('exit', done));
  await vi.waitFor(() => expect(left()).not.toEqual([]), 60_000);
  child.kill('SIGINT');
  expect(await ended).toBe(130);
  expect(left()).toEqual([]);
});

test('the library’s queries end no program that uses it', async () => {
  builtExecutable();
  const { Steward } = await import(join(import.meta.dirname, '../../../dist/promises.js'));
  const pond = await Steward.open(directory);
  await expect(pond.query(CRASHES[0])).rejects.toMatchObject({
    error: { _tag: 'QueryFailed', message: expect.stringContaining('has ended') },
  });
  await expect(pond.query(LARGE[1])).rejects.toMatchObject({
    error: { _tag: 'QueryFailed', message: 'the answer has more than 256 Mi characters' },
  });
  await expect(pond.query("SELECT repeat('x', 2000)", { maxCharacters: 1000 })).rejects.toThrow(/characters/);
  expect(await pond.query('SELECT 1 AS one')).toMatchObject({ rows: [[1]] });
  await pond.close();
});
