import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OpenSteward, Steward as TaskSteward } from '../../src/index.js';
import { createMemoryPond, type MemoryPond } from '../../src/memory-pond.js';
import { Steward } from '../../src/promises.js';
import { temporaryFolder } from '../support/temporary-folder.js';

// What a program without types may do: nothing of it is said by the compiler here.
// biome-ignore lint/suspicious/noExplicitAny: the arguments are wrong on purpose
type Untyped = any;

let pond: MemoryPond;
beforeAll(async () => {
  pond = await createMemoryPond();
  await pond.promises.write(({ fs }) => fs.write('/a', Buffer.from('a')));
});
afterAll(() => pond.promises.close());

describe('a function of the library that is handed what it cannot take', () => {
  const calls: readonly (readonly [string, readonly unknown[], string])[] = [
    ['transactions', [{ limit: -1 }], 'query.limit'],
    ['transactions', [{ txnSeq: '3' }], 'query.txnSeq'],
    ['transactions', [{ transactionTypes: ["write' --"] }], 'query.transactionTypes[0]'],
    ['transactions', [7], 'query'],
    ['records', [{ txnSeq: 0 }], 'of.txnSeq'],
    ['tasks', [], 'txnSeq'],
    ['tasks', ['1'], 'txnSeq'],
    ['task', ['1.1'], 'task'],
    ['task', [{ parentTxnSeq: 1 }], 'task.executionSeq'],
    ['plan', ['latest'], 'txnSeq'],
    ['plan', [Number.NaN], 'txnSeq'],
    ['replay', [{}], 'request.files'],
    ['replay', [{ files: [{ name: 'a', bytes: 'text' }], last: 1 }], 'request.files[0].bytes'],
    ['retry', [{}], 'task.txnSeq'],
    ['retry', [{ txnSeq: 1 }, { currentConfig: 'yes' }], 'options.currentConfig'],
    ['recover', [{ txnSeq: '1' }], 'options.txnSeq'],
    ['recover', [{ signal: {} }], 'options.signal'],
    ['maintain', [{ retentionMs: '7d' }], 'options.retentionMs'],
    ['run', [], 'path'],
    ['run', ['/a', { mode: 'writer' }], 'options.mode'],
    ['run', ['/a', { args: 'x' }], 'options.args'],
    ['read', [], 'body'],
    ['read', [async () => 1, { at: 'latest' }], 'options.at'],
    ['write', ['/a'], 'body'],
    ['write', [async () => 1, { postCommit: 'suppress' }], 'options.postCommit'],
    ['setSetting', ['factories', ['a.js']], 'value'],
    ['write', [async () => 1, { postcommit: false }], 'options.postcommit: unknown key'],
    ['recover', [{ dryrun: true }], 'options.dryrun: unknown key'],
    ['dismiss', [{ txnSeq: 1, execution: 2 }], 'task.execution: unknown key'],
    ['wait', [1, { timeout: '10s' }], 'options.timeout: unknown key'],
    ['maintain', [{ forget: { before: 1, path: '/a' } }], 'options.forget.path: unknown key'],
    ['status', [{ failed: 1 }], 'options.failed: unknown key'],
    ['incomplete', [{ failedTasks: '1' }], 'options.failedTasks'],
    ['commitAt', [], 'timestamp'],
    ['commitAt', ['2026-01-01'], 'timestamp'],
    ['firing', [7], 'name'],
    ['derived', ['1'], 'txnSeq'],
    ['query', ['SELECT $x', { params: { x: Symbol('x') } }], 'options.params.x: expected a string'],
    ['query', ['SELECT $x', { params: { x: new Date(0) } }], 'options.params.x: expected a string'],
    ['queryBytes', ['SELECT 1', { as: { format: 'xlsx' } }], 'options.as.format'],
    ['queryBytes', ['SELECT 1', { as: { format: 'csv', delimiter: ';' } }], 'options.as.delimiter: unknown'],
  ];

  it.each(calls)('%s%j names the argument, and does nothing', async (call, args, key) => {
    const before = await pond.promises.records();
    const called: Promise<unknown> = (pond.promises as Untyped)[call](...args);
    await expect(called).rejects.toMatchObject({
      _tag: 'InvalidArgument',
      message: expect.stringContaining(`${call}: ${key}`),
    });
    expect(await pond.promises.records()).toEqual(before);
  });

  it('refuses a directory and options by which nothing can be opened or made', async () => {
    const open: Untyped = Steward.open;
    await expect(open()).rejects.toMatchObject({ _tag: 'InvalidArgument' });
    await expect(open('/p', { lockTimeoutMs: '10s' })).rejects.toThrow('open: options.lockTimeoutMs: ');
    await expect(open('/p', { trust: true })).rejects.toThrow('open: options.trust: ');
    await expect(open('/p', { trusted: 'all' })).rejects.toThrow('open: options.trusted: unknown key');
    await expect(open('/p', { logger: {} })).rejects.toThrow('open: options.logger: expected a logger with');
    for (const factory of [
      7,
      { name: 'count' },
      { name: 'count', kind: 'executable', modes: [], config: {} },
    ])
      await expect(open('/p', { factories: [factory] })).rejects.toThrow(
        'open: options.factories[0]: expected',
      );
    await expect((Steward.init as Untyped)('/p', { sharedWith: -1 })).rejects.toThrow(
      'init: options.sharedWith',
    );
    await expect((createMemoryPond as Untyped)({ clock: {} })).rejects.toThrow(
      'createMemoryPond: options.clock: expected a clock with',
    );
    expect(await (TaskSteward.using as Untyped)('/p')()).toMatchObject({
      left: { _tag: 'InvalidArgument', call: 'using' },
    });
    expect(await (TaskSteward.init as Untyped)('')()).toMatchObject({
      left: { _tag: 'InvalidArgument', call: 'init' },
    });
  });
});

