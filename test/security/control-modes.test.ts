// Nobody else reads or writes the control table and what is beside it, whatever the umask.

import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callPond } from '../support/pond-in-process.js';

let folder: string;
let pond: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pond-modes-'));
  pond = join(folder, 'pond');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const underUmask = async (umask: string, ...args: readonly string[]): Promise<void> => {
  const before = process.umask(umask);
  try {
    const { code, stderr } = await callPond(args, { pond });
    if (code !== 0) throw new Error(stderr);
  } finally {
    process.umask(before);
  }
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
    it(`of a pond made under umask ${umask} is its owner's only, with every file in it`, async () => {
      await underUmask(umask, 'init');
      const task = ['mknod', 'command', '/etc/system.d/10-ok', '--config', 'run: ["true"]'];
      await underUmask(umask, ...task);
      await underUmask(umask, 'mkdir', '/in');
      await underUmask(umask, 'sql', 'SELECT 1');
      expect(modes().get('.')).toBe('700');
      expect(files().map(([name]) => name)).toEqual(expect.arrayContaining(['control.db', 'writer.lock']));
      expect(files().filter(([, mode]) => mode !== '600')).toEqual([]);
    });
  }

  it('that others could reach is taken from them by the next command that writes', async () => {
    await underUmask('022', 'init');
    for (const [name] of files()) chmodSync(join(pond, 'control', name), 0o666);
    chmodSync(join(pond, 'control'), 0o777);
    await underUmask('022', 'mkdir', '/in');
    expect(modes().get('.')).toBe('700');
    expect(files().filter(([, mode]) => mode !== '600')).toEqual([]);
  });

  it('that is shared with a group stays so, and new files in it are the group’s to write', async () => {
    await underUmask('022', 'init');
    rmSync(join(pond, 'control/writer.lock'));
    chmodSync(join(pond, 'control'), 0o2770);
    await underUmask('022', 'mkdir', '/in');
    expect([modes().get('.'), modes().get('writer.lock')]).toEqual(['2770', '660']);
  });
});
