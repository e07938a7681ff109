import { isRight } from 'fp-ts/lib/Either.js';
import type * as t from 'io-ts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createMemoryPond, type MemoryPond } from '../../../src/memory-pond.js';
import { Failure } from '../../../src/serve/http/codecs/pond-shapes.js';
import { partsOf } from '../../../src/serve/http/exchange/route.js';
import { pondNames } from '../../../src/serve/http/exchange/shown-pond.js';
import { ROUTES } from '../../../src/serve/http/routes.js';
import { type Answered, type Asking, asking, shownPond } from './asking.js';

let pond: MemoryPond;
let here: Asking;

const OK = 'factory: test-executor\nconfig: { message: ok }\n';
const FAILS = 'factory: test-executor\nconfig: { message: no, fail: true }\n';

/** Addresses that were asked, with what was answered: each is held against its codec at the end. */
const answers: { readonly method: string; readonly target: string; readonly answered: Answered }[] = [];

const ask: Asking['ask'] = async (method, target, asked) => {
  const answered = await here.ask(method, `/api/v1${target}`, asked);
  answers.push({ method, target, answered });
  return answered;
};

beforeAll(async () => {
  pond = await createMemoryPond();
  here = asking([shownPond(pond.steward)]);
  const { promises } = pond;
  await promises.write(({ fs }) => fs.write('/etc/system.d/10-ok', Buffer.from(OK)));
  await promises.write(({ fs }) => fs.write('/etc/system.d/20-fails', Buffer.from(FAILS)));
  await promises.write(({ fs }) => fs.mkdirAll('/in'));
  for (const text of ['a,b\n1,2\n', 'a,b\n1,3\n', 'a,b\n1,4\n'])
    await promises.write(({ fs }) => fs.write('/in/data.csv', Buffer.from(text)));
});
afterAll(() => pond.promises.close());

