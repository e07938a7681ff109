import { beforeEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/cli/exit-codes.js';
import { seriesVersion } from '../support/series-version.js';
import { type CliPond, cliPond } from './on-memory-pond.js';

let given: CliPond;
let first: number;
beforeEach(async () => {
  given = await cliPond();
  const write = async (body: Parameters<CliPond['promises']['write']>[0]) =>
    (await given.promises.write(body)).txnSeq;
  first = await write(async ({ fs }) => {
    await fs.mkdir('/in');
    await fs.write('/in/a.csv', Buffer.from('a\n1\n'));
    await fs.write('/in/b.csv', Buffer.from('b\n1\n'));
  });
  await write(async ({ fs }) => {
    await fs.write('/in/a.csv', Buffer.from('a\n2\n'));
    await fs.appendToSeries('/in/s', seriesVersion('one'));
  });
  await write(({ fs }) => fs.rename('/in', '/archive'));
  await write(async ({ fs }) => {
    await fs.remove('/archive/b.csv');
    await fs.write('/c', Buffer.from('c'));
  });
});

const json = async (...argv: readonly string[]) => JSON.parse((await given.pond([...argv, '--json'])).stdout);
const text = (path: string) =>
  given.promises.read(async ({ fs }) => Buffer.from(await fs.readBytes(path)).toString());

describe('pond log PATH', () => {
  it('shows the commits that touched a path, newest first, and goes on under the name before a rename', async () => {
    const { commits } = await json('log', '/archive/a.csv');
    expect(commits).toMatchObject([
      { txn_seq: first + 2, kind: 'renamed', path: '/archive/a.csv', from: '/in/a.csv' },
      { txn_seq: first + 1, kind: 'modified', path: '/in/a.csv', version: 2, size: 4 },
      { txn_seq: first, kind: 'created', path: '/in/a.csv', version: 1 },
    ]);
  });

  it('shows of a directory what happened to it and below it, and of what is gone how it went', async () => {
    const kinds = (await json('log', '/archive')).commits.map((each: { kind: string; path: string }) => [
      each.kind,
      each.path,
    ]);
    expect(kinds).toContainEqual(['deleted', '/archive/b.csv']);
    expect(kinds).toContainEqual(['created', '/in/b.csv']);
    expect((await json('log', '/archive/b.csv')).commits[0]).toMatchObject({
      kind: 'deleted',
      txn_seq: first + 3,
    });
  });

  it('refuses a path at which nothing ever was, and times without a path', async () => {
    expect(await given.pond(['log', '/none'])).toMatchObject({ code: EXIT.failed });
    expect(await given.pond(['log', '--since', '-1d'])).toMatchObject({ code: EXIT.wrongUsage });
    expect(await given.pond(['log', '/c', '--since', '7'])).toMatchObject({ code: EXIT.wrongUsage });
  });

  it('is pond control without a path', async () => {
    expect((await given.pond(['log'])).stdout).toBe((await given.pond(['control'])).stdout);
  });
});

describe('pond diff', () => {
  it('names what was added, removed, changed and renamed', async () => {
    const { differences } = await json('diff', String(first), 'latest');
    expect(differences).toMatchObject([
      { kind: 'renamed', path: '/archive', from: '/in' },
      { kind: 'renamed', path: '/archive/a.csv', has_new_content: true },
      { kind: 'added', path: '/archive/s' },
      { kind: 'added', path: '/c' },
      { kind: 'removed', path: '/in/b.csv' },
    ]);
  });

  it('ends with 1 where there is a difference and --exit-code was given, else with 0', async () => {
    const exit = async (...argv: readonly string[]) => (await given.pond(['diff', ...argv])).code;
    expect(await exit(String(first), '--exit-code')).toBe(EXIT.failed);
    expect(await exit(String(first))).toBe(EXIT.done);
    expect(await exit(String(first), '/etc', '--exit-code')).toBe(EXIT.done);
    expect(await exit(String(first + 1), String(first))).toBe(EXIT.wrongUsage);
    expect(await exit('/in')).toBe(EXIT.wrongUsage);
    expect(await exit('999')).toBe(EXIT.failed);
  });
});

describe('pond revert', () => {
  it('undoes a commit by a new one, and says which later changes are in its way', async () => {
    expect(await given.pond(['revert', String(first + 3)])).toMatchObject({ code: EXIT.done });
    expect(await text('/archive/b.csv')).toBe('b\n1\n');
    expect(await given.pond(['list', '/c'])).toMatchObject({ code: EXIT.failed });
    const refused = await given.pond(['revert', String(first)]);
    expect(refused.code).toBe(EXIT.failed);
    expect(refused.stderr).toContain(`/in/a.csv`);
    expect(refused.stderr).toContain('--force');
  });

  it('says of what is undone already that there is nothing to undo, and undoes it again once it is back', async () => {
    const last = await given.promises.status();
    const newest = last.lastTxnSeq;
    expect(await given.pond(['revert', 'latest'])).toMatchObject({ code: EXIT.done, stderr: '' });
    for (const paths of [[], ['/c'], ['/in']]) {
      const again = await given.pond(['revert', String(newest), ...paths, '--json']);
      expect(again).toMatchObject({ code: EXIT.done });
      expect(again.stderr).toContain(`nothing to undo: `);
      expect(again.stderr).toContain(paths[0] ?? `transaction ${newest}`);
      expect(JSON.parse(again.stdout)).toMatchObject({ reverted: { txn_seq: newest, differences: [] } });
    }
    expect((await given.promises.status()).lastTxnSeq).toBe(newest + 1);
    await given.pond(['revert', String(newest + 1)]);
    expect(await text('/c')).toBe('c');
    expect(await given.pond(['revert', String(newest)])).toMatchObject({ code: EXIT.done, stderr: '' });
    expect(await given.pond(['list', '/c'])).toMatchObject({ code: EXIT.failed });
    // What somebody has put back by other means counts as well.
    await given.promises.write(({ fs }) => fs.write('/c', Buffer.from('c')));
    expect(await given.pond(['revert', String(newest), '/c'])).toMatchObject({ code: EXIT.done, stderr: '' });
    await given.promises.write(({ fs }) => fs.write('/c', Buffer.from('C')));
    const refused = await given.pond(['revert', String(newest), '/c']);
    expect(refused).toMatchObject({ code: EXIT.failed });
    expect(refused.stderr).toContain('pond log /c');
  });

  it('undoes only what lies at or below the paths that are named', async () => {
    await given.pond(['revert', String(first + 3), '/archive']);
    expect(await text('/archive/b.csv')).toBe('b\n1\n');
    expect(await text('/c')).toBe('c');
  });

  it('leaves nothing aside where later commits have taken every place of what had moved', async () => {
    const { txnSeq } = await given.promises.write(async ({ fs }) => {
      await fs.rename('/c', '/b');
      await fs.rename('/archive', '/c');
    });
    await given.promises.write(({ fs }) => fs.write('/archive', Buffer.from('in the way')));
    expect(await given.pond(['revert', String(txnSeq), '--force'])).toMatchObject({ code: EXIT.done });
    expect((await given.pond(['list', '/**/*'])).stdout).not.toContain('reverting');
    expect(await text('/c')).toBe('c');
    expect(await text('/archive/a.csv')).toBe('a\n2\n');
  });

  it('says of what has taken the place of a directory since that it is in the way of what lay in it', async () => {
    await given.promises.write(async ({ fs }) => {
      await fs.mkdirAll('/deep/er');
      await fs.write('/deep/er/d.csv', Buffer.from('d'));
    });
    const { txnSeq } = await given.promises.write(({ fs }) => fs.remove('/deep/er/d.csv'));
    await given.promises.write(async ({ fs }) => {
      await fs.rename('/deep', '/elsewhere');
      await fs.write('/deep', Buffer.from('in the way'));
    });
    const refused = await given.pond(['revert', String(txnSeq)]);
    expect(refused).toMatchObject({ code: EXIT.failed });
    expect(refused.stderr).toMatch(/changed since.*\n.*\/deep\b/);
  });

  it('refuses a transaction that is not there', async () => {
    expect(await given.pond(['revert', '999'])).toMatchObject({ code: EXIT.failed });
    expect(await given.pond(['revert', 'x'])).toMatchObject({ code: EXIT.wrongUsage });
  });
});

describe('pond restore-path', () => {
  it('makes a path what it was, in a new commit, whatever has become of it', async () => {
    expect(await given.pond(['restore-path', '/in', '--at', String(first)])).toMatchObject({
      code: EXIT.done,
    });
    expect(await text('/in/a.csv')).toBe('a\n1\n');
    expect(await text('/archive/a.csv')).toBe('a\n2\n');
    const again = await json('restore-path', '/in', '--at', String(first));
    expect(again).toMatchObject({ status: 'completed', tasks: [] });
  });

  it('removes what was not there then', async () => {
    await given.pond(['restore-path', '/c', '--at', String(first)]);
    expect(await given.pond(['list', '/c'])).toMatchObject({ code: EXIT.failed });
  });

  it('refuses what neither was nor is there, and the state that there is already', async () => {
    expect(await given.pond(['restore-path', '/none', '--at', '1'])).toMatchObject({ code: EXIT.failed });
    expect(await given.pond(['restore-path', '/c', '--at', 'latest'])).toMatchObject({
      code: EXIT.wrongUsage,
    });
  });
});

describe('pond cp', () => {
  it('copies a file, and a directory with all that is in it', async () => {
    await given.pond(['cp', '/archive/a.csv', '/a2.csv']);
    await given.pond(['cp', '/archive', '/copy']);
    expect(await text('/a2.csv')).toBe('a\n2\n');
    expect(await text('/copy/a.csv')).toBe('a\n2\n');
    expect(await text('/copy/s')).toBe(Buffer.from(seriesVersion('one')).toString());
    await given.pond(['cp', '/archive', '/copy']);
    expect(await text('/copy/archive/a.csv')).toBe('a\n2\n');
  });

  it('gives a file a new version, and refuses another type, itself, and its own inside', async () => {
    await given.pond(['cp', '/archive/a.csv', '/c']);
    expect(await text('/c')).toBe('a\n2\n');
    expect(await given.pond(['cp', '/archive/s', '/c'])).toMatchObject({ code: EXIT.failed });
    expect(await json('cp', '/c', '/c')).toMatchObject({ status: 'completed' });
    expect(await given.pond(['cp', '/archive', '/archive/inside'])).toMatchObject({ code: EXIT.failed });
    expect(await given.pond(['cp', '/', '/c'])).toMatchObject({ code: EXIT.failed });
  });
});

it('a state can be named by a time', async () => {
  const { timestamp } = await given.promises.read(({ fs }) => fs.stat('/archive'));
  const at = new Date(timestamp / 1000).toISOString();
  expect((await given.pond(['cat', '/archive/a.csv', '--at', at])).stdout).toBe('a\n2\n');
  expect(await given.pond(['cat', '/c', '--at', '1970-01-01'])).toMatchObject({ code: EXIT.failed });
  expect(await given.pond(['cat', '/c', '--at', '2026-13-01'])).toMatchObject({ code: EXIT.wrongUsage });
  expect(await given.pond(['cat', '/c', '--at', '2026-11-20T10:00'])).toMatchObject({
    code: EXIT.wrongUsage,
  });
});
