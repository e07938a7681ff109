// `sudo pond` in another user's pond, and a container's root in a volume of somebody's: the pond stays its owner's.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { giveDirectories } from '../../../src/adapters/node/files/given-to-owner.js';
import { userOfProcess } from '../../../src/adapters/node/node-host.js';
import { builtExecutable } from '../../support/pond-cli.js';

const OWNER = 4245;
const isRoot = userOfProcess()?.id === 0 && process.platform === 'linux';

let home: string;
/** Where the pond exports to, which belongs to whoever writes there first. */
let site: string;
let pond: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pond-superuser-'));
  chmodSync(home, 0o755);
  site = mkdtempSync(join(tmpdir(), 'pond-site-'));
  pond = join(home, 'pond');
  if (isRoot) chownSync(home, OWNER, OWNER);
});
afterEach(() => {
  for (const directory of [home, site]) rmSync(directory, { recursive: true, force: true });
});

const run = (as: 'owner' | 'root', ...args: readonly string[]) => {
  const state = mkdtempSync(join(tmpdir(), `pond-state-${as}-`));
  if (as === 'owner') chownSync(state, OWNER, OWNER);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [builtExecutable(), '--pond', pond, '--trust', ...args],
    {
      cwd: '/',
      encoding: 'utf8',
      env: { PATH: process.env.PATH ?? '', POND_STATE_DIR: state },
      ...(as === 'owner' ? { uid: OWNER, gid: OWNER } : {}),
    },
  );
  rmSync(state, { recursive: true, force: true });
  return { code: status, stdout, stderr };
};

const done = expect.objectContaining({ code: 0, stderr: '' });

const ownersIn = (directory: string): readonly string[] =>
  ['.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })].flatMap((name) => {
    const { uid, gid } = lstatSync(join(directory, name));
    return uid === OWNER && gid === OWNER ? [] : [`${name} ${uid}:${gid}`];
  });

describe.runIf(isRoot)('what the superuser does in another user’s pond', () => {
  beforeEach(() => {
    expect(run('owner', 'init')).toEqual(done);
    const say = '{run: [sh, -c, "cat > /dev/null; echo said"]}';
    expect(run('owner', 'mknod', 'command', '/etc/system.d/10-say', '--config', say)).toEqual(done);
    const out = `{source: "/out/**", target: ${JSON.stringify(site)}}`;
    expect(run('owner', 'mknod', 'host-export', '/etc/system.d/20-out', '--config', out)).toEqual(done);
    writeFileSync(join(home, 'small.csv'), 'a\n1\n');
    writeFileSync(join(home, 'large'), Buffer.alloc(300_000, 'x'));
  });

  test('leaves everything in it its owner’s, who goes on with it; what is written elsewhere is the superuser’s', () => {
    const host = (name: string) => `host://${join(home, name)}`;
    expect(run('root', 'copy', host('small.csv'), '/out/a.csv')).toEqual(done);
    expect(run('root', 'copy', host('large'), '/large')).toEqual(done);
    expect(run('root', 'sql', 'SELECT * FROM "/out/a.csv"')).toEqual(done);
    expect(ownersIn(pond)).toEqual([]);
    expect(run('root', 'copy', '/large', `host://${join(site, 'copied')}`)).toEqual(done);
    expect(['copied', 'out', 'out/a.csv'].map((name) => lstatSync(join(site, name)).uid)).toEqual([0, 0, 0]);

    for (const name of readdirSync(site)) rmSync(join(site, name), { recursive: true });
    chownSync(site, OWNER, OWNER);
    writeFileSync(join(home, 'larger'), Buffer.alloc(300_001, 'y'));
    expect(run('owner', 'copy', host('small.csv'), '/out/b.csv')).toEqual(done);
    expect(run('owner', 'copy', host('larger'), '/larger')).toEqual(done);
    expect(run('owner', 'sql', 'SELECT * FROM "/out/b.csv"')).toEqual(done);
    expect(run('owner', 'logs', '4.1')).toEqual(expect.objectContaining({ code: 0, stdout: 'said\n' }));
    expect(run('owner', 'fsck')).toEqual(done);
  });

  test('makes a new pond the superuser’s own, wherever it is', () => {
    pond = join(home, 'new');
    expect(run('root', 'init')).toEqual(done);
    expect([pond, join(pond, 'data'), join(pond, 'control')].map((path) => lstatSync(path).uid)).toEqual([
      0, 0, 0,
    ]);
  });
});

describe.runIf(isRoot)('a directory that was just made is given', () => {
  test('only where it is empty, the superuser’s and no link', () => {
    const made = (name: string) => {
      mkdirSync(join(home, name));
      return join(home, name);
    };
    const full = made('full');
    writeFileSync(join(full, 'secret'), '');
    giveDirectories(full, full);
    const strange = made('strange');
    chownSync(strange, OWNER + 1, OWNER + 1);
    giveDirectories(strange, strange);
    const elsewhere = mkdtempSync(join(tmpdir(), 'pond-elsewhere-'));
    symlinkSync(elsewhere, join(home, 'link'));
    expect(() => giveDirectories(join(home, 'link'), join(home, 'link'))).toThrow('ENOTDIR');
    giveDirectories(elsewhere, elsewhere);
    const below = join(made('topmost'), 'next');
    mkdirSync(below);
    giveDirectories(join(home, 'topmost'), below);
    expect(
      [full, strange, elsewhere, join(home, 'topmost'), below].map((path) => lstatSync(path).uid),
    ).toEqual([0, OWNER + 1, 0, OWNER, OWNER]);
    rmSync(elsewhere, { recursive: true });
  });
});