describe('the interface', () => {
  test('lists ponds by names that no two of them share', async () => {
    expect((await ask('GET', '/ponds')).json.ponds).toMatchObject([
      { name: 'pond', pond_id: pond.steward.pondId },
    ]);
    expect(pondNames(['/a/north', '/b/north/', '/c/south'])).toEqual(['north', 'north-2', 'south']);
  });

  test('says what fails and since when', async () => {
    const { json } = await ask('GET', '/ponds/pond/overview');
    expect(json).toMatchObject({ last_txn_seq: 7, failed_tasks: 4, is_read_only: false });
    const [first, second] = json.entries;
    const commits = [...json.commits].reverse();
    const firstFailure = commits.find(({ txn_seq }: { txn_seq: number }) => txn_seq === 4).tasks[1]
      .completed_at;
    expect(first).toMatchObject({
      config_path: '/etc/system.d/20-fails',
      failures: 4,
      failing_since: firstFailure,
    });
    expect(second).toMatchObject({ config_path: '/etc/system.d/10-ok', failures: 0, failing_since: null });
    expect((await ask('GET', '/ponds/pond/status')).json.post_commit.failed_tasks).toHaveLength(4);
    expect((await ask('GET', '/ponds/pond/workers')).json.queue).toMatchObject({
      pending: 0,
      oldest_at: null,
    });
  });

  test('pages through commits, the newest first, without leaving one out or showing one twice', async () => {
    const seen: number[] = [];
    let before: string | null = null;
    do {
      const { json }: Answered = await ask(
        'GET',
        `/ponds/pond/commits?limit=3${before === null ? '' : `&before=${before}`}`,
      );
      seen.push(...json.transactions.map(({ txn_seq }: { txn_seq: number }) => txn_seq));
      before = json.next;
    } while (before !== null);
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });

  test('finds commits by a word, and those of which something failed', async () => {
    const found = async (query: string) =>
      (await ask('GET', `/ponds/pond/commits?${query}`)).json.transactions.map(
        ({ txn_seq }: { txn_seq: number }) => txn_seq,
      );
    expect(await found('search=6')).toEqual([6]);
    expect(await found('search=20-FAILS')).toEqual([7, 6, 5, 4]);
    expect(await found('search=told%20to')).toEqual([7, 6, 5, 4]);
    expect(await found('search=%25')).toEqual([]);
    expect(await found('state=failed')).toEqual([7, 6, 5, 4]);
  });

  test('shows a commit: its tasks in time, its plan, its records', async () => {
    const { json } = await ask('GET', '/ponds/pond/commits/5');
    expect(json).toMatchObject({ txn_seq: 5, transaction: { txn_seq: 5, status: 'committed' } });
    expect(json.tasks.map(({ state }: { state: string }) => state)).toEqual(['completed', 'failed']);
    const plan = (await ask('GET', '/ponds/pond/commits/5/plan')).json;
    expect(plan.changes).toEqual([{ kind: 'created', path: '/in/data.csv', file_type: 'file' }]);
    const { records } = (await ask('GET', '/ponds/pond/commits/5/records')).json;
    expect(records.map(({ record_type }: { record_type: string }) => record_type)).toContain(
      'post_commit_failed',
    );
  });

  test('shows files as they are and as they were', async () => {
    const listed = (await ask('GET', '/ponds/pond/files?path=/in')).json;
    expect(listed).toMatchObject({ total: 1, txn_seq: 7, entries: [{ path: '/in/data.csv', version: 3 }] });
    expect((await ask('GET', '/ponds/pond/files?path=/in&at=4')).json.total).toBe(0);
    expect((await ask('GET', '/ponds/pond/files?path=/in&search=DATA')).json.total).toBe(1);
    expect((await ask('GET', '/ponds/pond/files?path=/in&offset=1')).json).toMatchObject({
      total: 1,
      entries: [],
    });
    expect((await ask('GET', '/ponds/pond/files/entry?path=/in/data.csv&at=5')).json.version).toBe(1);
    expect((await ask('GET', '/ponds/pond/files/versions?path=/in/data.csv')).json.versions).toHaveLength(3);
    expect((await ask('GET', '/ponds/pond/files/head?path=/in/data.csv&at=6')).json).toMatchObject({
      encoding: 'utf-8',
      content: 'a,b\n1,3\n',
      is_cut: false,
    });
    expect((await ask('GET', '/ponds/pond/files/head?path=/in/data.csv&bytes=3')).json).toMatchObject({
      content: 'a,b',
      is_cut: true,
    });
    expect((await ask('GET', '/ponds/pond/files/content?path=/in/data.csv&version=1')).text).toBe(
      'a,b\n1,2\n',
    );
    expect((await ask('GET', '/ponds/pond/history?path=/in/data.csv')).json.commits).toHaveLength(3);
    expect((await ask('GET', '/ponds/pond/diff?from=5&to=7')).json.differences).toMatchObject([
      { kind: 'changed', path: '/in/data.csv', before: { version: 1 }, after: { version: 3 } },
    ]);
  });

  test('shows of long lists a part, and how long they are', async () => {
    expect((await ask('GET', '/ponds/pond/diff?from=1&limit=1&offset=1')).json).toMatchObject({
      total: 4,
      differences: [{ path: '/etc/system.d/20-fails' }],
    });
    const { json: versions } = await ask('GET', '/ponds/pond/files/versions?path=/in/data.csv&limit=1');
    expect(versions).toMatchObject({ total: 3, versions: [{ version: 3 }] });
    expect(
      (await ask('GET', '/ponds/pond/files/versions?path=/in/data.csv&limit=1&before=3')).json.versions,
    ).toMatchObject([{ version: 2 }]);
    expect((await ask('GET', '/ponds/pond/commits/5/plan?offset=1')).json).toMatchObject({
      changes: [],
      changes_total: 1,
    });
    expect((await ask('GET', '/ponds/pond/status?limit=1')).json).toMatchObject({
      failed_tasks: 4,
      post_commit: { failed_tasks: [{ task: '4.2' }] },
    });
    expect((await ask('GET', '/ponds/pond/commits/5/records?limit=1')).json.records).toHaveLength(1);
  });

  test('shows the output of a task, and follows it until the attempt has ended', async () => {
    const { json } = await ask('GET', '/ponds/pond/output?task=5.2');
    expect(json).toMatchObject({ task: '5.2', attempt: 1, state: 'failed' });
    const followed = await ask('GET', '/ponds/pond/output/follow?task=5.2');
    expect(followed.text).toMatch(
      /^event: output\ndata: .*\n\nevent: end\ndata: \{"task":"5.2","attempt":1,"state":"failed"\}\n\n$/,
    );
    expect((await ask('GET', '/ponds/pond/output?task=5.9')).json.error.tag).toBe('TaskNotFound');
    expect((await ask('GET', '/ponds/pond/output/follow?task=5.9')).status).toBe(404);
  });

  test('settles a failed task and takes it up again, and says the same as the command line does', async () => {
    const nothing = await ask('POST', '/ponds/pond/cancel', { body: { task: '4' } });
    expect(nothing.json).toEqual({ txn_seq: 4, tasks: [] });
    const ended = await ask('POST', '/ponds/pond/cancel', { body: { task: '4.2' } });
    expect([ended.status, ended.json.error.tag]).toEqual([409, 'NotCancellable']);
    const dismissed = await ask('POST', '/ponds/pond/dismiss', { body: { task: '4.2', reason: 'known' } });
    expect(dismissed.json).toMatchObject({ txn_seq: 4, tasks: [{ task: '4.2', state: 'dismissed' }] });
    const retried = await ask('POST', '/ponds/pond/retry', { body: { task: '7' } });
    expect(retried.json.tasks).toMatchObject([{ task: '7.2', state: 'failed', attempts: 2 }]);
    const settled = await ask('POST', '/ponds/pond/retry', { body: { task: '7.1' } });
    expect([settled.status, settled.json.error.tag]).toEqual([409, 'NotRetryable']);
  });

  test('edits an entry as one commit, and refuses what is wrong, or was changed by somebody else', async () => {
    const path = '/etc/system.d/20-fails';
    const read = (await ask('GET', `/ponds/pond/entries/configuration?path=${path}`)).json;
    expect(read).toMatchObject({ path, factory: null, text: FAILS });
    const wrong = { path, text: FAILS.replace('fail:', 'fial:') };
    expect((await ask('POST', '/ponds/pond/entries/check', { body: wrong })).json).toMatchObject({
      is_valid: false,
      error: { message: expect.stringContaining('fial') },
    });
    const refused = await ask('POST', '/ponds/pond/entries', { body: { ...wrong, sha256: read.sha256 } });
    expect(refused.status).toBe(422);
    const body = { path, text: OK };
    const tried = (await ask('POST', '/ponds/pond/entries/check', { body: { ...body, last: 4 } })).json;
    expect(tried).toMatchObject({ is_valid: true, warning: null });
    expect(tried.commits).toContainEqual({ txn_seq: 7, did_run: true, would_run: true });
    const stale = await ask('POST', '/ponds/pond/entries', { body: { ...body, sha256: null } });
    expect([stale.status, stale.json.error.tag]).toEqual([409, 'ChangedMeanwhile']);
    const kept = await ask('POST', '/ponds/pond/entries', { body: { ...body, sha256: read.sha256 } });
    expect(kept.json).toMatchObject({ txn_seq: 8, status: 'committed' });
    const after = (await ask('GET', `/ponds/pond/entries/configuration?path=${path}`)).json;
    expect(after.text).toBe(OK);
  });

  test('makes a dynamic node of an entry that is not there yet, if its factory is named', async () => {
    const body = { path: '/etc/system.d/30-new', text: OK, factory: 'test-executor', sha256: null };
    expect((await ask('POST', '/ponds/pond/entries', { body })).json).toMatchObject({ status: 'committed' });
    const { entries } = (await ask('GET', '/ponds/pond/entries')).json;
    expect(entries.map(({ path }: { path: string }) => path)).toEqual(
      ['10-ok', '20-fails', '30-new'].map((name) => `/etc/system.d/${name}`),
    );
    expect(entries[2]).toMatchObject({ factory: 'test-executor', file_type: 'file:dynamic' });
    expect(entries[1].standing).toMatchObject({ config_path: '/etc/system.d/20-fails' });
  });

  test('runs an entry now, and a recovery after saying what it would do', async () => {
    expect((await ask('POST', '/ponds/pond/run', { body: { path: '/etc/system.d/30-new' } })).status).toBe(
      200,
    );
    expect((await ask('GET', '/ponds/pond/recovery')).json).toMatchObject({ dry_run: true });
    const recovered = await ask('POST', '/ponds/pond/recover', {
      body: { failed: true, current_config: true },
    });
    expect(recovered.json.tasks.map(({ state }: { state: string }) => state)).toEqual([
      'completed',
      'completed',
      'completed',
    ]);
  });

  test('says what happens by itself: schedules, firings and watched folders', async () => {
    for (const name of ['schedules', 'firings', 'watches'])
      expect((await ask('GET', `/ponds/pond/${name}`)).json).toEqual({ [name]: [] });
  });

  test('knows factories with their keys', async () => {
    expect((await ask('GET', '/ponds/pond/factories')).json.factories).toContainEqual(
      expect.objectContaining({ name: 'command', kind: 'executable' }),
    );
    expect((await ask('GET', '/ponds/pond/factories/webhook')).json.example).toContain('url');
    expect((await ask('GET', '/ponds/pond/factories/none')).status).toBe(404);
  });

  test.each([
    ['GET', '/ponds/none/status', 404, 'NoSuchPond'],
    ['GET', '/nothing', 404, 'NoSuchAddress'],
    ['POST', '/ponds/pond/status', 405, 'MethodNotAllowed'],
    ['DELETE', '/ponds/pond/entries', 405, 'MethodNotAllowed'],
    ['GET', '/ponds/pond/commits/0', 400, 'BadRequest'],
    ['GET', '/ponds/pond/commits/99', 404, 'TransactionNotFound'],
    ['GET', '/ponds/pond/commits?limit=0', 400, 'BadRequest'],
    ['GET', '/ponds/pond/commits?limt=1', 400, 'BadRequest'],
    ['GET', '/ponds/pond/commits?limit=1&limit=2', 400, 'BadRequest'],
    ['GET', '/ponds/pond/files', 400, 'BadRequest'],
    ['GET', '/ponds/pond/files?path=/none', 404, 'PathNotFound'],
    ['GET', '/ponds/pond/files/content?path=/in', 409, 'IsADirectory'],
  ])('%s %s is refused with %i %s', async (method, target, status, tag) => {
    const answered = await ask(method, target, method === 'POST' ? { body: {} } : {});
    expect([answered.status, answered.json.error.tag]).toEqual([status, tag]);
    expect(isRight(Failure.decode(answered.json))).toBe(true);
  });

  test('speaks of the pond in metrics that Prometheus reads', async () => {
    const { text, headers } = await here.ask('GET', '/metrics');
    expect(headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(text).toContain('# TYPE pond_last_txn_seq gauge\npond_last_txn_seq{pond="pond"} 9\n');
    expect(text).toContain('pond_up{pond="pond"} 1\n');
  });

  test('has a document that is made of the codecs and has every address in it', async () => {
    const { json } = await here.ask('GET', '/api/v1/openapi.json');
    const there = Object.entries(json.paths).flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method} ${path}`),
    );
    expect(there.sort()).toEqual(
      ROUTES.map(({ method, path }) => `${method.toLowerCase()} /api/v1${path}`).sort(),
    );
    const refs = [...JSON.stringify(json).matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(
      ([, name]) => name ?? '',
    );
    expect(refs.filter((name) => !(name in json.components.schemas))).toEqual([]);
    expect(
      json.paths['/api/v1/ponds/{pond}/retry'].post.requestBody.content['application/json'].schema,
    ).toEqual({
      type: 'object',
      properties: {
        task: { type: 'string', pattern: expect.stringContaining('[1-9][0-9]*') },
        current_config: { type: 'boolean' },
      },
      required: ['task'],
      additionalProperties: false,
    });
  });

  test('answers as its document says, at every address but those of queries, firings and events', () => {
    const asked = new Set<string>();
    for (const { method, target, answered } of answers) {
      const [path = ''] = target.split('?');
      const route = ROUTES.find((one) => one.method === method && partsOf(one.path, path) !== null);
      if (route === undefined || answered.status !== 200) continue;
      asked.add(`${method} ${route.path}`);
      if (route.answer !== null)
        expect(faultsOf(route.answer, answered.json), `${method} ${target}`).toEqual([]);
    }
    const elsewhere = [
      'GET /events',
      'GET /ponds/{pond}/diff/rows',
      'GET /ponds/{pond}/files/rows',
      'GET /ponds/{pond}/firings/firing',
      'POST /ponds/{pond}/sql',
      'POST /ponds/{pond}/sql/file',
    ];
    expect(
      ROUTES.map(({ method, path }) => `${method} ${path}`)
        .filter((name) => !asked.has(name))
        .sort(),
    ).toEqual(elsewhere);
  });

  // The last one: no other counts those.
  test('shows the commits and what fails, however many writes have brought nothing new since', async () => {
    const before = (await ask('GET', '/ponds/pond/overview')).json;
    for (let number = 0; number < 210; number += 1) await pond.promises.write(async () => undefined);
    const after = (await ask('GET', '/ponds/pond/overview')).json;
    const landed = ({ status }: { readonly status: string }) => status !== 'failed';
    expect(after.commits).toEqual(before.commits.filter(landed));
    expect(after.entries).toEqual(before.entries);
    expect(after.entries).toContainEqual(expect.objectContaining({ config_path: '/etc/system.d/20-fails' }));
    const listed = async (query: string) =>
      (await ask('GET', `/ponds/pond/commits?limit=4${query}`)).json.transactions.map(
        ({ status }: { readonly status: string }) => status,
      );
    expect(new Set(await listed(''))).toEqual(new Set(['completed']));
    expect(await listed('&empty=false')).toEqual(
      before.commits.slice(0, 4).map(({ status }: { readonly status: string }) => status),
    );
    expect(await listed('&empty=false&search=20-fails')).not.toContain('completed');
  });
});

const faultsOf = (codec: t.Mixed, value: unknown): readonly string[] => {
  const decoded = codec.decode(value);
  return isRight(decoded)
    ? []
    : decoded.left.map(({ context }: t.ValidationError) => context.map(({ key }) => key).join('.'));
};
