import { expect, it } from 'vitest';
import type { NodeRow } from '../../../src/domain/tree/node-row.js';
import { bytes, ok } from '../expectations.js';
import type { TestPond } from '../test-pond.js';

const facts = (rows: readonly NodeRow[]) =>
  rows
    .map(({ name, version, deleted, storageFormat, size }) => ({
      name,
      version,
      deleted,
      storageFormat,
      size,
    }))
    .sort((a, b) => a.version - b.version);

export const rowGuarantees = (pond: () => TestPond): void => {
  it('writes one row for a file that is written twice in a transaction', async () => {
    const { rows } = await pond().write(async (fs) => {
      await ok(fs.write('/f', bytes('1')));
      await ok(fs.write('/f', bytes('22')));
    });
    expect(facts(rows)).toEqual([
      { name: 'f', version: 1, deleted: false, storageFormat: 'inline', size: 2 },
    ]);
  });

  it('writes no version for identical bytes of a file, unless it is told to', async () => {
    await pond().write((fs) => ok(fs.write('/f', bytes('1'))));
    const same = await pond().write((fs) => ok(fs.write('/f', bytes('1'))));
    expect(same.rows).toEqual([]);
    const { rows } = await pond().write((fs) => ok(fs.write('/f', bytes('1'), { always: true })));
    expect(rows).toMatchObject([{ version: 2 }]);
  });

  it('writes a row for every append to a series', async () => {
    const { rows } = await pond().write(async (fs) => {
      for (const text of ['a', 'bb', 'ccc']) await ok(fs.appendToSeries('/s', bytes(text)));
      await ok(fs.rename('/s', '/t'));
    });
    expect(facts(rows).map(({ name, version, size }) => [name, version, size])).toEqual([
      ['t', 1, 1],
      ['t', 2, 2],
      ['t', 3, 3],
    ]);
  });

  it('leaves no row of what was made and removed in one transaction', async () => {
    const { rows, changes } = await pond().write(async (fs) => {
      await ok(fs.mkdirAll('/a/b'));
      await ok(fs.write('/a/b/f', bytes('1')));
      await ok(fs.appendToSeries('/a/s', bytes('1')));
      await ok(fs.rename('/a/b', '/b'));
      await ok(fs.remove('/a', { recursive: true }));
      await ok(fs.remove('/b', { recursive: true }));
    });
    expect(rows).toEqual([]);
    expect(changes).toEqual([]);
  });

  it('writes a row without content for a rename, with the facts of the content that it still has', async () => {
    const { rows: written } = await pond().write((fs) =>
      ok(fs.write('/f', bytes('123'), { attributes: '{"a":1}' })),
    );
    const { rows } = await pond().write((fs) => ok(fs.rename('/f', '/g')));
    expect(rows).toEqual([
      { ...written[0], name: 'g', version: 2, txnSeq: 2, timestamp: 2_000_000, storageFormat: 'none' },
    ]);
  });

  it('writes a tombstone and a row with the next version for a move', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdir('/d'));
      await ok(fs.write('/f', bytes('123')));
    });
    const { rows } = await pond().write((fs) => ok(fs.rename('/f', '/d/g')));
    expect(facts(rows)).toEqual([
      { name: 'f', version: 2, deleted: true, storageFormat: 'none', size: 0 },
      { name: 'g', version: 3, deleted: false, storageFormat: 'none', size: 3 },
    ]);
  });

  it('never gives two rows of a node the same version, nor leaves one out', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdirAll('/d/e'));
      await ok(fs.appendToSeries('/s', bytes('1')));
    });
    const { nodeId } = await ok((await pond().reader()).stat('/s'));
    await pond().write(async (fs) => {
      await ok(fs.rename('/s', '/d/s'));
      await ok(fs.appendToSeries('/d/s', bytes('2')));
      await ok(fs.rename('/d/s', '/d/e/s'));
      await ok(fs.appendToSeries('/d/e/s', bytes('3')));
    });
    await pond().write((fs) => ok(fs.rename('/d/e/s', '/s')));
    await pond().write((fs) => ok(fs.remove('/s')));
    const rows = await ok((await pond().view()).rowsOfNode(nodeId ?? ''));
    expect(rows.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(await pond().text('/s', 3)).toBe('123');
  });

  it('writes nothing where nothing changed', async () => {
    await pond().write((fs) => ok(fs.mkdirAll('/a/b')));
    const { rows } = await pond().write(async (fs) => {
      await ok(fs.mkdir('/a'));
      await ok(fs.mkdirAll('/a/b'));
      await ok(fs.list('/a'));
    });
    expect(rows).toEqual([]);
  });
};
