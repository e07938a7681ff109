import { expect, test } from 'vitest';
import { ok } from './expectations.js';
import { memoryHarness } from './memory-harness.js';
import { makeTestPond } from './test-pond.js';

test('whoever still has a writer after its commit changes nothing of what was committed', async () => {
  const pond = await makeTestPond(memoryHarness);
  const { fs, commit } = await pond.begin();
  await ok(fs.appendToSeries('/readings', Buffer.from('1\n')));
  await ok(fs.appendToSeries('/readings', Buffer.from('2\n')));
  await ok(fs.mkdir('/kept'));
  await commit();

  await ok(fs.appendToSeries('/readings', Buffer.from('3\n')));
  await ok(fs.remove('/kept'));
  await ok(fs.write('/late', Buffer.from('late')));

  const reader = await pond.reader();
  expect((await ok(reader.list('/'))).map(({ path, version }) => ({ path, version }))).toEqual([
    { path: '/kept', version: 1 },
    { path: '/readings', version: 2 },
  ]);
  expect(await pond.text('/readings')).toBe('1\n2\n');
  expect(await ok(reader.versions('/readings'))).toHaveLength(2);
  const next = await pond.write((fs) => ok(fs.appendToSeries('/readings', Buffer.from('4\n'))));
  expect(next.changes).toEqual([{ kind: 'modified', path: '/readings', entryType: 'series' }]);
  expect(await pond.text('/readings')).toBe('1\n2\n4\n');
});

test('a directory that was moved is found where it is by the commits that follow', async () => {
  const pond = await makeTestPond(memoryHarness);
  await pond.write(async (fs) => {
    await ok(fs.mkdirAll('/a/b'));
    await ok(fs.mkdir('/c'));
    await ok(fs.write('/a/b/file', Buffer.from('1')));
  });
  await pond.write((fs) => ok(fs.rename('/a/b', '/c/b')));
  const { changes } = await pond.write(async (fs) => {
    await ok(fs.write('/a/other', Buffer.from('1')));
    await ok(fs.write('/c/b/file', Buffer.from('2')));
  });
  expect(changes).toEqual([
    { kind: 'created', path: '/a/other', entryType: 'file' },
    { kind: 'modified', path: '/c/b/file', entryType: 'file' },
  ]);
});
