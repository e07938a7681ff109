import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { describe, expect, it } from 'vitest';
import { exactType } from '../../src/domain/documents/exact-type.js';
import { testDir } from '../../src/factories/built-in/test-dir.js';
import { testFile } from '../../src/factories/built-in/test-file.js';
import { describeFactoryError } from '../../src/factories/describe-factory-error.js';
import type { ExecutableFactory, Factory, FactoryError } from '../../src/factories/factory.js';
import { createRegistry } from '../../src/factories/registry/create-registry.js';
import { memoryLogger } from '../support/memory-logger.js';
import { bytes, CONFIG_PATH, contentContext, postCommitContext } from './contexts.js';

const NotifyConfig = exactType('notify', { url: t.string }, { times: t.number, tags: t.array(t.string) });

const notify = (
  parts: Partial<ExecutableFactory<t.TypeOf<typeof NotifyConfig>>> = {},
): ExecutableFactory<t.TypeOf<typeof NotifyConfig>> => ({
  name: 'notify',
  description: 'Tells somebody.',
  kind: 'executable',
  modes: ['PostCommitReader'],
  config: NotifyConfig,
  execute: () => TE.right(undefined),
  ...parts,
});

const registryOf = (factories: readonly Factory[], environment: Record<string, string> = {}) =>
  createRegistry(factories, { environment });

const failing = (message: string) =>
  TE.left<FactoryError>({ _tag: 'FactoryFailed', path: CONFIG_PATH, factory: 'notify', message });

const run = async (factory: Factory, config: string, environment: Record<string, string> = {}) => {
  const { logger, lines } = memoryLogger();
  const outcome = await registryOf([factory], environment).execute(
    factory.name,
    bytes(config),
    postCommitContext({ log: logger }),
    'PostCommitReader',
  )();
  return { outcome, text: isLeft(outcome) ? describeFactoryError(outcome.left) : 'done', lines };
};

describe('a configuration is refused', () => {
  it('when a value has the wrong type, naming path, key, and value', async () => {
    const { text } = await run(notify(), 'factory: notify\nconfig: { url: 42 }');
    expect(text).toBe('/etc/system.d/20-notify.yaml: config.url: expected string, got 42');
  });

  it('when a key is misspelt, naming it and the known ones, and the required one that is missing', async () => {
    const { text } = await run(notify(), 'factory: notify\nconfig: { urk: x }');
    expect(text).toContain('config.urk: unknown key; known keys are url, times, tags');
    expect(text).toContain('config.url: required, expected string');
  });

  it('when an element of a list is wrong, with its place', async () => {
    expect((await run(notify(), 'url: x\ntags: [a, 7]')).text).toContain('tags[1]: expected string, got 7');
  });

  it('when its envelope names another factory', async () => {
    expect((await run(notify(), 'factory: webhook\nconfig: { url: x }')).text).toContain(
      "factory: names webhook, but the node's factory is notify",
    );
  });

  it('when its envelope has a key that is not known', async () => {
    const { text } = await run(notify(), 'factory: notify\nretries: { max_attempts: 3 }\nconfig: { url: x }');
    expect(text).toContain('retries: unknown key; known keys are factory, ');
  });

  it('when it has a key of the envelope but is none, saying how it becomes one', async () => {
    const { text } = await run(notify(), 'url: x\ntimeout: 3s');
    expect(text).toContain(
      'timeout: unknown key; known keys are url, times, tags; the envelope has a timeout: ',
    );
    expect(text).toContain('write factory: notify beside it');
    const inside = await run(notify(), 'factory: notify\nconfig: { url: x, timeout: 3s }');
    expect(inside.text).toMatch(/config.timeout: unknown key; known keys are url, times, tags$/);
  });

  it('when it is not YAML, as such and not as a wrong configuration', async () => {
    const { outcome } = await run(notify(), 'url: [');
    expect(outcome).toMatchObject({ left: { _tag: 'InvalidYaml', path: CONFIG_PATH } });
  });

  it('when its codec throws, for what the codec says', async () => {
    const factory = notify({
      config: {
        decode: () => {
          throw new Error('url must be https');
        },
      },
    });
    expect((await run(factory, 'factory: notify\nconfig: { url: x }')).text).toBe(
      '/etc/system.d/20-notify.yaml: config: url must be https',
    );
  });

  it('before the factory is called in any way', async () => {
    const calls: string[] = [];
    const called = (name: string) => () => {
      calls.push(name);
      return TE.right(undefined);
    };
    const factory = notify({
      initialize: called('initialize'),
      prepare: called('prepare'),
      execute: called('execute'),
    });
    await run(factory, 'url: 42');
    expect(calls).toEqual([]);
    await run(factory, 'url: x');
    expect(calls).toEqual(['initialize', 'prepare', 'execute']);
  });
});

