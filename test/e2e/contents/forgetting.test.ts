import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

const large = (letter: string): string => letter.repeat(100_000);

let pond: TempPond;

const run = async (...args: string[]) => (await pond.run(args)).stdout;
const json = async (...args: string[]) => JSON.parse(await run(...args, '--json'));
const write = (path: string, input: string, expect = 0) => pond.run(['copy', '-', path], { input, expect });

const sizeBelow = (directory: string): number =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

beforeAll(async () => {
  pond = await tempPond(callPond);
  await write('/in/big', large('a')); // 2
  await write('/in/small.csv', 'v\n1\n'); // 3
  await write('/in/big', large('b')); // 4
  await write('/in/small.csv', 'v\n2\n'); // 5
  await write('/out/gone', large('c')); // 6
  await run('rm', '/out/gone'); // 7
  await run('mv', '/in/small.csv', '/in/renamed.csv'); // 8
  await pond.run([
    'mknod',
    'test-executor',
    '/etc/system.d/10-fails',
    '--config',
    'factory: test-executor\nconfig: { message: no, fail: true }\ncondition: { path_pattern: /watched }\n',
  ]); // 9
  await write('/watched', 'first', 3); // 10: its task fails
  await write('/watched', 'second', 3); // 11
  await write('/in/big', large('d')); // 12
});
afterAll(() => pond.remove());

it('a dry run says how much there is to forget, and changes nothing', async () => {
  const before = sizeBelow(join(pond.pond, 'data'));
  const { forgotten } = await json('maintain', '--forget-before', '12', '--dry-run');
  expect(forgotten).toMatchObject({ before: 12, contents: 3, bytes: 200_004 });
  expect(await run('maintain', '--forget-before', '12', '--dry-run')).toContain(
    '3 contents (195.3 KiB) that only states before transaction 12 show would be forgotten',
  );
  expect(sizeBelow(join(pond.pond, 'data'))).toBe(before);
});

it('nothing is forgotten of a pond that is younger than the time, and that is done: a line of cron says it from the first day', async () => {
  const { forgotten } = await json('maintain', '--forget-before', '-365d', '--dry-run');
  expect(forgotten).toMatchObject({ contents: 0, bytes: 0 });
});

it('only what lies at or below a path is forgotten where one is named, even when nothing is there any more', async () => {
  const { forgotten } = await json('maintain', '--forget-before', '12', '/out', '--dry-run');
  expect(forgotten).toMatchObject({ contents: 1, bytes: 100_000 });
  await pond.run(['maintain', '/out'], { expect: 2 });
  await pond.run(['maintain', '--forget-before', '12', '/etc/system.d'], { expect: 2 });
  await pond.run(['maintain', '--forget-before', '99'], { expect: 1 });
});

it('what failed tasks need is kept, and they are named', async () => {
  const { forgotten } = await json('maintain', '--forget-before', '12', '--dry-run');
  expect(forgotten.kept_for).toEqual([
    { task: '10.1', config_path: '/etc/system.d/10-fails', state: 'failed' },
    { task: '11.1', config_path: '/etc/system.d/10-fails', state: 'failed' },
  ]);
  expect(await run('maintain', '--forget-before', '12', '--dry-run')).toContain(
    'what commits 10, 11 show is kept for 2 tasks that are unfinished or failed: 10.1 /etc/system.d/10-fails, 11.1 /etc/system.d/10-fails',
  );
});

it('forgetting gives the room back at once, and kept states read as before', async () => {
  const before = sizeBelow(join(pond.pond, 'data'));
  const root = (await json('fsck')).content_root;
  const { forgotten, removed } = await json('maintain', '--forget-before', '12');
  expect(forgotten.contents).toBe(3);
  expect(removed.orphaned_blobs).toBe(2);
  expect(before - sizeBelow(join(pond.pond, 'data'))).toBeGreaterThan(190_000);
  expect((await json('fsck')).content_root).toBe(root);
  expect(await run('cat', '/in/big', '--at', '12')).toBe(large('d'));
  expect(await run('cat', '/watched', '--at', '10')).toBe('first');
  expect(await run('cat', '/in/big', '--at', '10')).toBe(large('b'));
  expect(await run('cat', '/in/renamed.csv')).toBe('v\n2\n');
});

