import { join } from 'node:path';
import * as fc from 'fast-check';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import { type ContentEntry, contentRoot } from '../../src/domain/tree/content-root.js';
import { type PondWriter, Steward } from '../../src/index.js';
import { prop } from '../support/prop.js';
import { seriesVersion } from '../support/series-version.js';
import { bytesOf, must, temporaryDirectory, write } from './sample-pond.js';

type Change = (fs: PondWriter) => ReturnType<PondWriter['mkdirAll']>;

const text = (content: string) => Buffer.from(content);
const file =
  (path: string, content: string | Uint8Array): Parameters<typeof write>[1] =>
  (fs) =>
    fs.write(path, typeof content === 'string' ? text(content) : content);

/** The content root of a new pond in which these transactions were made. */
const rootAfter = async (
  transactions: readonly (readonly Parameters<typeof write>[1][])[],
): Promise<string> => {
  const directory = join(temporaryDirectory(), 'pond');
  await must(Steward.init(directory));
  await must(
    Steward.using(directory, (pond) =>
      TE.tryCatch(
        async () => {
          for (const changes of transactions) await write(pond, ...changes);
        },
        (error) => error,
      ),
    ),
  );
  const { contentRoot: root, findings } = await must(Steward.fsck(directory));
  expect(findings).toEqual([]);
  return root ?? 'none';
};

const mkdir =
  (path: string): Change =>
  (fs) =>
    fs.mkdirAll(path);
const dynamic =
  (factory: string, config: string): Parameters<typeof write>[1] =>
  (fs) =>
    fs.createDynamicPath('/made', 'file:dynamic', factory, text(config), { overwrite: true });
const symlink =
  (target: string): Parameters<typeof write>[1] =>
  (fs) =>
    fs.symlink(target, '/link');
const series =
  (content: string): Parameters<typeof write>[1] =>
  (fs) =>
    fs.write('/series', seriesVersion(content), { entryType: 'series' });

const BIG = bytesOf(70_000, 'big');

describe('ponds with the same content have the same root', () => {
  it('whatever the order of the writes, the names that were used before, and what was there for a while', async () => {
    const straight = await rootAfter([
      [
        mkdir('/a/b'),
        file('/a/b/small', 'small'),
        file('/a/big', BIG),
        symlink('/a/big'),
        dynamic('test-file', 'content: x'),
      ],
      [series('one'), series('two')],
    ]);
    const crooked = await rootAfter([
      [series('one')],
      [mkdir('/later'), file('/later/other', 'first version'), file('/gone', 'for a while')],
      [dynamic('test-file', 'content: before'), symlink('/somewhere')],
      [(fs) => fs.rename('/later', '/a'), (fs) => fs.remove('/link')],
      [dynamic('test-file', 'content: x'), symlink('/a/big'), file('/a/other', 'small')],
      [mkdir('/a/b'), (fs) => fs.rename('/a/other', '/a/b/small'), (fs) => fs.remove('/gone')],
      // Enough commits for files to be merged.
      ...Array.from({ length: 12 }, (_, day) => [file('/tmp', `day ${day}`)]),
      [(fs: PondWriter) => fs.remove('/tmp'), file('/a/big', BIG)],
      [series('two')],
    ]);
    expect(crooked).toBe(straight);
  });

  it('whether a content is inside a row or a blob', async () => {
    const many = Array.from({ length: 560 }, (_, part) => `/many/${part}`);
    const large = bytesOf(60_000, 'large');
    const inBlob = await rootAfter([
      // Beyond 32 MiB of one transaction small contents are blobs, too.
      [
        mkdir('/many'),
        ...many.map((path) => file(path, Buffer.concat([text(path), large]))),
        file('/last', 'small'),
      ],
      [(fs) => fs.remove('/many', { recursive: true })],
    ]);
    expect(inBlob).toBe(await rootAfter([[file('/last', 'small')]]));
  });
});

