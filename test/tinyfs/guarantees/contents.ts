import { expect, it } from 'vitest';
import type { TinyFsError } from '../../../src/tinyfs/errors.js';
import { bytes, failure, ok, textIn } from '../expectations.js';
import type { TestPond } from '../test-pond.js';

const BIG = 300_000;

export const contentGuarantees = (pond: () => TestPond): void => {
  it('gives back what was written, empty, small and large', async () => {
    const big = new Uint8Array(BIG).map((_, index) => index % 251);
    await pond().write(async (fs) => {
      await ok(fs.write('/empty', bytes('')));
      await ok(fs.write('/small', bytes('small')));
      await ok(fs.write('/big', big));
      await ok(fs.write('/streamed', chunksOf(big)));
      expect(await ok(fs.readBytes('/big'))).toEqual(big);
    });
    const reader = await pond().reader();
    expect(await ok(reader.readBytes('/empty'))).toEqual(new Uint8Array());
    expect(await pond().text('/small')).toBe('small');
    expect(await ok(reader.readBytes('/big'))).toEqual(big);
    expect(await ok(reader.readBytes('/streamed'))).toEqual(big);
    const [stored, streamed] = [await ok(reader.stat('/big')), await ok(reader.stat('/streamed'))];
    expect(stored).toMatchObject({ size: BIG, version: 1, entryType: 'file' });
    expect(streamed.sha256).toBe(stored.sha256);
  });

  it('keeps every version of a file', async () => {
    for (const text of ['one', 'two', 'two'])
      await pond().write((fs) => ok(fs.write('/f', bytes(text), { entryType: 'table', always: true })));
    const reader = await pond().reader();
    expect(await ok(reader.versions('/f'))).toMatchObject([
      { version: 1, txnSeq: 1, size: 3, timestamp: 1_000_000 },
      { version: 2, txnSeq: 2 },
      { version: 3, txnSeq: 3 },
    ]);
    expect(await textIn(await ok(reader.read('/f', { version: 1 })))).toBe('one');
    expect(await pond().text('/f')).toBe('two');
    for (const version of [0, 4, -1])
      expect(await failure(reader.read('/f', { version }))).toEqual({
        _tag: 'VersionNotFound',
        path: '/f',
        version,
      });
  });

  it('reads a series as all its versions one after another', async () => {
    await pond().write(async (fs) => {
      await ok(
        fs.appendToSeries('/s', bytes('a'), {
          attributes: '{"time":"at"}',
          minEventTime: 1,
          maxEventTime: 2,
        }),
      );
      await ok(fs.appendToSeries('/s', bytes('bc')));
    });
    await pond().write((fs) => ok(fs.write('/s', bytes('d'), { entryType: 'series', minEventTime: 3 })));
    await pond().write((fs) => ok(fs.rename('/s', '/t')));
    await pond().write(async (fs) => {
      await ok(fs.mkdir('/d'));
      await ok(fs.rename('/t', '/d/t'));
      await ok(fs.appendToSeries('/d/t', bytes('e')));
    });
    expect(await pond().text('/d/t')).toBe('abcde');
    expect(await pond().text('/s', 2)).toBe('abcd');
    const reader = await pond().reader();
    expect(await ok(reader.stat('/d/t'))).toMatchObject({ size: 5, entryType: 'series' });
    expect((await ok(reader.list('/d')))[0]).toMatchObject({ size: 5 });
    const versions = await ok(reader.versions('/d/t'));
    expect(versions.map(({ size }) => size)).toEqual([1, 2, 1, 1]);
    expect(versions[0]).toMatchObject({ minEventTime: 1, maxEventTime: 2 });
    expect(versions[2]).toMatchObject({ minEventTime: 3, maxEventTime: null });
    expect(await textIn(await ok(reader.read('/d/t', { version: 2 })))).toBe('bc');
  });

  it('writes no content of one type over an entry of another', async () => {
    const { fs, abort } = await pond().begin();
    await ok(fs.write('/t', bytes('1'), { entryType: 'table' }));
    await ok(fs.write('/f', bytes('1')));
    const wrong = { _tag: 'WrongEntryType', path: '/t', expected: 'file', found: 'table' };
    expect(await failure(fs.write('/t', bytes('2')))).toEqual(wrong);
    expect(await failure(fs.appendToSeries('/f', bytes('2')))).toMatchObject({
      expected: 'series',
      found: 'file',
    });
    await abort();
  });

  it('carries attributes on until others are given', async () => {
    const attributes = async () => (await ok((await pond().view()).rowsOfTransaction(last)))[0]?.attributes;
    let last = 0;
    const append = async (given: { attributes?: string | null }) => {
      ({ txnSeq: last } = await pond().write((fs) => ok(fs.appendToSeries('/s', bytes('x'), given))));
    };
    await append({ attributes: '{"a":1}' });
    await append({});
    expect(await attributes()).toBe('{"a":1}');
    await append({ attributes: null });
    expect(await attributes()).toBeNull();
  });

  it('changes nothing when the content breaks off, and says what the source said', async () => {
    const source: TinyFsError = { _tag: 'DynamicNodeFailed', path: '/x', factory: 'f', message: 'gone' };
    const written = await pond().write(async (fs) => {
      await ok(fs.write('/f', bytes('kept')));
      expect(await failure(fs.write('/f', brokenOff(source)))).toEqual(source);
      expect(
        await failure(fs.write('/g', brokenOff(Object.assign(new Error(), { code: 'EACCES' })))),
      ).toEqual({
        _tag: 'StorageFailed',
        path: '/g',
        code: 'EACCES',
        call: 'read',
      });
      await expect(fs.write('/g', brokenOff(new TypeError('a defect')))()).rejects.toThrow('a defect');
      expect(await ok(fs.exists('/g'))).toBe(false);
    });
    expect(written.rows).toHaveLength(1);
    expect(await pond().text('/f')).toBe('kept');
  });

  it('makes one file of writes that are started at once', async () => {
    await pond().write(async (fs) => {
      await Promise.all(['a', 'b', 'c'].map((text) => ok(fs.write('/f', bytes(text)))));
      await Promise.all([1, 2, 3].map(() => ok(fs.mkdirAll('/x/y'))));
    });
    const reader = await pond().reader();
    expect((await ok(reader.list('/'))).map(({ name }) => name)).toEqual(['f', 'x']);
    expect((await ok(reader.stat('/f'))).version).toBe(1);
  });

  it('does not look at a buffer after it was taken in', async () => {
    const buffer = bytes('before');
    await pond().write(async (fs) => {
      await ok(fs.write('/f', buffer));
      buffer.fill(120);
    });
    expect(await pond().text('/f')).toBe('before');
  });
};

async function* chunksOf(all: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < all.length; at += 7_001) yield all.subarray(at, at + 7_001);
}

async function* brokenOff(error: unknown): AsyncGenerator<Uint8Array> {
  yield bytes('half');
  throw error;
}