it('an empty configuration counts as {}', async () => {
  const factory = { ...notify(), config: exactType('nothing', {}, { url: t.string }) };
  expect((await run(factory, '')).text).toBe('done');
  expect((await run(factory, 'factory: notify')).text).toBe('done');
  expect(registryOf([factory]).check('notify', null, 'config')).toEqual([]);
});

it('an unknown factory is its own error and lists the known ones and the nearest name', async () => {
  const outcome = await registryOf([testFile, notify()]).execute(
    'notfy',
    bytes(''),
    postCommitContext(),
    'PostCommitReader',
  )();
  expect(outcome).toMatchObject({ left: { _tag: 'UnknownFactory', known: ['notify', 'test-file'] } });
  if (isLeft(outcome)) {
    expect(describeFactoryError(outcome.left)).toBe(
      '/etc/system.d/20-notify.yaml: unknown factory "notfy" (did you mean notify?); known factories are notify, test-file',
    );
  }
});

it('inside of a factory nobody asks by whom it was called where it says so, and of any other somebody may', () => {
  const quiet = notify({ name: 'quiet', callsNobody: true });
  const registry = registryOf([notify(), quiet, testFile]);
  expect(['notify', 'quiet', 'test-file', 'unknown'].map(registry.callsNobody)).toEqual([
    false,
    true,
    false,
    false,
  ]);
});

it('a factory runs only in a mode that it declares', async () => {
  const registry = registryOf([notify(), testFile]);
  const writer = await registry.execute(
    'notify',
    bytes('url: x'),
    postCommitContext(),
    'InTransactionWriter',
  )();
  expect(writer).toMatchObject({ left: { _tag: 'ModeNotSupported', modes: ['PostCommitReader'] } });
  const file = await registry.prepare('test-file', bytes('content: x'), postCommitContext())();
  expect(file).toMatchObject({ left: { _tag: 'ModeNotSupported', modes: [] } });
});

describe('a factory that misbehaves is a failed task and nothing more', () => {
  const misbehaviours: readonly (readonly [string, () => TE.TaskEither<FactoryError, void>])[] = [
    [
      'throws',
      () => {
        throw new Error('boom');
      },
    ],
    ['rejects', () => () => Promise.reject(new Error('boom'))],
    ['rejects with no error', () => () => Promise.reject('boom')],
  ];
  for (const [title, misbehave] of misbehaviours) {
    for (const method of ['initialize', 'prepare', 'execute'] as const) {
      it(`when its ${method} ${title}`, async () => {
        const { text } = await run(notify({ [method]: misbehave }), 'url: x');
        expect(text).toBe('/etc/system.d/20-notify.yaml: notify: boom');
      });
    }
  }
});