it('a call whose signal has aborted was interrupted: nothing is begun, nor recorded', async () => {
  const signal = AbortSignal.abort();
  const { promises } = pond;
  const before = await promises.transactions();
  let begun = 0;
  const body = async () => {
    begun += 1;
  };
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    query: () => promises.query('SELECT 1', { signal }),
    queryBytes: () => promises.queryBytes('SELECT 1', { as: { format: 'csv' }, signal }),
    read: () => promises.read(body, { signal }),
    write: () => promises.write(body, { signal }),
    run: () => promises.run('/etc/system.d/x', { signal }),
    recover: () => promises.recover({ signal }),
    maintain: () => promises.maintain({ signal }),
    retry: () => promises.retry({ txnSeq: 1 }, { signal }),
    cancel: () => promises.cancel({ txnSeq: 1 }, { signal }),
    dismiss: () => promises.dismiss({ txnSeq: 1 }, { signal }),
    compareRows: () => promises.compareRows({ from: 1, path: '/', signal }),
  };
  for (const [call, made] of Object.entries(calls))
    await expect(made()).rejects.toMatchObject({ error: { _tag: 'Interrupted', call } });
  expect(begun).toBe(0);
  expect(await promises.transactions()).toEqual(before);
});

it('a pond is closed however what used it ends', async () => {
  const directory = join(temporaryFolder('used'), 'pond');
  await Steward.init(directory);
  const used: OpenSteward[] = [];
  const use = (ending: () => never) =>
    TaskSteward.using(directory, (steward) => {
      used.push(steward);
      return ending();
    })();
  await expect(
    use(() => {
      throw new Error('a defect');
    }),
  ).rejects.toThrow('a defect');
  expect(used).toHaveLength(1);
  expect(await used[0]?.status()()).toMatchObject({ left: { _tag: 'PondClosed' } });
});

describe('the filesystem of a pond', () => {
  const writes = (body: (fs: Untyped) => Promise<unknown>) => pond.promises.write(({ fs }) => body(fs));

  it('refuses a path that is not a string, in every call', async () => {
    for (const call of [
      'stat',
      'list',
      'read',
      'readBytes',
      'exists',
      'versions',
      'collectMatches',
      'mkdir',
      'remove',
    ])
      await expect(writes((fs) => fs[call](7))).rejects.toMatchObject({
        _tag: expect.stringMatching(/^Invalid(Path|Pattern)$/),
      });
  });

  it('refuses contents that are not bytes instead of storing something else', async () => {
    async function* text() {
      yield 'ü';
    }
    for (const content of ['ü', undefined, 7, ['ü'], text()])
      await expect(writes((fs) => fs.write('/b', content))).rejects.toMatchObject({
        _tag: 'InvalidArgument',
        message: expect.stringContaining('write: content: expected a Uint8Array'),
      });
    await expect(
      writes((fs) => fs.createDynamicPath('/b', 'file:dynamic', 'test-file', 'content: a')),
    ).rejects.toMatchObject({ _tag: 'InvalidArgument' });
    await expect(writes((fs) => fs.write('/b', Buffer.from(''), { entryType: 'directory' }))).rejects.toThrow(
      'options.entryType',
    );
    await expect(writes((fs) => fs.write('/b', Buffer.from(''), { entrytype: 'table' }))).rejects.toThrow(
      'options.entrytype: unknown key',
    );
    for (const [options, problem] of [
      [{ entryType: 'series', always: true }, 'not together with always'],
      [{ entryType: 'series', replaces: 1 }, 'not together with replaces'],
      [{ entryType: 'table' }, 'is for a series, not for a table'],
      [{}, 'is for a series, not for a file'],
    ] as const)
      await expect(
        writes((fs) => fs.write('/b', Buffer.from(''), { once: true, ...options })),
      ).rejects.toThrow(`options.once: ${problem}`);
    expect(await pond.promises.read(({ fs }) => fs.exists('/b'))).toBe(false);
  });
});

it('transactions and records are all of them where nothing is said, with or without a write among them', async () => {
  expect(await pond.promises.transactions({ limit: 3 })).toHaveLength(3);
  expect(await pond.promises.transactions({ limit: 1, transactionTypes: ['write'] })).toMatchObject([
    { transactionType: 'write' },
  ]);
  expect((await pond.promises.transactions()).length).toBeGreaterThan(2);
});
