// A pond on a disk without a byte left: what is in it is read, what would write says why it cannot, and nothing is wrong afterwards.

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { whyNoTmpfs } from '../../soak/small-tmpfs.js';
import { runPond } from '../../support/pond-cli.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const folder = temporaryFolder('full-disk');
const place = join(folder, '.');
const pond = join(folder, 'pond');
const filler = join(folder, 'filler');

const call = (args: readonly string[], input = '') => runPond(args, { pond, input });

const fill = (): void => {
  const { bavail, bsize } = statfsSync(place);
  writeFileSync(filler, Buffer.alloc(bavail * bsize));
  expect(statfsSync(place).bavail).toBe(0);
};

const noTmpfs = await whyNoTmpfs();

describe.skipIf(noTmpfs !== null)('on a full disk', () => {
  beforeEach(async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'pond-full-disk', place]);
    await call(['init']);
    await call(['copy', '-', '/in/a.csv'], 'a,b\n1,2\n');
  });
  afterEach(() => {
    execFileSync('umount', [place]);
  });

  const READING = [
    ['cat', '/in/a.csv'],
    ['list', '-l'],
    ['log', '/in/a.csv'],
    ['versions', '/in/a.csv'],
    ['status'],
    ['control'],
    ['fsck'],
    ['copy', '/in/a.csv', `host://${folder}-out.csv`],
  ];

  test('contents and records are read; whatever writes names the disk, and is done once there is room', async () => {
    fill();
    for (const args of READING) {
      const { code, stderr } = await call(args);
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
    }
    expect(readFileSync(`${folder}-out.csv`, 'utf8')).toBe('a,b\n1,2\n');
    for (const args of [['mkdir', '/x'], ['recover'], ['serve']]) {
      const { code, stderr } = await call(args);
      expect({ args, code, stderr }).toEqual({ args, code: 1, stderr: expect.stringContaining('make room') });
    }
    for (const args of [
      ['mkdir', '/x'],
      ['copy', '-', '/y'],
    ]) {
      const { error } = JSON.parse((await call([...args, '--json'], 'x'.repeat(100_000))).stdout);
      expect(error).toMatchObject({ remedy: expect.stringContaining('make room') });
      expect(error.message).not.toContain('make room');
    }
    rmSync(filler);
    expect((await call(['mkdir', '/x'])).code).toBe(0);
    expect((await call(['fsck'])).stdout).toContain('nothing is wrong');
    rmSync(`${folder}-out.csv`);
  });

  test('beside a process that has the pond open, a read leaves no record', async () => {
    const { Steward } = await import('../../../src/index.js');
    const opened = await Steward.open(pond)();
    if (opened._tag === 'Left') throw new Error(JSON.stringify(opened.left));
    fill();
    const { code, stdout, stderr } = await call(['cat', '/in/a.csv']);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a,b\n1,2\n' });
    expect(stderr).toContain('read_not_recorded');
    rmSync(filler);
    await opened.right.close()();
    expect((await call(['fsck'])).code).toBe(0);
  });
});