describe('a variable', () => {
  const echo = notify({
    execute: (context, { url }) => {
      context.log.log('info', 'calling', { url, nested: { list: [url] } });
      context.log.with({ token: url }).log('info', 'again');
      return failing(`no answer from ${url}`);
    },
  });
  const secret = 'https://hook.example/s3cr&t';
  const setting = 'url: "$' + '{env:HOOK}"';

  it('is resolved for the run, and its value is in no error and no log line', async () => {
    const { text, lines } = await run(echo, setting, { HOOK: secret });
    expect(text).toBe('/etc/system.d/20-notify.yaml: notify: no answer from ***');
    expect(lines.map(({ fields }) => fields)).toEqual([
      { url: '***', nested: { list: ['***'] } },
      { token: '***' },
    ]);
  });

  it('is resolved to exactly its value', async () => {
    const seen: string[] = [];
    const factory = notify({
      execute: (_, { url }) => {
        seen.push(url);
        return TE.right(undefined);
      },
    });
    const config = 'url: "<$' + '{env:HOOK}|$' + '{env:NONE:-fallback}|$' + '{env:EMPTY:-empty}>"';
    await run(factory, config, { HOOK: '$&$1$' + '{env:OTHER}', EMPTY: '', OTHER: 'never' });
    expect(seen).toEqual(['<$&$1$' + '{env:OTHER}|fallback|empty>']);
  });

  it('that is not set is an error that names it and its key, not an empty text', async () => {
    const { outcome, text } = await run(echo, `factory: notify\nconfig: { ${setting} }`);
    expect(outcome).toMatchObject({ left: { _tag: 'VariableNotSet', variable: 'HOOK', key: 'config.url' } });
    expect(text).toContain('config.url: the environment variable HOOK is not set');
  });

  it('of JavaScript’s own object is not taken for one of the environment', async () => {
    const { outcome } = await run(echo, 'url: "$' + '{env:constructor}"');
    expect(outcome).toMatchObject({ left: { _tag: 'VariableNotSet' } });
  });

  it('that is written wrongly is an error and does not pass as text', async () => {
    for (const wrong of ['$' + '{env:MY-HOOK}', '$' + '{env:HOOK', '$' + '{env:}']) {
      expect((await run(echo, `url: "${wrong}"`)).text).toContain('url: a variable is written');
    }
  });

  it('is redacted also where its value makes the configuration invalid, and where only its beginning would be shown', async () => {
    const short = new t.Type<string, string, unknown>(
      'a short text',
      t.string.is,
      (input, context) =>
        typeof input === 'string' && input.length < 20 ? t.success(input) : t.failure(input, context),
      (text) => text,
    );
    const factory = { ...notify(), config: exactType('short', { url: short }, {}) };
    const { text } = await run(factory, setting, { HOOK: 'topsecret'.repeat(20) });
    expect(text).toBe('/etc/system.d/20-notify.yaml: url: expected a short text, got "***"');
  });

  it('is redacted as JSON, in URLs, in base64 and line by line, too', async () => {
    const lines = 'first "line"\nsecond line';
    const factory = notify({
      execute: () =>
        failing(
          [
            JSON.stringify(lines),
            encodeURIComponent(lines),
            Buffer.from(lines).toString('base64'),
            'x second line',
          ].join(' | '),
        ),
    });
    expect((await run(factory, setting, { HOOK: lines })).text).toBe(
      '/etc/system.d/20-notify.yaml: notify: "***" | *** | *** | x ***',
    );
  });

  it('of a very short value is redacted where it stands alone, and leaves other words readable', async () => {
    const factory = notify({ execute: () => failing('port 80 of 8080') });
    expect((await run(factory, setting, { HOOK: '80' })).text).toContain('port *** of 8080');
  });

  it('is left as it stands by checks, which need no environment', () => {
    const registry = registryOf([notify()]);
    expect(registry.check('notify', { url: '$' + '{env:HOOK}' }, '')).toEqual([]);
    expect(isRight(registry.checkBytes('notify', CONFIG_PATH, bytes(setting)))).toBe(true);
  });

  it('whose default is used is not a secret', async () => {
    const config = 'url: "$' + '{env:HOOK:-http://localhost}"';
    expect((await run(echo, config)).text).toContain('no answer from http://localhost');
  });
});

