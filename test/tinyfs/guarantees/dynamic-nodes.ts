import { expect, it } from 'vitest';
import { bytes, failure, ok, textIn } from '../expectations.js';
import type { TestPond } from '../test-pond.js';

export const dynamicNodeGuarantees = (pond: () => TestPond): void => {
  it('makes a file from a configuration whenever it is read', async () => {
    await pond().write((fs) => ok(fs.createDynamicPath('/f', 'file:dynamic', 'shout', bytes('abc'))));
    expect(await pond().text('/f')).toBe('ABC');
    await pond().write((fs) => ok(fs.updateDynamicNodeConfig('/f', bytes('def'))));
    expect(await pond().text('/f')).toBe('DEF');
    expect(await pond().text('/f', 1)).toBe('ABC');
    const reader = await pond().reader();
    expect(await textIn(await ok(reader.read('/f', { version: 1 })))).toBe('ABC');
    expect(await ok(reader.getDynamicNodeConfig('/f'))).toEqual({ factory: 'shout', config: bytes('def') });
    expect(await ok(reader.stat('/f'))).toMatchObject({
      entryType: 'file:dynamic',
      factory: 'shout',
      size: null,
    });
  });

  it('makes a directory with entries at any depth', async () => {
    await pond().write((fs) => ok(fs.createDynamicPath('/d', 'directory:dynamic', 'nested', bytes('x'))));
    const reader = await pond().reader();
    expect((await ok(reader.list('/d'))).map(({ path, entryType }) => [path, entryType])).toEqual([
      ['/d/inner', 'directory'],
      ['/d/top.txt', 'file'],
    ]);
    expect(await ok(reader.stat('/d/inner/deep.txt'))).toMatchObject({ nodeId: null, version: 0, size: 1 });
    expect(await pond().text('/d/inner/deeper/x.txt')).toBe('x');
    expect(await ok(reader.versions('/d/top.txt'))).toEqual([]);
    expect(await failure(reader.stat('/d/nothing'))).toMatchObject({
      _tag: 'PathNotFound',
      missing: 'nothing',
    });
    expect(await failure(reader.stat('/d/top.txt/x'))).toMatchObject({
      _tag: 'NotADirectory',
      path: '/d/top.txt',
    });
    expect(await failure(reader.read('/d/inner'))).toMatchObject({ _tag: 'IsADirectory' });
    const inside = await ok(reader.withWorkingDirectory('/d/inner'));
    expect(await ok(inside.exists('deep.txt'))).toBe(true);
  });

  it('shows the configuration of an executable node as its content', async () => {
    await pond().write((fs) => ok(fs.createDynamicPath('/run', 'file:dynamic', 'run', bytes('message: hi'))));
    expect(await pond().text('/run')).toBe('message: hi');
  });

  it('loads nothing where a node is only made, listed, looked at, renamed or removed', async () => {
    await pond().write(async (fs) => {
      await ok(fs.createDynamicPath('/d', 'directory:dynamic', 'no-such', bytes('x')));
      await ok(fs.createDynamicPath('/f', 'file:dynamic', 'no-such', bytes('x')));
      await ok(fs.updateDynamicNodeConfig('/f', bytes('y')));
      await ok(fs.rename('/f', '/g'));
    });
    const reader = await pond().reader();
    expect(await ok(reader.list('/'))).toHaveLength(2);
    for (const path of ['/d', '/g']) {
      expect(await ok(reader.stat(path))).toMatchObject({ factory: 'no-such' });
      expect(await ok(reader.lstat(path))).toMatchObject({ factory: 'no-such' });
      await ok(reader.getDynamicNodeConfig(path));
    }
    await pond().write((fs) => ok(fs.remove('/d', { recursive: true })));
    expect(pond().factories.loaded).toEqual([]);
  });

  it('says that a factory is unknown, never that the path is', async () => {
    await pond().write(async (fs) => {
      await ok(fs.createDynamicPath('/d', 'directory:dynamic', 'no-such', bytes('x')));
      await ok(fs.createDynamicPath('/f', 'file:dynamic', 'no-such', bytes('x')));
    });
    const reader = await pond().reader();
    const unknown = { _tag: 'UnknownFactory', factory: 'no-such' };
    expect(await failure(reader.read('/f'))).toMatchObject({ ...unknown, path: '/f' });
    expect(await failure(reader.list('/d'))).toMatchObject({ ...unknown, path: '/d' });
    expect(await failure(reader.read('/d/x'))).toMatchObject(unknown);
    expect(await failure(reader.exists('/d/x'))).toMatchObject(unknown);
  });

  it('tells what a factory did wrong', async () => {
    await pond().write(async (fs) => {
      await ok(fs.createDynamicPath('/broken', 'directory:dynamic', 'broken', bytes('')));
      await ok(fs.createDynamicPath('/ill', 'directory:dynamic', 'ill-named', bytes('')));
      await ok(fs.createDynamicPath('/half', 'file:dynamic', 'interrupted', bytes('')));
      await ok(fs.createDynamicPath('/twice', 'directory:dynamic', 'lines', bytes('.')));
    });
    const reader = await pond().reader();
    for (const path of ['/broken', '/ill', '/twice'])
      expect(await failure(reader.list(path))).toMatchObject({ _tag: 'DynamicNodeFailed', path });
    expect(await failure(reader.readBytes('/half'))).toEqual({
      _tag: 'DynamicNodeFailed',
      path: '/half',
      factory: 'interrupted',
      message: 'the sensor is gone',
    });
  });

  it('writes nothing below a dynamic node, and does not load it to say so', async () => {
    const { fs, abort } = await pond().begin();
    await ok(fs.createDynamicPath('/d', 'directory:dynamic', 'no-such', bytes('')));
    await ok(fs.createDynamicPath('/f', 'file:dynamic', 'shout', bytes('')));
    await ok(fs.mkdir('/a'));
    const calls = (path: string) => [
      fs.write(path, bytes('')),
      fs.mkdir(path),
      fs.mkdirAll(path),
      fs.symlink('x', path),
      fs.remove(path),
      fs.rename('/a', path),
      fs.rename(path, '/b'),
      fs.createDynamicPath(path, 'file:dynamic', 'shout', bytes('')),
      fs.updateDynamicNodeConfig(path, bytes('')),
    ];
    for (const call of calls('/d/x'))
      expect(await failure<unknown, unknown>(call)).toMatchObject({
        _tag: 'ReadOnlyPath',
        factory: 'no-such',
      });
    for (const call of calls('/f/x/y'))
      expect(await failure<unknown, unknown>(call)).toMatchObject({ _tag: 'ReadOnlyPath', factory: 'shout' });
    expect(await failure(fs.write('/f', bytes('')))).toMatchObject({ _tag: 'WrongEntryType' });
    expect(pond().factories.loaded).toEqual([]);
    await abort();
  });

  it('overwrites a dynamic node only when told to, and only with one of its type', async () => {
    await pond().write(async (fs) => {
      await ok(fs.createDynamicPath('/f', 'file:dynamic', 'shout', bytes('1')));
      await ok(fs.write('/plain', bytes('')));
    });
    const { fs, abort } = await pond().begin();
    const { nodeId } = await ok(fs.stat('/f'));
    const create = (path: string, overwrite: boolean) =>
      fs.createDynamicPath(path, 'file:dynamic', 'run', bytes('2'), { overwrite });
    expect(await failure(create('/f', false))).toEqual({
      _tag: 'PathExists',
      path: '/f',
      entryType: 'file:dynamic',
    });
    expect(await ok(create('/f', true))).toMatchObject({ nodeId, version: 2, factory: 'run' });
    expect(await failure(create('/plain', true))).toMatchObject({ _tag: 'WrongEntryType', found: 'file' });
    expect(
      await failure(fs.createDynamicPath('/f', 'directory:dynamic', 'x', bytes(''), { overwrite: true })),
    ).toMatchObject({ _tag: 'WrongEntryType' });
    expect(await failure(create('/nowhere/f', true))).toMatchObject({ _tag: 'PathNotFound' });
    expect(await failure(fs.updateDynamicNodeConfig('/plain', bytes('')))).toMatchObject({
      _tag: 'NotDynamic',
    });
    expect(await failure(fs.updateDynamicNodeConfig('/x', bytes('')))).toMatchObject({
      _tag: 'PathNotFound',
    });
    await abort();
  });

  it('knows that the same configuration is not a change', async () => {
    await pond().write((fs) => ok(fs.createDynamicPath('/f', 'file:dynamic', 'shout', bytes('1'))));
    const { rows } = await pond().write(async (fs) => {
      await ok(fs.updateDynamicNodeConfig('/f', bytes('1')));
      await ok(fs.createDynamicPath('/f', 'file:dynamic', 'shout', bytes('1'), { overwrite: true }));
      await ok(fs.updateDynamicNodeConfig('/f', bytes('2')));
      await ok(fs.updateDynamicNodeConfig('/f', bytes('1')));
    });
    expect(rows).toEqual([]);
  });

  it('keeps configurations in their rows, up to 1 MiB', async () => {
    const limit = 1024 * 1024;
    const { rows } = await pond().write(async (fs) => {
      await ok(fs.createDynamicPath('/f', 'file:dynamic', 'run', new Uint8Array(limit)));
      const large = new Uint8Array(limit + 1);
      const tooLarge = { _tag: 'ConfigTooLarge', size: limit + 1, limit };
      expect(await failure(fs.createDynamicPath('/g', 'file:dynamic', 'run', large))).toMatchObject(tooLarge);
      expect(await failure(fs.updateDynamicNodeConfig('/f', large))).toMatchObject(tooLarge);
    });
    expect(rows).toMatchObject([{ storageFormat: 'inline', size: limit }]);
    expect((await ok((await pond().reader()).readBytes('/f'))).byteLength).toBe(limit);
  });
};
