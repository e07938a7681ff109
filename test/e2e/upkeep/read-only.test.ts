import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { builtExecutable, type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';
import { someOf } from '../../support/sample-of.js';

/** Somebody who owns nothing here. Where the tests do not run as root, their own user, from whom rights are taken. */
const isRoot = process.getuid?.() === 0;
const somebody = isRoot ? { uid: 65_534, gid: 65_534 } : {};

let made: TempPond;
beforeAll(async () => {
  made = await tempPond(callPond);
  await made.run(['copy', '-', '/in/a.csv'], { input: 'id\n1\n2\n' });
  await made.run(['mknod', 'test-executor', '/etc/system.d/10-x', '--config', '{ message: hello }']);
  await made.run(['copy', '-', '/in/b.csv'], { input: 'id\n3\n' });
  await made.run(['list']);
});
afterAll(() => made.remove());

/** A copy of the pond of which all may be read and nothing written; `hide`: what may not even be read. */
const readOnlyPond = (hide?: string): string => {
  const folder = mkdtempSync(join(tmpdir(), 'pond-read-only-'));
  const pond = join(folder, 'pond');
  cpSync(made.pond, pond, { recursive: true });
  chmodSync(folder, 0o755);
  const all = readdirSync(pond, { recursive: true, withFileTypes: true });
  const paths = [pond, ...all.map((entry) => join(entry.parentPath, entry.name))];
  for (const path of paths) chmodSync(path, statSync(path).isDirectory() ? 0o555 : 0o444);
  if (hide !== undefined) chmodSync(join(pond, hide), 0o000);
  onTestFinished(() => {
    for (const path of paths) if (statSync(path).isDirectory()) chmodSync(path, 0o755);
    rmSync(folder, { recursive: true, force: true });
  });
  return pond;
};

const pondAs = (pond: string, args: readonly string[], temporary = tmpdir()) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [builtExecutable(), ...args], {
    ...somebody,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, POND: pond, TMPDIR: temporary, HOME: '/nonexistent' },
  });
  return { status, stdout, stderr };
};

const treeOf = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return `${path} ${statSync(path).mtimeMs} ${entry.isFile() && !isHidden(path) ? readFileSync(path).toString('base64') : ''}`;
    })
    .sort();
const isHidden = (path: string) => (statSync(path).mode & 0o400) === 0 && !isRoot;

/** A directory of theirs for temporary files, to see that none is left. */
const temporaryOf = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'pond-theirs-'));
  if (isRoot) chownSync(folder, 65_534, 65_534);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

describe('a pond that may be read and not written', () => {
  it.each(
    someOf([
      [['list'], '/in/a.csv'],
      [['cat', '/in/a.csv'], 'id\n1\n2\n'],
      [['cat', '/in/a.csv', '--sql', 'SELECT sum(id) AS s FROM source', '--format', 'csv'], 's\n3\n'],
      [['sql', "SELECT count(*) AS n FROM '/in/a.csv', nodes", '--format', 'csv'], 'n\n'],
      [['sql', 'SELECT count(*) > 5 AS many FROM control_table', '--format', 'csv'], 'many\ntrue\n'],
      [['control'], 'test-executor'],
      [['status'], 'last commit'],
      [['plan'], '10-x'],
      [['trace'], '10-x'],
      [['show-post-commit'], '10-x'],
      [['fsck'], 'nothing is wrong'],
      [['versions', '/in/a.csv'], ''],
    ]),
  )('answers pond %j, changes nothing, and leaves no temporary file', (args, expected) => {
    const pond = readOnlyPond();
    const temporary = temporaryOf();
    const before = treeOf(pond);
    const { status, stdout, stderr } = pondAs(pond, args, temporary);
    expect(stderr).toBe('');
    expect(stdout).toContain(expected);
    expect(status).toBe(0);
    expect(treeOf(pond)).toEqual(before);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it.each(someOf([[['mkdir', '/new']], [['recover']], [['maintain']], [['rebuild-control']]]))(
    'refuses pond %j, and says why',
    (args) => {
      const pond = readOnlyPond();
      const before = treeOf(pond);
      const { status, stderr } = pondAs(pond, args);
      expect(status).not.toBe(0);
      expect(stderr).toContain('control.db may not be written here');
      expect(treeOf(pond)).toEqual(before);
    },
  );
});

describe('a pond that may be read and not written, where no temporary file can be made either', () => {
  it.each(
    someOf([
      [['list'], '/in/a.csv'],
      [['cat', '/in/a.csv'], 'id\n1\n2\n'],
      [['log', '/in'], '/in/a.csv'],
      [['plan'], '10-x'],
    ]),
  )('answers pond %j', (args, expected) => {
    const { status, stdout, stderr } = pondAs(readOnlyPond(), args, '/nonexistent');
    expect([status, stdout, stderr]).toEqual([0, expect.stringContaining(expected), '']);
  });

  it('says of pond control what it lacks', () => {
    const { status, stderr } = pondAs(readOnlyPond(), ['control'], '/nonexistent');
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/may not be read: .*TMPDIR names a directory/),
    ]);
  });
});

describe.each(['control', 'control/control.db'])('a pond of which %s may not be read', (hidden) => {
  it.each(
    someOf([
      [['list'], '/in/a.csv'],
      [['cat', '/in/a.csv'], 'id\n1\n2\n'],
      [['sql', "SELECT sum(id) AS s FROM '/in/a.csv'", '--format', 'csv'], 's\n3\n'],
      [['plan'], '10-x'],
    ]),
  )('answers pond %j', (args, expected) => {
    const { status, stdout, stderr } = pondAs(readOnlyPond(hidden), args);
    expect(stderr).toBe('');
    expect(stdout).toContain(expected);
    expect(status).toBe(0);
  });

  it.each(someOf([[['control']], [['sql', 'FROM control_table']], [['mkdir', '/new']], [['recover']]]))(
    'says of pond %j that it may not be read',
    (args) => {
      const { status, stderr } = pondAs(readOnlyPond(hidden), args);
      expect(status).toBe(1);
      expect(stderr).toMatch(/control\.db may not be read: .*(EACCES|permission)/i);
    },
  );

  it('is checked as far as it may be read, and fsck says that the rest may not be, not that it is damaged', () => {
    const { status, stdout, stderr } = pondAs(readOnlyPond(hidden), ['fsck']);
    expect(status).toBe(1);
    const said = stdout + stderr;
    expect(said).toMatch(/control\/control\.db: cannot be read \(open: EACCES\)/);
    expect(said).toContain('look at the permissions');
    expect(said).not.toContain('rebuild-control');
  });
});