describe('loading a dynamic node', () => {
  const registry = registryOf([testFile, testDir, notify()], { WHO: 'world' });
  const load = (factory: string, config: string) => registry.load(factory, bytes(config), contentContext())();

  it('of a file factory gives the content that its configuration says, as often as it is read', async () => {
    const node = await load('test-file', 'content: "hello $' + '{env:WHO}"\nmime_type: text/plain');
    if (isLeft(node) || node.right.kind !== 'file') throw new Error('no file');
    const content = await node.right.open()();
    if (isLeft(content)) throw new Error('no content');
    for (let reading = 0; reading < 2; reading++) {
      const chunks: Uint8Array[] = [];
      for await (const chunk of content.right) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe('hello world');
    }
  });

  it('of a directory factory gives its entries', async () => {
    const node = await load('test-dir', 'name: bay\nmetadata: { depth: 3, tags: [a] }');
    if (isLeft(node) || node.right.kind !== 'directory') throw new Error('no directory');
    const entries = await node.right.list()();
    if (isLeft(entries)) throw new Error('no entries');
    const contents = new Map<string, string>();
    for (const entry of entries.right) {
      if (entry.kind !== 'file') throw new Error('no file');
      for await (const chunk of entry.open()) contents.set(entry.name, Buffer.from(chunk).toString());
    }
    expect(contents.get('name.txt')).toBe('bay');
    expect(JSON.parse(contents.get('metadata.json') ?? '')).toEqual({ depth: 3, tags: ['a'] });
  });

  it('of an executable factory gives its configuration, also when that is broken', async () => {
    expect(await load('notify', 'url: [')).toMatchObject({ right: { kind: 'executable' } });
  });

  it('of an unknown factory is its own error', async () => {
    expect(await load('nobody', '')).toMatchObject({ left: { _tag: 'UnknownFactory', factory: 'nobody' } });
  });

  it('whose factory throws while it is read fails as that node, with secrets redacted', async () => {
    const failingFile: Factory = {
      ...testFile,
      name: 'failing-file',
      createFile: (_context, config) =>
        TE.right({
          // biome-ignore lint/correctness/useYield: it fails before it has anything to give
          async *[Symbol.asyncIterator]() {
            throw new Error(`cannot make ${JSON.stringify(config)}`);
          },
        }),
    };
    const own = registryOf([failingFile], { WHO: 'somebody' });
    const node = await own.load('failing-file', bytes('content: "$' + '{env:WHO}"'), contentContext())();
    if (isLeft(node) || node.right.kind !== 'file') throw new Error('no file');
    const content = await node.right.open()();
    if (isLeft(content)) throw new Error('no content');
    await expect(async () => {
      for await (const _ of content.right) throw new Error('it has content');
    }).rejects.toEqual({
      _tag: 'DynamicNodeFailed',
      path: '/dynamic',
      factory: 'failing-file',
      message: 'cannot make {"content":"***"}',
    });
  });
});

it('the known factories are listed by name, and of two with one name the later counts', () => {
  const registry = registryOf([testFile, notify(), notify({ description: 'Mine.' })]);
  expect(registry.list().map(({ name }) => name)).toEqual(['notify', 'test-file']);
  expect(registry.facts('notify')).toMatchObject({ description: 'Mine.', modes: ['PostCommitReader'] });
  expect(registry.facts('nobody')).toBeNull();
});

it('what is known only when an execution starts takes the place of what its context said', async () => {
  const seen: unknown[] = [];
  const factory = notify({
    execute: ({ signal, attempt, supersededBy, txnSeq }) => {
      seen.push({ signal, attempt, supersededBy, txnSeq });
      return TE.right(undefined);
    },
  });
  const prepared = await registryOf([factory]).prepare('notify', bytes('url: x'), postCommitContext())();
  if (isLeft(prepared)) throw new Error('not prepared');
  const { signal } = new AbortController();
  await prepared.right.execute({ signal, attempt: 3, supersededBy: 44 })();
  expect(seen).toEqual([{ signal, attempt: 3, supersededBy: 44, txnSeq: 42 }]);
});
