import { expect, it } from 'vitest';
import { bytes, failure, ok } from '../expectations.js';
import type { TestPond } from '../test-pond.js';

export const symlinkGuarantees = (pond: () => TestPond): void => {
  it('follows absolute and relative links, on the way and at the end', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdirAll('/data/raw'));
      await ok(fs.mkdir('/links'));
      await ok(fs.write('/data/raw/x', bytes('1')));
      await ok(fs.symlink('/data', '/links/absolute'));
      await ok(fs.symlink('../data/raw', '/links/relative'));
      await ok(fs.symlink('raw/x', '/data/x'));
    });
    expect(await pond().text('/links/absolute/raw/x')).toBe('1');
    expect(await pond().text('/links/relative/x')).toBe('1');
    expect(await pond().text('/links/absolute/x')).toBe('1');
    const reader = await pond().reader();
    expect((await ok(reader.list('/links/relative'))).map(({ path }) => path)).toEqual(['/links/relative/x']);
    expect(await ok(reader.stat('/data/x'))).toMatchObject({ path: '/data/x', entryType: 'file', size: 1 });
  });

  it('takes `..` in a target from where the link really is', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdirAll('/a/b'));
      await ok(fs.write('/a/here', bytes('right')));
      await ok(fs.write('/here', bytes('wrong')));
      await ok(fs.symlink('../here', '/a/b/link'));
      await ok(fs.symlink('/a/b', '/shortcut'));
    });
    expect(await pond().text('/shortcut/link')).toBe('right');
  });

  it('shows a link as itself where asked to', async () => {
    await pond().write(async (fs) => {
      await ok(fs.write('/f', bytes('1')));
      await ok(fs.symlink('f', '/l'));
    });
    const reader = await pond().reader();
    expect(await ok(reader.lstat('/l'))).toMatchObject({ entryType: 'symlink', linkTarget: 'f', size: 1 });
    expect(await ok(reader.readLink('/l'))).toBe('f');
    expect((await ok(reader.list('/'))).map((entry) => entry.linkTarget)).toEqual([null, 'f']);
  });

  it('lets a link dangle, and writes through it', async () => {
    const { fs, abort } = await pond().begin();
    await ok(fs.mkdir('/d'));
    await ok(fs.symlink('d/new', '/l'));
    expect(await ok(fs.exists('/l'))).toBe(false);
    expect(await failure(fs.read('/l'))).toEqual({ _tag: 'PathNotFound', path: '/l', missing: 'new' });
    expect(await failure(fs.mkdir('/l'))).toMatchObject({ _tag: 'PathExists', entryType: 'symlink' });
    await ok(fs.write('/l', bytes('through')));
    expect(Buffer.from(await ok(fs.readBytes('/d/new'))).toString()).toBe('through');
    expect((await ok(fs.lstat('/l'))).entryType).toBe('symlink');
    await abort();
  });

  it('refuses a loop, and a chain of more than 40 links', async () => {
    const { fs, abort } = await pond().begin();
    await ok(fs.symlink('/b', '/a'));
    await ok(fs.symlink('/a', '/b'));
    await ok(fs.symlink('self', '/self'));
    for (const path of ['/a', '/b', '/self', '/a/x'])
      expect(await failure(fs.stat(path))).toEqual({ _tag: 'SymlinkLoop', path });
    expect((await ok(fs.lstat('/a'))).entryType).toBe('symlink');
    await ok(fs.write('/chain-0', bytes('end')));
    for (let n = 1; n <= 41; n += 1) await ok(fs.symlink(`chain-${n - 1}`, `/chain-${n}`));
    expect(await ok(fs.exists('/chain-40'))).toBe(true);
    expect(await failure(fs.stat('/chain-41'))).toEqual({ _tag: 'SymlinkLoop', path: '/chain-41' });
    await abort();
  });

  it('makes no link over anything, nor one without a target', async () => {
    const { fs, abort } = await pond().begin();
    await ok(fs.symlink('x', '/l'));
    await ok(fs.mkdir('/d'));
    expect(await failure(fs.symlink('y', '/l'))).toEqual({
      _tag: 'PathExists',
      path: '/l',
      entryType: 'symlink',
    });
    expect(await failure(fs.symlink('y', '/d'))).toMatchObject({ _tag: 'PathExists' });
    expect(await failure(fs.symlink('y', '/'))).toMatchObject({ _tag: 'PathExists' });
    expect(await failure(fs.symlink('', '/n'))).toMatchObject({ _tag: 'InvalidPath', problem: 'empty' });
    expect(await failure(fs.symlink('a\0', '/n'))).toMatchObject({ _tag: 'InvalidPath' });
    await abort();
  });

  it('keeps the target through renames', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdir('/d'));
      await ok(fs.write('/f', bytes('1')));
      await ok(fs.symlink('/f', '/l'));
    });
    await pond().write((fs) => ok(fs.rename('/l', '/m')));
    await pond().write((fs) => ok(fs.rename('/m', '/d/n')));
    expect(await ok((await pond().reader()).readLink('/d/n'))).toBe('/f');
    expect(await pond().text('/d/n')).toBe('1');
  });
};
