// Nobody else reads or writes the control table and what is beside it, whatever the umask.

import { chmodSync, linkSync, lstatSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { callPond } from '../../support/pond-in-process.js';

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

/** Everything below a directory as its name and mode. */
const entries = (directory: string) =>
  ['.', ...readdirSync(directory, { recursive: true, encoding: 'utf8' })].map((name) => {
    const stat = lstatSync(join(directory, name));
    return { name, isDirectory: stat.isDirectory(), mode: stat.mode & 0o7777 };
  });

/** Places in which ponds are made, by what others may do there. */
const PLACES = [
  ['of this user’s', 0o755],
  ['that everybody may write', 0o777],
  ['that everybody may write, with the sticky bit', 0o1777],
  ['that a group may write', 0o775],
] as const;

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

  for (const [place, bits] of PLACES) {
    for (const umask of ['000', '002', '022', '077']) {
      it(`in a directory ${place} is private with all in it under umask ${umask}, however it was made`, async () => {
        chmodSync(folder, bits);
        await underUmask(umask, 'init');
        const task = ['mknod', 'command', '/etc/system.d/10-ok', '--config', 'run: [echo, said]'];
        for (const args of [
          task,
          ['--trust', 'mkdir', '/in'],
          ['sql', 'SELECT 1'],
          ['--trust', 'remote', 'add', 'there', `file://${folder}/there`],
          ['--trust', 'push'],
          ['restore', `file://${folder}/there`, join(folder, 'restored')],
          ['replicate', `file://${folder}/there`, join(folder, 'replica')],
          ['maintain'],
        ])
          await underUmask(umask, ...args);
        rmSync(join(folder, 'restored/control'), { recursive: true });
        await underUmask(umask, '--pond', join(folder, 'restored'), 'rebuild-control');
        const made = ['pond', 'there', 'restored', 'replica'].flatMap((directory) =>
          entries(join(folder, directory)).map((entry) => ({ ...entry, name: join(directory, entry.name) })),
        );
        const open = made.filter(({ name, mode, isDirectory }) =>
          /\/control(\/|$)/.test(name) ? mode !== (isDirectory ? 0o700 : 0o600) : (mode & 0o022) !== 0,
        );
        expect(open).toEqual([]);
        expect(made.filter(({ name }) => /control\/(output|place)/.test(name))).not.toEqual([]);
      });
    }
  }

  it('that others could reach is taken from them by the next command that writes', async () => {
    await underUmask('022', 'init');
    for (const [name] of files()) chmodSync(join(pond, 'control', name), 0o666);
    chmodSync(join(pond, 'control'), 0o777);
    await underUmask('022', 'mkdir', '/in');
    expect(modes().get('.')).toBe('700');
    expect(files().filter(([, mode]) => mode !== '600')).toEqual([]);
  });

  it('that others could reach has files in it that have another name left as they are, and is warned of them: they may be of somewhere else', async () => {
    await underUmask('022', 'init');
    chmodSync(join(pond, 'control'), 0o777);
    const elsewhere = join(folder, 'elsewhere');
    writeFileSync(elsewhere, 'read by everybody', { mode: 0o644 });
    linkSync(elsewhere, join(pond, 'control/planted'));
    const { code, stderr } = await callPond(['mkdir', '/in'], { pond });
    expect([code, modes().get('.'), lstatSync(elsewhere).mode & 0o777]).toEqual([0, '700', 0o644]);
    expect(stderr.split('\n').filter((line) => line.includes('control_not_private'))).toEqual([
      expect.stringContaining('control/planted'),
    ]);
  });

  it('that is shared with a group stays so, and new files in it are the group’s to write', async () => {
    await underUmask('022', 'init');
    rmSync(join(pond, 'control/writer.lock'));
    chmodSync(join(pond, 'control'), 0o2770);
    await underUmask('022', 'mkdir', '/in');
    expect([modes().get('.'), modes().get('writer.lock')]).toEqual(['2770', '660']);
  });
});
