import { expect, it } from 'vitest';
import { remedyForPondError } from '../../../src/documents/remedy.js';
import { bytes, failure, ok } from '../expectations.js';
import type { TestPond } from '../test-pond.js';

export const pathGuarantees = (pond: () => TestPond): void => {
  it('shows an empty root before anything is written', async () => {
    await pond().write(async () => undefined);
    const reader = await pond().reader();
    expect(await ok(reader.list('/'))).toEqual([]);
    expect(await ok(reader.stat('/'))).toMatchObject({
      path: '/',
      name: '',
      entryType: 'directory',
      nodeId: null,
    });
  });

  it.each([
    ['/../a', 'parent-traversal'],
    ['/a/../b', 'parent-traversal'],
    ['', 'empty'],
    ['/a\0b', 'nul-byte'],
    [`/${'n'.repeat(256)}`, 'name-too-long'],
    [`/${'é'.repeat(128)}`, 'name-too-long'],
    [`/a${'/nnnnnnnnn'.repeat(410)}`, 'path-too-long'],
  ])('refuses the malformed path %j', async (path, problem) => {
    const { fs, abort } = await pond().begin();
    const invalid = { _tag: 'InvalidPath', path, problem };
    expect(await failure(fs.stat(path))).toEqual(invalid);
    expect(await failure(fs.list(path))).toEqual(invalid);
    expect(await failure(fs.mkdir(path))).toEqual(invalid);
    expect(await failure(fs.mkdirAll(path))).toEqual(invalid);
    expect(await failure(fs.write(path, bytes('x')))).toEqual(invalid);
    expect(await failure(fs.remove(path))).toEqual(invalid);
    expect(await failure(fs.rename(path, '/x'))).toEqual(invalid);
    expect(await failure(fs.rename('/x', path))).toEqual(invalid);
    expect(await failure(fs.exists(path))).toEqual(invalid);
    await abort();
  });

  it.each([
    'with space',
    '.hidden',
    'a.b.c',
    'line\nbreak',
    '名前 🐟',
    '"quoted"',
    "it's",
    'back\\slash',
    '*',
    '[x]',
    '{a,b}',
    '-rf',
    'é',
    'n'.repeat(255),
    '__proto__',
    'constructor',
  ])('keeps the name %j as it is', async (name) => {
    await pond().write(async (fs) => {
      await ok(fs.mkdir(`/${name}`));
      await ok(fs.write(`/${name}/${name}`, bytes(name)));
    });
    const reader = await pond().reader();
    expect((await ok(reader.list('/'))).map((entry) => entry.name)).toEqual([name]);
    expect(await pond().text(`/${name}/${name}`)).toBe(name);
  });

  it('normalises trailing and repeated slashes and single dots', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdirAll('//a/./b//'));
      await ok(fs.write('/a/b/c/', bytes('1')));
    });
    expect(await pond().text('/a//b/./c')).toBe('1');
    expect((await ok((await pond().reader()).stat('/a/b/c/'))).path).toBe('/a/b/c');
  });

  it('names the first missing name on the way', async () => {
    const { fs, abort } = await pond().begin();
    await ok(fs.mkdir('/a'));
    const missing = { _tag: 'PathNotFound', path: '/a/b/c', missing: 'b' };
    expect(await failure(fs.stat('/a/b/c'))).toEqual(missing);
    expect(await failure(fs.remove('/a/b/c'))).toEqual(missing);
    // What is to be made lacks a directory.
    const lacking = { ...missing, lacksParent: true };
    expect(await failure(fs.write('/a/b/c', bytes('')))).toEqual(lacking);
    expect(await failure(fs.mkdir('/a/b/c'))).toEqual(lacking);
    expect(remedyForPondError(await failure(fs.mkdir('/a/b/c')))).toContain('pond mkdir -p');
    expect(remedyForPondError(await failure(fs.stat('/a/b/c')))).toBe('pond list shows what is there');
    expect(await failure(fs.stat('/a/b'))).toEqual({ _tag: 'PathNotFound', path: '/a/b', missing: 'b' });
    expect(await ok(fs.exists('/a/b/c'))).toBe(false);
    expect(await ok(fs.exists('/a'))).toBe(true);
    await abort();
  });

  it('refuses a file as a directory and a directory as a file', async () => {
    const { fs, abort } = await pond().begin();
    await ok(fs.write('/f', bytes('1')));
    await ok(fs.mkdir('/d'));
    const notADirectory = { _tag: 'NotADirectory', path: '/f', entryType: 'file' };
    expect(await failure(fs.stat('/f/x'))).toEqual(notADirectory);
    expect(await failure(fs.list('/f'))).toEqual(notADirectory);
    expect(await failure(fs.write('/f/x', bytes('')))).toEqual(notADirectory);
    expect(await failure(fs.mkdirAll('/f/x/y'))).toEqual(notADirectory);
    expect(await failure(fs.withWorkingDirectory('/f'))).toEqual(notADirectory);
    expect(await ok(fs.exists('/f/x'))).toBe(false);
    expect(await failure(fs.mkdir('/f'))).toEqual({ _tag: 'PathExists', path: '/f', entryType: 'file' });
    expect(await failure(fs.read('/d'))).toEqual({ _tag: 'IsADirectory', path: '/d' });
    expect(await failure(fs.readBytes('/'))).toEqual({ _tag: 'IsADirectory', path: '/' });
    expect(await failure(fs.write('/d', bytes('')))).toEqual({ _tag: 'IsADirectory', path: '/d' });
    expect(await failure(fs.write('/', bytes('')))).toEqual({ _tag: 'RootRefused', call: 'write' });
    expect(await failure(fs.versions('/d'))).toEqual({ _tag: 'IsADirectory', path: '/d' });
    expect(await failure(fs.readLink('/f'))).toMatchObject({ _tag: 'WrongEntryType', found: 'file' });
    expect(await failure(fs.getDynamicNodeConfig('/f'))).toMatchObject({ _tag: 'NotDynamic' });
    await abort();
  });

  it('says whether a directory was made', async () => {
    const { fs, abort } = await pond().begin();
    expect(await ok(fs.mkdir('/a'))).toBe(true);
    expect(await ok(fs.mkdir('/a'))).toBe(false);
    expect(await ok(fs.mkdir('/'))).toBe(false);
    expect(await ok(fs.mkdirAll('/a/b/c'))).toBe(true);
    expect(await ok(fs.mkdirAll('/a/b/c'))).toBe(false);
    await abort();
  });

  it('takes relative paths from the working directory', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdirAll('/a/b'));
      const inA = await ok(fs.withWorkingDirectory('a'));
      await ok(inA.write('b/x', bytes('1')));
      await ok(inA.rename('b/x', 'y'));
      const inB = await ok(inA.withWorkingDirectory('b'));
      await ok(inB.write('z', bytes('2')));
    });
    const inA = await ok((await pond().reader()).withWorkingDirectory('/a/'));
    expect((await ok(inA.stat('y'))).path).toBe('/a/y');
    expect((await ok(inA.list('.'))).map(({ path }) => path)).toEqual(['/a/b', '/a/y']);
    expect((await ok(inA.collectMatches('*/z'))).entries.map(({ path }) => path)).toEqual(['/a/b/z']);
    expect(await failure(inA.withWorkingDirectory('nowhere'))).toMatchObject({ _tag: 'PathNotFound' });
  });

  it('lists names in the order of their bytes', async () => {
    const names = ['b', 'a', 'B', 'é', '\u{1F41F}', '\uFF5E', '_', 'a.b', 'a b'];
    await pond().write(async (fs) => {
      for (const name of names) await ok(fs.write(`/${name}`, bytes('')));
    });
    const listed = (await ok((await pond().reader()).list('/'))).map(({ name }) => name);
    expect(listed).toEqual(['B', '_', 'a', 'a b', 'a.b', 'b', 'é', '\uFF5E', '\u{1F41F}']);
  });

  it('finds every one of many entries of a directory', async () => {
    const count = 3000;
    await pond().write(async (fs) => {
      for (let n = 0; n < count; n += 1) await ok(fs.write(`/f${n}`, bytes(`${n}`)));
      for (let n = 0; n < count; n += 1) expect((await ok(fs.stat(`/f${n}`))).version).toBe(1);
    });
    const reader = await pond().reader();
    for (let n = 0; n < count; n += 1) expect(await ok(reader.exists(`/f${n}`))).toBe(true);
    expect(await ok(reader.exists(`/f${count}`))).toBe(false);
  });
};
