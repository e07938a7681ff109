// A pond that is shared with a group: its members read and write it, each approves for himself, and nobody else looks in.

import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { userOfProcess } from '../../../src/adapters/node/node-host.js';
import { builtExecutable } from '../../support/pond-cli.js';

const user = userOfProcess();
const asRoot = user?.id === 0;
const GROUP = asRoot ? 4242 : (user?.group ?? 0);
const MEMBER = { id: 4243, group: GROUP };

let folder: string;
let pond: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pond-shared-'));
  chmodSync(folder, 0o755);
  pond = join(folder, 'pond');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs `pond` under a umask, as somebody with a state directory of his own. */
const run = (umask: string, args: readonly string[], as: { id: number; group: number } | null = null) => {
  const state = join(folder, `state-${as?.id ?? 'own'}`);
  mkdirSync(state, { recursive: true, mode: 0o700 });
  if (as !== null) chownSync(state, as.id, as.group);
  const script = `umask ${umask}; exec "$@"`;
  const line = ['-c', script, 'sh', process.execPath, builtExecutable(), '--pond', pond, ...args];
  const { status, stdout, stderr } = spawnSync('sh', line, {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', POND_STATE_DIR: state, HOME: folder },
    ...(as === null ? {} : { uid: as.id, gid: as.group }),
  });
  return { code: status, stdout, stderr };
};

/** Everything of the pond that is not the group's alone, as its path, group and mode. */
const strange = (): readonly string[] =>
  ['.', ...readdirSync(pond, { recursive: true, encoding: 'utf8' })].flatMap((name) => {
    const stat = lstatSync(join(pond, name));
    const mode = stat.mode & 0o7777;
    // What a query has for itself is nobody else's while it runs.
    const expected = stat.isDirectory() ? 0o2770 : 0o660;
    return stat.gid === GROUP && mode === expected ? [] : [`${name} ${stat.gid} ${mode.toString(8)}`];
  });

describe('a pond that is shared with a group', () => {
  for (const umask of ['000', '002', '077']) {
    it(`is the group's to write, and nobody else's to read, under umask ${umask}`, () => {
      expect(run(umask, ['init', '--shared', String(GROUP)]).code).toBe(0);
      expect(run(umask, ['mkdir', '-p', '/in/deep']).code).toBe(0);
      writeFileSync(join(folder, 'large'), 'x'.repeat(200_000));
      const large = `host://${join(folder, 'large')}`;
      const task = ['mknod', 'command', '/etc/system.d/10-ok', '--config', 'run: ["echo said"]\nshell: true'];
      expect(run(umask, task).code).toBe(0);
      expect(run(umask, ['--trust', 'copy', large, '/in/f']).stderr).toBe('');
      expect(run(umask, ['logs', '4.1']).stdout).toContain('said');
      run(umask, ['sql', 'SELECT 1']);
      expect(run(umask, ['maintain']).code).toBe(0);
      expect(strange()).toEqual([]);
    });
  }

  it('is one that is made in a directory that is shared so', () => {
    chownSync(folder, user?.id ?? 0, GROUP);
    chmodSync(folder, 0o2775);
    expect(run('022', ['init']).code).toBe(0);
    expect(run('077', ['mkdir', '/in']).code).toBe(0);
    expect(strange()).toEqual([]);
  });

  it('is written by each of its members, who approves for himself what it would run', (context) => {
    context.skip(!asRoot, 'only root can run a command as another user');
    run('022', ['init', '--shared', String(GROUP)]);
    const written = run('022', ['mkdir', '/theirs'], MEMBER);
    expect(written).toMatchObject({ code: 0 });
    expect(run('022', ['mkdir', '/ours']).code).toBe(0);
    expect(strange()).toEqual([]);
    const made = ['mknod', 'command', '/etc/system.d/10-ok', '--config', 'run: ["true"]'];
    run('022', made);
    const refused = run('022', ['mkdir', '/more'], MEMBER);
    expect(refused).toMatchObject({ code: 7 });
    expect(run('022', ['trust', '--yes', pond], MEMBER).code).toBe(0);
    expect(run('022', ['mkdir', '/more'], MEMBER)).toMatchObject({ code: 0 });
    expect(strange()).toEqual([]);
  });

  for (const [mode, file] of [
    [0o2770, 0o660],
    [0o2775, 0o664],
  ] as const) {
    it(`is pushed by each of its members to a directory of the group's of mode ${mode.toString(8)}`, (context) => {
      context.skip(!asRoot, 'only root can run a command as another user');
      const remote = join(folder, 'remote');
      mkdirSync(remote);
      chownSync(remote, 0, GROUP);
      chmodSync(remote, mode);
      writeFileSync(join(folder, 'large'), 'x'.repeat(200_000));
      const others = [MEMBER, { id: 4245, group: GROUP }];
      const must = (args: readonly string[], as: (typeof others)[number]) =>
        expect(run('077', args, as)).toMatchObject({ code: 0 });
      run('022', ['init', '--shared', String(GROUP)]);
      run('022', ['remote', 'add', 'place', `file://${remote}`]);
      for (const [count, as] of [...others, ...others].entries()) {
        must(['trust', '--yes'], as);
        must(['copy', `host://${join(folder, 'large')}`, `/f${count}`], as);
        must(['push'], as);
        must(['verify'], as);
      }
      const files = readdirSync(remote, { recursive: true, encoding: 'utf8' })
        .map((name) => lstatSync(join(remote, name)))
        .filter((stat) => stat.isFile())
        .map((stat) => [stat.gid, (stat.mode & 0o7777).toString(8)].join(' '));
      expect(new Set(files)).toEqual(new Set([`${GROUP} ${file.toString(8)}`]));
    });
  }

  it('cannot be looked into by anybody else', (context) => {
    context.skip(!asRoot, 'only root can run a command as another user');
    run('000', ['init', '--shared', String(GROUP)]);
    expect(run('022', ['list'], { id: 4244, group: 4244 }).code).not.toBe(0);
  });

  it('is not made where the group is not known, or there is a pond', () => {
    const { code, stderr } = run('022', ['init', '--shared', 'no-such-group']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('getent group no-such-group')]);
    run('022', ['init']);
    const before = lstatSync(pond).mode;
    expect(run('022', ['init', '--shared', String(GROUP)]).code).toBe(1);
    expect(lstatSync(pond).mode).toBe(before);
  });
});
