import { expect, it } from 'vitest';
import { bytes, failure, ok } from '../expectations.js';
import type { TestPond } from '../test-pond.js';

export const removalGuarantees = (pond: () => TestPond): void => {
  it('removes an entry from now on, not from earlier transactions', async () => {
    await pond().write((fs) => ok(fs.write('/f', bytes('1'))));
    await pond().write((fs) => ok(fs.remove('/f')));
    expect(await ok((await pond().reader()).exists('/f'))).toBe(false);
    expect(await pond().text('/f', 1)).toBe('1');
  });

  it('removes a directory that is not empty only when told to', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdirAll('/d/e'));
      await ok(fs.write('/d/e/f', bytes('1')));
    });
    const { rows } = await pond().write(async (fs) => {
      expect(await failure(fs.remove('/d'))).toEqual({ _tag: 'DirectoryNotEmpty', path: '/d' });
      await ok(fs.remove('/d', { recursive: true }));
    });
    expect(rows).toHaveLength(3);
    expect(rows.every((row) => row.deleted && row.storageFormat === 'none')).toBe(true);
    await pond().write(async (fs) => {
      await ok(fs.mkdir('/d'));
      expect(await ok(fs.list('/d'))).toEqual([]);
      await ok(fs.remove('/d'));
    });
  });

  it('removes a symlink, not what it leads to', async () => {
    const { fs, abort } = await pond().begin();
    await ok(fs.mkdir('/d'));
    await ok(fs.write('/d/f', bytes('1')));
    await ok(fs.symlink('/d', '/l'));
    await ok(fs.remove('/l', { recursive: true }));
    expect(await ok(fs.exists('/d/f'))).toBe(true);
    expect(await ok(fs.exists('/l'))).toBe(false);
    await abort();
  });

  it('refuses what cannot be removed', async () => {
    const { fs, abort } = await pond().begin();
    await ok(fs.createDynamicPath('/dyn', 'directory:dynamic', 'lines', bytes('a')));
    expect(await failure(fs.remove('/', { recursive: true }))).toEqual({
      _tag: 'RootRefused',
      call: 'remove',
    });
    expect(await failure(fs.remove('/x'))).toEqual({ _tag: 'PathNotFound', path: '/x', missing: 'x' });
    expect(await failure(fs.remove('/dyn/a'))).toMatchObject({ _tag: 'ReadOnlyPath', factory: 'lines' });
    await ok(fs.remove('/dyn'));
    await abort();
  });

  it('gives a path that is made again a new node, from version 1', async () => {
    await pond().write((fs) => ok(fs.write('/f', bytes('1'))));
    const old = await ok((await pond().reader()).stat('/f'));
    await pond().write(async (fs) => {
      await ok(fs.remove('/f'));
      await ok(fs.write('/f', bytes('2')));
    });
    const now = await ok((await pond().reader()).stat('/f'));
    expect(now.version).toBe(1);
    expect(now.nodeId).not.toBe(old.nodeId);
    expect(await pond().text('/f')).toBe('2');
    expect(await ok((await pond().reader()).versions('/f'))).toHaveLength(1);
  });
};
