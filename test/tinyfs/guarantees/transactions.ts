import { expect, it } from 'vitest';
import { bytes, failure, ok } from '../expectations.js';
import type { TestPond } from '../test-pond.js';

export const transactionGuarantees = (pond: () => TestPond): void => {
  it('shows a transaction its own changes at once, and others only after the commit', async () => {
    await pond().write((fs) => ok(fs.write('/f', bytes('old'))));
    const before = await pond().reader();
    const { fs, commit } = await pond().begin();
    await ok(fs.write('/f', bytes('new')));
    await ok(fs.mkdir('/d'));
    expect(Buffer.from(await ok(fs.readBytes('/f'))).toString()).toBe('new');
    expect(await pond().text('/f')).toBe('old');
    expect(await ok((await pond().reader()).exists('/d'))).toBe(false);
    await commit();
    expect(await pond().text('/f')).toBe('new');
    expect(Buffer.from(await ok(before.readBytes('/f'))).toString()).toBe('old');
    expect(await ok(before.exists('/d'))).toBe(false);
  });

  it('forgets an aborted transaction', async () => {
    await pond().write((fs) => ok(fs.write('/f', bytes('kept'))));
    const { fs, abort } = await pond().begin();
    await ok(fs.write('/f', bytes('x'.repeat(200_000))));
    await ok(fs.write('/g', bytes('lost')));
    await abort();
    expect(await pond().text('/f')).toBe('kept');
    expect(await ok((await pond().reader()).exists('/g'))).toBe(false);
    await pond().write((fs) => ok(fs.write('/g', bytes('next'))));
    expect(await pond().text('/g')).toBe('next');
  });

  it('reads the state at any transaction', async () => {
    const texts = ['one', 'two', 'three'];
    for (const text of texts)
      await pond().write(async (fs) => {
        await ok(fs.write('/f', bytes(text)));
        await ok(fs.write(`/${text}`, bytes(text)));
      });
    for (const [index, text] of texts.entries()) {
      const reader = await pond().reader(index + 1);
      expect(reader.txnSeq).toBe(index + 1);
      expect(await pond().text('/f', index + 1)).toBe(text);
      expect(await ok(reader.list('/'))).toHaveLength(index + 2);
      expect(await ok(reader.versions('/f'))).toHaveLength(index + 1);
    }
  });

  it('gives a reader no way to write, neither by type nor at run time', async () => {
    await pond().write((fs) => ok(fs.mkdir('/d')));
    const reader = await pond().reader();
    const inD = await ok(reader.withWorkingDirectory('/d'));
    const { fs, abort } = await pond().begin();
    const writing = Object.keys(fs).filter((call) => !Object.hasOwn(reader, call));
    expect(writing.toSorted()).toEqual([
      'appendToSeries',
      'changeSeries',
      'copy',
      'createDynamicPath',
      'mkdir',
      'mkdirAll',
      'remove',
      'removeVersion',
      'rename',
      'restore',
      'revert',
      'symlink',
      'updateDynamicNodeConfig',
      'write',
    ]);
    for (const call of writing) for (const each of [reader, inD]) expect(call in each).toBe(false);
    expect(Object.isFrozen(reader) && Object.isFrozen(inD)).toBe(true);
    await abort();
  });

  it('fails for a path that only a later transaction made', async () => {
    await pond().write((fs) => ok(fs.mkdir('/a')));
    await pond().write((fs) => ok(fs.mkdir('/b')));
    expect(await failure((await pond().reader(1)).stat('/b'))).toMatchObject({ _tag: 'PathNotFound' });
  });
};