it('the content that is gone is an error of its own that says since when, wherever it is asked for', async () => {
  const day = new Date().toISOString().slice(0, 8);
  for (const args of [
    ['cat', '/in/big', '--at', '2'],
    ['cat', '/in/big', '--version', '1'],
    ['copy', '/in/big', 'host:///tmp/never', '--at', '3'],
    ['diff', '3', '5', '/in', '--rows'],
    ['revert', '4', '--force'],
    ['restore-path', '/out/gone', '--at', '6'],
  ]) {
    const { stderr } = await pond.run(args, { expect: 1 });
    expect([args[0], stderr]).toEqual([
      args[0],
      expect.stringMatching(
        new RegExp(`the content of version \\d is forgotten since ${day}.*before transaction 12`),
      ),
    ]);
  }
  const { error } = JSON.parse(
    (await pond.run(['cat', '/in/big', '--at', '2', '--json'], { expect: 1 })).stdout,
  );
  expect(error).toMatchObject({ tag: 'ContentForgotten', path: '/in/big', version: 1, before: 12 });
});

it('versions stay listed, with when they were forgotten; so does the history of a path', async () => {
  const versions = await json('versions', '/in/big');
  expect(versions.map((version: Record<string, unknown>) => [version.txn_seq, version.size])).toEqual([
    [2, 100_000],
    [4, 100_000],
    [12, 100_000],
  ]);
  expect(versions.map((version: Record<string, unknown>) => version.forgotten !== undefined)).toEqual([
    true,
    false,
    false,
  ]);
  expect(await run('versions', '/in/big')).toMatch(/v1 .*forgotten since \d{4}-/);
  expect(await run('log', '/out/gone')).toMatch(/created +\/out\/gone +v1 +100000 +forgotten since/);
  const { commits } = await json('log', '/out/gone');
  expect(commits.at(-1)).toMatchObject({ txn_seq: 6, forgotten: { before: 12 } });
});

it('a check knows what is forgotten and finds nothing wrong', async () => {
  const report = await json('fsck', '--plans');
  expect(report.ok).toBe(true);
  expect(report.findings).toMatchObject([{ tag: 'ContentsForgotten', contents: 3, before: 12 }]);
  expect(await run('fsck')).toContain('3 contents of old versions are forgotten');
});

it('a table that is forgotten in no longer promises to only grow, and other engines see ordinary removals', async () => {
  const log = join(pond.pond, 'data/_delta_log');
  const entries = readdirSync(log)
    .filter((name) => name.endsWith('.json'))
    .sort();
  const engine = await (await DuckDBInstance.create(':memory:')).connect();
  const read = await engine.runAndReadAll(
    `SELECT metaData.configuration::VARCHAR AS configuration, remove.dataChange AS removed, add.dataChange AS added
     FROM read_json('${log}/*.json', format = 'newline_delimited', union_by_name = true, map_inference_threshold = -1, filename = true) ORDER BY filename`,
  );
  engine.closeSync();
  expect(entries.length).toBeGreaterThan(12);
  const rows = read.getRowObjects();
  expect(rows.filter(({ removed }) => removed === true).length).toBeGreaterThan(0);
  const last = rows.findLast(({ configuration }) => configuration !== null);
  expect(String(last?.configuration)).not.toContain("'delta.appendOnly': true");
});

it('a control table that is made again says what is forgotten', async () => {
  rmSync(join(pond.pond, 'control/control.db'));
  for (const name of ['control.db-wal', 'control.db-shm'])
    rmSync(join(pond.pond, 'control', name), { force: true });
  expect(existsSync(join(pond.pond, 'control/control.db'))).toBe(false);
  expect(await run('rebuild-control')).toContain('3 contents of old versions are forgotten');
});

it('forgetting again what is forgotten does nothing', async () => {
  const version = (await json('status')).data_fs_version;
  const { forgotten } = await json('maintain', '--forget-before', '10');
  expect(forgotten).toMatchObject({ contents: 0, bytes: 0 });
  expect((await json('status')).data_fs_version).toBe(version);
});
