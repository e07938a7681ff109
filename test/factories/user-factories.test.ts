import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import { nodeModules } from '../../src/adapters/node/node-modules.js';
import { describeFactoryError } from '../../src/factories/describe-factory-error.js';
import type { Factory } from '../../src/factories/factory.js';
import { createRegistry } from '../../src/factories/registry/create-registry.js';
import { factoriesOf } from '../../src/factories/user/user-factories.js';
import type { ByteStream } from '../../src/tinyfs/persistence.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { bytes, contentContext, postCommitContext, readerOf } from './contexts.js';

/** The factories of a module with this source, as a pond would load them. */
const load = async (source: string, name = 'mine.mjs') => {
  const base = temporaryFolder('factories');
  mkdirSync(base, { recursive: true });
  writeFileSync(join(base, name), source);
  const loaded = await nodeModules.load(`./${name}`, base)();
  if (isLeft(loaded)) throw new Error(loaded.left.message);
  return factoriesOf(loaded.right, `./${name}`, nodeModules);
};

const factoriesIn = async (source: string, name?: string): Promise<readonly Factory[]> => {
  const factories = await load(source, name);
  if (isLeft(factories)) throw new Error(describeFactoryError(factories.left));
  return factories.right;
};

const run = async (
  factories: readonly Factory[],
  config: string,
  files: Readonly<Record<string, string | Uint8Array>> = {},
) => {
  const { logger, lines } = memoryLogger();
  const [first] = factories;
  const outcome = await createRegistry(factories, { environment: {} }).execute(
    first?.name ?? '',
    bytes(config),
    postCommitContext({ log: logger, fs: readerOf(files) }),
    'PostCommitReader',
  )();
  return { text: isLeft(outcome) ? describeFactoryError(outcome.left) : 'done', lines };
};

const executable = (execute: string, more = '') =>
  `export default { name: 'mine', kind: 'executable', modes: ['PostCommitReader'], ${more} ${execute} };`;

const textOf = async (stream: ByteStream): Promise<string> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
};

