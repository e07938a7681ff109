import { beforeEach, expect, it } from 'vitest';
import { createReader } from '../../../src/tinyfs/reading/create-reader.js';
import { bytes, failure, ok } from '../expectations.js';
import type { TestPond } from '../test-pond.js';

export const globGuarantees = (pond: () => TestPond): void => {
  beforeEach(async () => {
    await pond().write(async (fs) => {
      for (const directory of ['/a/b/c', '/a/.hidden', '/x y', '/é']) await ok(fs.mkdirAll(directory));
      for (const path of ['/a/1.csv', '/a/2.csv', '/a/b/3.csv', '/a/b/c/4.csv', '/a/.hidden/.5', '/top.csv'])
        await ok(fs.write(path, bytes(path)));
      for (const name of [
        '[1].csv',
        'a{b}',
        '*',
        '🐟',
        'q?',
        'back\\slash',
        'x (1).txt',
        '!no',
        'line\nbreak',
      ])
        await ok(fs.write(`/x y/${name}`, bytes('')));
      await ok(fs.symlink('/a/b', '/link'));
      await ok(fs.symlink('/nowhere', '/dangling'));
    });
  });

  const matches = async (pattern: string) =>
    (await ok((await pond().reader()).collectMatches(pattern))).entries.map(({ path }) => path);

  it.each([
    ['/a/*', ['/a/.hidden', '/a/1.csv', '/a/2.csv', '/a/b']],
    ['/a/*.csv', ['/a/1.csv', '/a/2.csv']],
    ['/*/*.csv', ['/a/1.csv', '/a/2.csv', '/link/3.csv', '/x y/[1].csv']],
    ['/a/**/*.csv', ['/a/1.csv', '/a/2.csv', '/a/b/3.csv', '/a/b/c/4.csv']],
    ['/**/*.csv', ['/a/1.csv', '/a/2.csv', '/a/b/3.csv', '/a/b/c/4.csv', '/top.csv', '/x y/[1].csv']],
    ['/a/b/**', ['/a/b/3.csv', '/a/b/c', '/a/b/c/4.csv']],
    ['/a/**/c/**', ['/a/b/c/4.csv']],
    ['/**/b', ['/a/b']],
    ['/**/**/b/**/*.csv', ['/a/b/3.csv', '/a/b/c/4.csv']],
    ['/a/?.csv', ['/a/1.csv', '/a/2.csv']],
    ['/a/[12].csv', ['/a/1.csv', '/a/2.csv']],
    ['/a/[!1].csv', ['/a/2.csv']],
    ['/a/[^1].csv', ['/a/2.csv']],
    ['/a/[2-9].csv', ['/a/2.csv']],
    ['/a/{1,2,3}.csv', ['/a/1.csv', '/a/2.csv']],
    ['/a/{1..2}.csv', ['/a/1.csv', '/a/2.csv']],
    ['/{a/b,x y}/*.csv', ['/a/b/3.csv', '/x y/[1].csv']],
    ['/{a,a/{b,b/c}}/*.csv', ['/a/1.csv', '/a/2.csv', '/a/b/3.csv', '/a/b/c/4.csv']],
    ['/a/.*', ['/a/.hidden']],
    ['/a/1.csv', ['/a/1.csv']],
    ['/a/1.csv/', ['/a/1.csv']],
    ['/a/missing', []],
    ['/a/1.csv/*', []],
    ['/missing/**', []],
    ['/', ['/']],
    ['/*', ['/a', '/dangling', '/link', '/top.csv', '/x y', '/é']],
    ['*', ['/a', '/dangling', '/link', '/top.csv', '/x y', '/é']],
    ['a/1.*', ['/a/1.csv']],
    ['/link/*', ['/link/3.csv', '/link/c']],
    ['/link/**', ['/link/3.csv', '/link/c', '/link/c/4.csv']],
    ['/dangling/*', []],
    ['/x y/[1].csv', ['/x y/[1].csv']],
    ['/x y/a{b}', ['/x y/a{b}']],
    ['/x y/?', ['/x y/*', '/x y/🐟']],
    ['/x y/\\*', ['/x y/*']],
    ['/x y/q\\?', ['/x y/q?']],
    ['/x y/back\\\\*', ['/x y/back\\slash']],
    ['/x y/*(1).txt', ['/x y/x (1).txt']],
    ['/x y/!*', ['/x y/!no']],
    ['/x y/line*', ['/x y/line\nbreak']],
    ['/x y/[', []],
    ['/x y/{', []],
    ['/A/*', []],
  ])('finds for %j exactly what it stands for', async (pattern, expected) => {
    expect(await matches(pattern)).toEqual(expected);
  });

  it('shows a link that matches as itself', async () => {
    const { entries } = await ok((await pond().reader()).collectMatches('/dang*'));
    expect(entries).toMatchObject([{ entryType: 'symlink', linkTarget: '/nowhere' }]);
  });

  it('refuses patterns that cannot be matched', async () => {
    const reader = await pond().reader();
    expect(await failure(reader.collectMatches(''))).toMatchObject({ _tag: 'InvalidPath', problem: 'empty' });
    expect(await failure(reader.collectMatches('/a/../*'))).toMatchObject({ problem: 'parent-traversal' });
    expect(await failure(reader.collectMatches('/a\0*'))).toMatchObject({ problem: 'nul-byte' });
    for (const pattern of ['/{1..1000000000}', `/${'{a,b}'.repeat(30)}`, `/${'*'.repeat(5000)}`])
      expect(await failure(reader.collectMatches(pattern))).toMatchObject({
        _tag: 'InvalidPattern',
        pattern,
      });
  });

  it('takes a pattern made to be slow in its stride', async () => {
    await pond().write((fs) => ok(fs.write(`/${'a'.repeat(255)}`, bytes(''))));
    expect(await matches(`/${'*a'.repeat(60)}*b`)).toEqual([]);
  });

  it('goes through dynamic directories, and reports those that are broken', async () => {
    await pond().write(async (fs) => {
      await ok(fs.createDynamicPath('/a/dyn', 'directory:dynamic', 'nested', bytes('x')));
      await ok(fs.createDynamicPath('/a/broken', 'directory:dynamic', 'broken', bytes('')));
      await ok(fs.createDynamicPath('/unknown', 'directory:dynamic', 'no-such', bytes('')));
    });
    const reader = await pond().reader();
    const found = await ok(reader.collectMatches('/**/*.txt'));
    expect(found.entries.map(({ path }) => path)).toEqual([
      '/a/dyn/inner/deep.txt',
      '/a/dyn/inner/deeper/x.txt',
      '/a/dyn/top.txt',
      '/x y/x (1).txt',
    ]);
    expect(found.unreadable.map(({ path, error }) => [path, error._tag])).toEqual([
      ['/a/broken', 'DynamicNodeFailed'],
      ['/unknown', 'UnknownFactory'],
    ]);
    expect((await ok(reader.collectMatches('/a/d*/inner/*.txt'))).entries).toHaveLength(1);
    expect(await ok(reader.collectMatches('/a/broken/x'))).toMatchObject({
      entries: [],
      unreadable: [{ path: '/a/broken' }],
    });
  });

  it('hands over matches one by one in the order of their paths, and no more once it is told that it is enough', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdirAll('/order/a'));
      for (const path of ['/order/a-b', '/order/a/x', '/order/a/y', '/order/a0', '/order/a!'])
        await ok(fs.write(path, bytes(path)));
    });
    const reader = await pond().reader();
    const handed: string[] = [];
    await ok(reader.eachMatch('/order/**', ({ path }) => handed.push(path)));
    const paths = ['/order/a', '/order/a!', '/order/a-b', '/order/a/x', '/order/a/y', '/order/a0'];
    expect(handed).toEqual(paths);
    const some: string[] = [];
    await ok(
      reader.eachMatch('/order/**', async ({ path }) => {
        some.push(path);
        await Promise.resolve();
        return path !== '/order/a/x';
      }),
    );
    expect(some).toEqual(paths.slice(0, 4));
  });

  it('looks only where matches can be', async () => {
    await pond().write((fs) => ok(fs.createDynamicPath('/é/dyn', 'directory:dynamic', 'nested', bytes('x'))));
    const asked: string[] = [];
    const view = await pond().view();
    const reader = createReader(
      {
        ...view,
        rowsOf: (partId) => {
          asked.push(partId);
          return view.rowsOf(partId);
        },
      },
      pond().factories.load,
    );
    await ok(reader.collectMatches('/a/b/**'));
    await ok(reader.collectMatches('/é/*'));
    // The root, /a, /a/b, /a/b/c, /é.
    expect(asked).toHaveLength(5);
    expect(pond().factories.loaded).toEqual([]);
  });
};
