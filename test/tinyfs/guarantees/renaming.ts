import { expect, it } from 'vitest';
import { bytes, failure, ok } from '../expectations.js';
import type { TestPond } from '../test-pond.js';

export const renameGuarantees = (pond: () => TestPond): void => {
  it('keeps the node, its content and its versions', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdir('/d'));
      await ok(fs.write('/a', bytes('one')));
    });
    const before = await ok((await pond().reader()).stat('/a'));
    await pond().write((fs) => ok(fs.rename('/a', '/b')));
    await pond().write((fs) => ok(fs.rename('/b', '/d/c')));
    await pond().write((fs) => ok(fs.write('/d/c', bytes('two'))));
    await pond().write((fs) => ok(fs.rename('/d/c', '/b')));
    const reader = await pond().reader();
    expect(await ok(reader.stat('/b'))).toMatchObject({ nodeId: before.nodeId, size: 3 });
    expect(await pond().text('/b')).toBe('two');
    expect(await ok(reader.exists('/d/c'))).toBe(false);
    expect(await pond().text('/a', 1)).toBe('one');
    expect(await pond().text('/b', 2)).toBe('one');
    expect(await pond().text('/d/c', 3)).toBe('one');
    expect((await ok(reader.versions('/b'))).map(({ version }) => version)).toEqual([1, 5]);
    expect(Buffer.from(await ok(reader.readBytes('/b'))).toString()).toBe('two');
  });

  it('gives a version that a rename made the content of the one before', async () => {
    await pond().write((fs) => ok(fs.write('/a', bytes('one'))));
    await pond().write((fs) => ok(fs.rename('/a', '/b')));
    const reader = await pond().reader();
    const { version } = await ok(reader.stat('/b'));
    const stream = await ok(reader.read('/b', { version }));
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe('one');
  });

  it('moves what the same transaction made with all that was said of it, and more can be written there', async () => {
    const said = { attributes: '{"a":1}', minEventTime: 1, maxEventTime: 2 };
    const { rows } = await pond().write(async (fs) => {
      await ok(fs.mkdir('/d'));
      await ok(fs.write('/f', bytes('one'), said));
      await ok(fs.createDynamicPath('/dyn', 'file:dynamic', 'lines', bytes('a')));
      await ok(fs.appendToSeries('/s', bytes('one'), said));
      for (const name of ['f', 'dyn', 's']) await ok(fs.rename(`/${name}`, `/d/${name}-moved`));
      await ok(fs.appendToSeries('/d/s-moved', bytes('two')));
    });
    expect(rows.filter(({ storageFormat }) => storageFormat === 'inline')).toEqual([
      expect.objectContaining({ name: 'f-moved', version: 1, ...said }),
      expect.objectContaining({ name: 'dyn-moved', version: 1, factory: 'lines' }),
      expect.objectContaining({ name: 's-moved', version: 1, ...said }),
      expect.objectContaining({ name: 's-moved', version: 2, attributes: said.attributes }),
    ]);
    expect(await pond().text('/d/f-moved')).toBe('one');
  });

  it('moves what the same transaction made or wrote, without losing it', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdir('/old'));
      await ok(fs.write('/old/w', bytes('old')));
      await ok(fs.appendToSeries('/old/s', bytes('1')));
    });
    await pond().write(async (fs) => {
      await ok(fs.mkdirAll('/a/sub'));
      await ok(fs.mkdir('/b'));
      await ok(fs.write('/a/x', bytes('x')));
      await ok(fs.write('/a/sub/y', bytes('y'.repeat(100_000))));
      await ok(fs.rename('/a/x', '/b/x'));
      await ok(fs.rename('/a', '/b/a'));
      await ok(fs.write('/old/w', bytes('new')));
      await ok(fs.rename('/old/w', '/b/w'));
      await ok(fs.appendToSeries('/old/s', bytes('2')));
      await ok(fs.rename('/old/s', '/b/s'));
      await ok(fs.appendToSeries('/b/s', bytes('3')));
      expect(Buffer.from(await ok(fs.readBytes('/b/w'))).toString()).toBe('new');
    });
    expect(await pond().text('/b/x')).toBe('x');
    expect(await pond().text('/b/a/sub/y')).toBe('y'.repeat(100_000));
    expect(await pond().text('/b/w')).toBe('new');
    expect(await pond().text('/b/s')).toBe('123');
    expect(await ok((await pond().reader()).exists('/a'))).toBe(false);
    expect(await ok((await pond().reader()).list('/old'))).toEqual([]);
  });

  it('lets an existing directory take the entry in, also behind a symlink', async () => {
    const { fs, abort } = await pond().begin();
    await ok(fs.mkdirAll('/d/e'));
    await ok(fs.write('/f', bytes('f')));
    await ok(fs.write('/g', bytes('g')));
    await ok(fs.symlink('/d/e', '/l'));
    await ok(fs.rename('/f', '/d'));
    await ok(fs.rename('/g', '/l'));
    await ok(fs.rename('/d/f', '/'));
    expect((await ok(fs.collectMatches('/**'))).entries.map(({ path }) => path)).toEqual([
      '/d',
      '/d/e',
      '/d/e/g',
      '/f',
      '/l',
    ]);
    await abort();
  });

  it('replaces an entry of the same type, and no other', async () => {
    await pond().write(async (fs) => {
      await ok(fs.write('/new', bytes('new')));
      await ok(fs.write('/old', bytes('old')));
      await ok(fs.write('/table', bytes('t'), { entryType: 'table' }));
      await ok(fs.mkdirAll('/d/x'));
      await ok(fs.mkdir('/x'));
      await ok(fs.createDynamicPath('/dyn', 'directory:dynamic', 'lines', bytes('a')));
    });
    const { fs, abort } = await pond().begin();
    const { nodeId } = await ok(fs.stat('/new'));
    await ok(fs.rename('/new', '/old'));
    expect(await ok(fs.stat('/old'))).toMatchObject({ nodeId, size: 3 });
    expect(await failure(fs.rename('/old', '/table'))).toEqual({
      _tag: 'WrongEntryType',
      path: '/table',
      expected: 'file',
      found: 'table',
    });
    expect(await failure(fs.rename('/x', '/d'))).toEqual({
      _tag: 'PathExists',
      path: '/d/x',
      entryType: 'directory',
    });
    expect(await failure(fs.rename('/d', '/old'))).toMatchObject({ _tag: 'WrongEntryType' });
    expect(await failure(fs.rename('/old', '/dyn'))).toEqual({
      _tag: 'ReadOnlyPath',
      path: '/dyn',
      factory: 'lines',
    });
    expect(await failure(fs.rename('/old', '/dyn/x'))).toMatchObject({ _tag: 'ReadOnlyPath' });
    expect(await failure(fs.rename('/dyn/a', '/b'))).toMatchObject({ _tag: 'ReadOnlyPath' });
    await abort();
  });

  it('refuses what cannot be moved', async () => {
    const { fs, abort } = await pond().begin();
    await ok(fs.mkdirAll('/d/e'));
    await ok(fs.symlink('/d/e', '/l'));
    expect(await failure(fs.rename('/d', '/d/e'))).toEqual({
      _tag: 'MoveIntoItself',
      from: '/d',
      to: '/d/e',
      call: 'rename',
    });
    expect(await failure(fs.rename('/d', '/d/e/f'))).toMatchObject({ _tag: 'MoveIntoItself' });
    expect(await failure(fs.rename('/d', '/l'))).toMatchObject({ _tag: 'MoveIntoItself' });
    expect(await failure(fs.rename('/', '/x'))).toEqual({ _tag: 'RootRefused', call: 'rename' });
    expect(await failure(fs.rename('/nowhere', '/x'))).toMatchObject({
      _tag: 'PathNotFound',
      missing: 'nowhere',
    });
    expect(await failure(fs.rename('/d', '/x/y'))).toMatchObject({ _tag: 'PathNotFound', missing: 'x' });
    await abort();
  });

  it('knows that moving onto itself is not a change', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdirAll('/d/e'));
      await ok(fs.write('/d/f', bytes('1')));
      await ok(fs.symlink('/d', '/l'));
    });
    const { rows, changes } = await pond().write(async (fs) => {
      for (const path of ['/d', '/d/e', '/d/f', '/l']) await ok(fs.rename(path, path));
      await ok(fs.rename('/d/f', '/d'));
      await ok(fs.rename('/d/f', '/l/f'));
      await ok(fs.rename('/d/f', '/d/g'));
      await ok(fs.rename('/d/g', '/d/f'));
      await ok(fs.rename('/d/e', '/moved'));
      await ok(fs.rename('/moved', '/d/e'));
    });
    expect(rows).toEqual([]);
    expect(changes).toEqual([]);
  });

  it('swaps two entries', async () => {
    await pond().write(async (fs) => {
      await ok(fs.write('/a', bytes('a')));
      await ok(fs.write('/b', bytes('b')));
    });
    await pond().write(async (fs) => {
      await ok(fs.rename('/a', '/t'));
      await ok(fs.rename('/b', '/a'));
      await ok(fs.rename('/t', '/b'));
    });
    expect([await pond().text('/a'), await pond().text('/b')]).toEqual(['b', 'a']);
  });
};
