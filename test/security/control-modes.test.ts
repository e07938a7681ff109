// Nobody else reads or writes the control table and what is beside it, whatever the umask.

import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { builtExecutable } from '../support/pond-cli.js';

let folder: string;
let pond: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pond-modes-'));
  pond = join(folder, 'pond');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const underUmask = (umask: string, ...args: readonly string[]): void => {
  const script = `umask ${umask}; exec "$@"`;
  const line = ['-c', script, 'sh', process.execPath, builtExecutable(), '--pond', pond, ...args];
  execFileSync('sh', line, { stdio: 'pipe' });
};

/** The modes of `control` and all in it, as text: `control.db 600`. */
const modes = (): ReadonlyMap<string, string> => {
  const control = join(pond, 'control');
  const names = ['.', ...readdirSync(control, { recursive: true, encoding: 'utf8' })];
  return new Map(
    names.map((name) => [name, (lstatSync(join(control, name)).mode & 0o7777).toString(8)] as const),
  );
};

const files = () => [...modes()].filter(([name]) => lstatSync(join(pond, 'control', name)).isFile());

describe('the control directory', () => {
  for (const umask of ['000', '022', '077']) {
    it(`of a pond made under umask ${umask} is its owner's only, with every file in it`, () => {
      underUmask(umask, 'init');
      const task = ['mknod', 'command', '/etc/system.d/10-ok', '--config', 'run: ["true"]'];
      underUmask(umask, ...task);
      underUmask(umask, 'mkdir', '/in');
      underUmask(umask, 'sql', 'SELECT 1');
      expect(modes().get('.')).toBe('700');
      expect(files().map(([name]) => name)).toEqual(expect.arrayContaining(['control.db', 'writer.lock']));
      expect(files().filter(([, mode]) => mode !== '600')).toEqual([]);
    });
  }

  it('that others could reach is taken from them by the next command that writes', () => {
    underUmask('022', 'init');
    for (const [name] of files()) chmodSync(join(pond, 'control', name), 0o666);
    chmodSync(join(pond, 'control'), 0o777);
    underUmask('022', 'mkdir', '/in');
    expect(modes().get('.')).toBe('700');
    expect(files().filter(([, mode]) => mode !== '600')).toEqual([]);
  });

  it('that is shared with a group stays so, and new files in it are the group’s to write', () => {
    underUmask('022', 'init');
    rmSync(join(pond, 'control/writer.lock'));
    chmodSync(join(pond, 'control'), 0o2770);
    underUmask('022', 'mkdir', '/in');
    expect([modes().get('.'), modes().get('writer.lock')]).toEqual(['2770', '660']);
  });
});