describe('a factory in plain JavaScript', () => {
  it('as the guide shows it counts the lines of what a commit changed', async () => {
    const guide = readFileSync('docs/writing-a-factory.md', 'utf8');
    const source = /```js\n\/\/ count-lines\.mjs\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
    const factories = await factoriesIn(source);
    const { text, lines } = await run(factories, 'path: /data/log.txt\nat_least: 2', {
      '/data/log.txt': 'a\nb\nc\n',
    });
    expect(text).toBe('done');
    expect(lines).toMatchObject([{ event: 'lines_counted', fields: { path: '/data/log.txt', lines: 3 } }]);
    const tooFew = await run(factories, 'path: /data/log.txt\nat_least: 9', { '/data/log.txt': 'a\n' });
    expect(tooFew.text).toContain('/data/log.txt has 1 lines, expected at least 9');
    expect((await run(factories, 'paht: x')).text).toContain('unknown key paht');
  });

  it('may return nothing, a promise, or a TaskEither', async () => {
    expect((await run(await factoriesIn(executable('execute() {}')), '')).text).toBe('done');
    expect((await run(await factoriesIn(executable('async execute() {}')), '')).text).toBe('done');
    const taskEither = executable("execute: () => async () => ({ _tag: 'Right', right: undefined })");
    expect((await run(await factoriesIn(taskEither), '')).text).toBe('done');
  });

  it('that throws, rejects, or returns a Left fails its task with what it says', async () => {
    const failures = [
      "execute() { throw new Error('boom') }",
      "async execute() { throw new Error('boom') }",
      "execute: () => Promise.reject('boom')",
      "execute: () => async () => ({ _tag: 'Left', left: new Error('boom') })",
      "execute() {}, prepare() { throw new Error('boom') }",
      "execute() {}, async initialize() { throw new Error('boom') }",
    ];
    for (const failure of failures) {
      const { text } = await run(await factoriesIn(executable(failure)), '');
      expect(text).toBe('/etc/system.d/20-notify.yaml: mine: boom');
    }
  });

  it('that throws nothing sensible still fails in words', async () => {
    for (const thrown of [
      'undefined',
      'null',
      '{}',
      '{ code: 7 }',
      "{ _tag: 'InvalidPath' }",
      'new Error()',
      "''",
    ]) {
      const { text } = await run(await factoriesIn(executable(`execute() { throw ${thrown} }`)), '');
      expect(text).toMatch(/^\/etc\/system\.d\/20-notify\.yaml: mine: ./);
    }
  });

  it('reads the pond with promises that reject with an Error', async () => {
    const source = executable("async execute({ files }) { await files.readText('/missing') }");
    expect((await run(await factoriesIn(source), '')).text).toContain(
      'mine: /missing: there is nothing at that path',
    );
  });

  it('reads text that is UTF-8: other bytes are refused with their line, and none is replaced', async () => {
    const source = executable(`async execute({ files }) {
      await files.readText('/in/odd.csv');
    }`);
    const latin1 = Buffer.from('day,place\n1,Wien\n2,Z\xfcrich\n', 'latin1');
    expect((await run(await factoriesIn(source), '', { '/in/odd.csv': latin1 })).text).toContain(
      '/in/odd.csv is not UTF-8 in line 3: read it with readBytes, and decode it by its encoding',
    );
    const whole = Buffer.from('day,place\n2,Zürich\n');
    expect((await run(await factoriesIn(source), '', { '/in/odd.csv': whole })).text).toBe('done');
  });

  it('has its configuration checked by a function that throws, by a codec, or not at all', async () => {
    const byFunction = executable(
      'execute() {}',
      "config(input) { if (!input.url) throw new Error('url is missing'); return input },",
    );
    expect((await run(await factoriesIn(byFunction), 'factory: mine\nconfig: {}')).text).toContain(
      'config: url is missing',
    );
    const byCodec = executable(
      'execute() {}',
      "config: { decode: (input) => ({ _tag: 'Left', left: 'not today' }) },",
    );
    expect((await run(await factoriesIn(byCodec), 'a: 1')).text).toContain('not today');
    expect((await run(await factoriesIn(executable('execute() {}')), 'a: 1')).text).toBe('done');
    expect((await run(await factoriesIn(executable('execute() {}')), '[a]')).text).toContain('got a list');
  });

  it('makes files and directories from strings, bytes, and iterables', async () => {
    const factories = await factoriesIn(`
      export const file = { name: 'greeting', kind: 'file', createFile: (_, { who }) => ['hello ', who] };
      export const directory = { name: 'tree', kind: 'directory', async createDirectory() {
        return [ { name: 'a.txt', content: 'A' }, { name: 'b', entries: [ { name: 'c.txt', content: async () => 'C' } ] } ];
      } };`);
    const registry = createRegistry(factories, { environment: {} });
    const file = await registry.load('greeting', bytes('who: you'), contentContext())();
    if (isLeft(file) || file.right.kind !== 'file') throw new Error('no file');
    const content = await file.right.open()();
    if (isLeft(content)) throw new Error('no content');
    expect(await textOf(content.right)).toBe('hello you');

    const tree = await registry.load('tree', bytes(''), contentContext())();
    if (isLeft(tree) || tree.right.kind !== 'directory') throw new Error('no directory');
    const entries = await tree.right.list()();
    if (isLeft(entries)) throw new Error('no entries');
    const [a, b] = entries.right;
    if (a?.kind !== 'file' || b?.kind !== 'directory') throw new Error('other entries');
    expect([a.size, await textOf(a.open())]).toEqual([1, 'A']);
    const inner = await b.list()();
    if (isLeft(inner) || inner.right[0]?.kind !== 'file') throw new Error('no inner file');
    expect(await textOf(inner.right[0].open())).toBe('C');
  });

  it('that makes entries with impossible names fails as that node', async () => {
    const [factory] = await factoriesIn(
      `export default { name: 'tree', kind: 'directory', createDirectory: () => [{ name: '../x', content: '' }] };`,
    );
    const registry = createRegistry(factory === undefined ? [] : [factory], { environment: {} });
    const tree = await registry.load('tree', bytes(''), contentContext())();
    if (isLeft(tree) || tree.right.kind !== 'directory') throw new Error('no directory');
    expect(await tree.right.list()()).toMatchObject({
      left: { _tag: 'DynamicNodeFailed', path: '/dynamic', factory: 'tree' },
    });
  });

  it('may be an instance of a class, whose functions keep their this', async () => {
    const source = `class Mine {
        name = 'mine'; kind = 'executable'; modes = ['PostCommitReader']; #said = 'hello';
        execute({ log }) { log.log('info', this.#said) }
      }
      export default new Mine();`;
    expect((await run(await factoriesIn(source), '')).lines).toMatchObject([{ event: 'hello' }]);
  });
});

describe('a module', () => {
  const small = (name: string) => `{ name: '${name}', kind: 'file', createFile: () => '' }`;
  const names = async (source: string, file?: string) =>
    (await factoriesIn(source, file)).map(({ name }) => name);

  it('may export one factory or several, in each of the ways', async () => {
    expect(await names(`export default ${small('a')}`)).toEqual(['a']);
    expect(await names(`export default [${small('a')}, ${small('b')}]`)).toEqual(['a', 'b']);
    expect(await names(`export const factories = [${small('a')}]; export const VERSION = 1;`)).toEqual(['a']);
    expect(await names(`export const one = ${small('a')}; export const helper = () => 1;`)).toEqual(['a']);
    expect(await names(`module.exports = ${small('a')}`, 'mine.cjs')).toEqual(['a']);
    expect(await names(`exports.one = ${small('a')}; exports.two = ${small('b')}`, 'mine.cjs')).toEqual([
      'a',
      'b',
    ]);
  });

  it('that exports no factory, or a mistaken one, is refused with what is wrong', async () => {
    const mistakes: readonly (readonly [string, string])[] = [
      ['export const a = 1', 'exports no factory'],
      [
        `export default { name: 'Mine', kind: 'file', createFile() {} }`,
        'default: name: expected lower-case',
      ],
      [
        `export default { name: 'mine', kind: 'executable', modes: ['PostCommitReader'] }`,
        'execute: required',
      ],
      [
        `export default { name: 'mine', kind: 'file', modes: [], createFile: 'x' }`,
        'createFile: expected a function',
      ],
      [`export default { name: 'mine', kind: 'program', execute() {} }`, 'kind: expected'],
      [executable('execute() {}, prepar() {}'), 'prepar: unknown key'],
      [executable('execute() {},', 'description: 7,'), 'description: expected string, got 7'],
      [
        `export default { name: 'mine', kind: 'executable', modes: ['Reader'], execute() {} }`,
        'modes[0]: expected',
      ],
      [`export default [${small('a')}, ${small('a')}]`, 'two factories named a'],
      [`export default [1]`, 'default[0]'],
    ];
    for (const [source, message] of mistakes) {
      const factories = await load(source);
      expect(isLeft(factories) ? describeFactoryError(factories.left) : 'accepted').toContain(message);
    }
  });
});