describe('a single change of content changes the root', () => {
  const base = [
    [
      mkdir('/a'),
      file('/a/f', 'content'),
      symlink('/a'),
      dynamic('test-file', 'content: x'),
      series('one'),
      series('two'),
    ],
  ];
  let rootOfBase: string | null = null;

  it.each<[string, readonly Parameters<typeof write>[1][]]>([
    ['one byte of a file', [file('/a/f', 'contenT')]],
    ['a name', [(fs) => fs.rename('/a/f', '/a/g')]],
    ['a directory of an entry', [(fs) => fs.rename('/a/f', '/f')]],
    ['an empty directory', [mkdir('/b')]],
    ['an empty file', [file('/b', '')]],
    ['the target of a symlink', [(fs) => fs.remove('/link'), symlink('/b')]],
    ['a configuration', [dynamic('test-file', 'content: y')]],
    ['a factory', [dynamic('test-executor', 'content: x')]],
    ['one more version of a series', [series('three')]],
    ['an entry that is gone', [(fs) => fs.remove('/a/f')]],
    [
      'an entry type',
      [
        (fs) => fs.remove('/a/f'),
        (fs) => fs.write('/a/f', seriesVersion('content'), { entryType: 'series' }),
      ],
    ],
  ])('%s', async (_, changes) => {
    rootOfBase ??= await rootAfter(base);
    expect(await rootAfter([...base, changes])).not.toBe(rootOfBase);
  });
});

const digest = fc.stringMatching(/^[0-9a-f]{64}$/);
const anyEntry: fc.Arbitrary<ContentEntry> = fc.record({
  path: fc
    .array(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 3 })
    .map((names) => `/${names.join('/')}`),
  type: fc.constantFrom('file', 'directory', 'symlink', 'series', 'file:dynamic'),
  factory: fc.option(fc.string({ maxLength: 4 })),
  digests: fc.array(digest, { maxLength: 2 }),
});
const anyTree = fc.uniqueArray(anyEntry, { selector: ({ path }) => path, minLength: 1, maxLength: 8 });

/** Planted faults that these laws caught when they were written: entries hashed in the given order; the factory left out. */
describe('the root of entries', () => {
  prop([anyTree, fc.infiniteStream(fc.nat())])('does not depend on their order', (entries, numbers) => {
    const shuffled = entries
      .map((entry) => ({ entry, key: numbers.next().value ?? 0 }))
      .sort((a, b) => a.key - b.key)
      .map(({ entry }) => entry);
    expect(contentRoot(shuffled)).toBe(contentRoot(entries));
  });

  prop([anyTree, anyTree])('differs where the entries differ', (a, b) => {
    const plain = (entries: readonly ContentEntry[]) =>
      JSON.stringify(
        entries.map(({ path, type, factory, digests }) => [path, type, factory, digests]).sort(),
      );
    expect(contentRoot(a) === contentRoot(b)).toBe(plain(a) === plain(b));
  });

  prop([anyTree, fc.nat(), anyEntry, fc.constantFrom('path', 'type', 'factory', 'digests')])(
    'differs when one entry changes in one thing',
    (entries, at, other, field) => {
      const index = at % entries.length;
      const changed = entries.map((entry, i) => (i === index ? { ...entry, [field]: other[field] } : entry));
      fc.pre(JSON.stringify(changed[index]) !== JSON.stringify(entries[index]));
      fc.pre(new Set(changed.map(({ path }) => path)).size === changed.length);
      expect(contentRoot(changed)).not.toBe(contentRoot(entries));
    },
  );
});

it('is defined by the lines that the documentation gives', () => {
  // sha256 of "pond-content-root 1\n" + '["/a","directory",null,[]]\n' + '["/a/f","file",null,["00…"]]\n'
  const zeros = '0'.repeat(64);
  expect(
    contentRoot([
      { path: '/a/f', type: 'file', factory: null, digests: [zeros] },
      { path: '/a', type: 'directory', factory: null, digests: [] },
    ]),
  ).toBe('9897d50037c78f45b1ad5b0cc33955702d0f2cbaa1245e4d628f83690e5b2061');
});
