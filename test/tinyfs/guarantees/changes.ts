import { expect, it } from 'vitest';
import { createReader } from '../../../src/tinyfs/reading/create-reader.js';
import { changesOf } from '../../../src/tinyfs/tree/changes.js';
import { createWriter } from '../../../src/tinyfs/writing/create-writer.js';
import { countedIds } from '../counted-ids.js';
import { bytes, ok } from '../expectations.js';
import type { TestPond } from '../test-pond.js';

export const changeGuarantees = (pond: () => TestPond): void => {
  it('tells what was created, modified and deleted, sorted by path', async () => {
    const first = await pond().write(async (fs) => {
      await ok(fs.mkdirAll('/d/e'));
      await ok(fs.write('/d/e/f', bytes('1')));
      await ok(fs.write('/a', bytes('1')));
      await ok(fs.appendToSeries('/d/s', bytes('1')));
      await ok(fs.symlink('a', '/l'));
      await ok(fs.createDynamicPath('/x', 'file:dynamic', 'run', bytes('1')));
    });
    expect(first.changes).toEqual([
      { kind: 'created', path: '/a', entryType: 'file' },
      { kind: 'created', path: '/d', entryType: 'directory' },
      { kind: 'created', path: '/d/e', entryType: 'directory' },
      { kind: 'created', path: '/d/e/f', entryType: 'file' },
      { kind: 'created', path: '/d/s', entryType: 'series' },
      { kind: 'created', path: '/l', entryType: 'symlink' },
      { kind: 'created', path: '/x', entryType: 'file:dynamic' },
    ]);
    const second = await pond().write(async (fs) => {
      await ok(fs.appendToSeries('/d/s', bytes('2')));
      await ok(fs.appendToSeries('/d/s', bytes('3')));
      await ok(fs.updateDynamicNodeConfig('/x', bytes('2')));
      await ok(fs.remove('/d/e', { recursive: true }));
    });
    expect(second.changes).toEqual([
      { kind: 'deleted', path: '/d/e', entryType: 'directory' },
      { kind: 'deleted', path: '/d/e/f', entryType: 'file' },
      { kind: 'modified', path: '/d/s', entryType: 'series' },
      { kind: 'modified', path: '/x', entryType: 'file:dynamic' },
    ]);
  });

  it('tells of everything below a renamed directory that it was renamed', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdirAll('/a/b/c'));
      await ok(fs.mkdir('/z'));
      await ok(fs.write('/a/b/c/f', bytes('1')));
      await ok(fs.write('/a/b/gone', bytes('1')));
      await ok(fs.write('/a/b/changed', bytes('1')));
    });
    const { changes } = await pond().write(async (fs) => {
      await ok(fs.write('/a/b/changed', bytes('2')));
      await ok(fs.remove('/a/b/gone'));
      await ok(fs.rename('/a/b', '/z/y'));
      await ok(fs.write('/z/y/new', bytes('1')));
      await ok(fs.mkdir('/z/y/d'));
    });
    expect(changes).toEqual([
      { kind: 'deleted', path: '/a/b/gone', entryType: 'file' },
      { kind: 'renamed', path: '/z/y', from: '/a/b', entryType: 'directory' },
      { kind: 'renamed', path: '/z/y/c', from: '/a/b/c', entryType: 'directory' },
      { kind: 'renamed', path: '/z/y/c/f', from: '/a/b/c/f', entryType: 'file' },
      { kind: 'renamed', path: '/z/y/changed', from: '/a/b/changed', entryType: 'file' },
      { kind: 'modified', path: '/z/y/changed', entryType: 'file' },
      { kind: 'created', path: '/z/y/d', entryType: 'directory' },
      { kind: 'created', path: '/z/y/new', entryType: 'file' },
    ]);
  });

  it('tells of renames within renames with the paths of both states', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdirAll('/a/b/c'));
      await ok(fs.write('/a/b/c/f', bytes('1')));
    });
    const { changes } = await pond().write(async (fs) => {
      await ok(fs.rename('/a/b/c', '/a/b/d'));
      await ok(fs.rename('/a', '/x'));
      await ok(fs.rename('/x/b', '/b'));
    });
    expect(changes).toEqual([
      { kind: 'renamed', path: '/b', from: '/a/b', entryType: 'directory' },
      { kind: 'renamed', path: '/b/d', from: '/a/b/c', entryType: 'directory' },
      { kind: 'renamed', path: '/b/d/f', from: '/a/b/c/f', entryType: 'file' },
      { kind: 'renamed', path: '/x', from: '/a', entryType: 'directory' },
    ]);
  });

  it('tells of a replaced entry that it is gone', async () => {
    await pond().write(async (fs) => {
      await ok(fs.write('/f', bytes('1')));
      await ok(fs.write('/g', bytes('1')));
    });
    const { changes } = await pond().write(async (fs) => {
      await ok(fs.rename('/g', '/f'));
      await ok(fs.write('/g', bytes('2')));
    });
    expect(changes).toEqual([
      { kind: 'deleted', path: '/f', entryType: 'file' },
      { kind: 'renamed', path: '/f', from: '/g', entryType: 'file' },
      { kind: 'created', path: '/g', entryType: 'file' },
    ]);
  });

  it('tells nothing of a node that is elsewhere but has the same path', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdir('/a'));
      await ok(fs.write('/a/f', bytes('1')));
    });
    const { changes } = await pond().write(async (fs) => {
      await ok(fs.rename('/a', '/b'));
      await ok(fs.mkdir('/a'));
      await ok(fs.rename('/b/f', '/a/f'));
    });
    expect(changes).toEqual([
      { kind: 'created', path: '/a', entryType: 'directory' },
      { kind: 'renamed', path: '/b', from: '/a', entryType: 'directory' },
    ]);
    expect(await pond().text('/a/f')).toBe('1');
  });

  it('tells the same of a transaction however much came after it', async () => {
    const written = [];
    written.push(
      await pond().write(async (fs) => {
        await ok(fs.mkdirAll('/a/b'));
        await ok(fs.write('/a/b/f', bytes('1')));
      }),
    );
    written.push(await pond().write((fs) => ok(fs.rename('/a', '/x'))));
    written.push(await pond().write((fs) => ok(fs.write('/x/b/f', bytes('2')))));
    written.push(await pond().write((fs) => ok(fs.rename('/x/b', '/b'))));
    written.push(await pond().write((fs) => ok(fs.remove('/b', { recursive: true }))));
    written.push(await pond().write((fs) => ok(fs.remove('/x'))));
    for (let bound = 1; bound <= written.length; bound += 1)
      for (const { txnSeq, changes } of written.slice(0, bound))
        expect(await ok(changesOf(await pond().view(bound), txnSeq))).toEqual(changes);
  });

  it('knows where a directory was that has been moved there and back since', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdir('/d'));
      await ok(fs.mkdir('/e'));
    });
    await pond().write((fs) => ok(fs.rename('/d', '/e/d')));
    const { txnSeq, changes } = await pond().write((fs) => ok(fs.write('/e/d/f', bytes('1'))));
    await pond().write((fs) => ok(fs.rename('/e/d', '/d')));
    const view = await pond().view();
    await ok(createReader(view, pond().factories.load).list('/'));
    expect(await ok(changesOf(view, txnSeq))).toEqual(changes);
  });

  it('looks through the whole log for nothing where one file is written', async () => {
    await pond().write(async (fs) => {
      await ok(fs.mkdirAll('/a/b/c'));
      await ok(fs.write('/a/b/c/f', bytes('1')));
    });
    const begun = await pond().begin();
    let searches = 0;
    const counted = {
      ...begun.writer,
      rowsOfNode: (nodeId: string) => {
        searches += 1;
        return begun.writer.rowsOfNode(nodeId);
      },
    };
    const fs = createWriter(counted, begun.txn, countedIds(), pond().factories.load);
    await ok(fs.write('/a/b/c/f', bytes('2')));
    expect(await ok(changesOf(counted, begun.txn.txnSeq))).toMatchObject([
      { kind: 'modified', path: '/a/b/c/f' },
    ]);
    expect(searches).toBe(0);
    await begun.abort();
  });
};
