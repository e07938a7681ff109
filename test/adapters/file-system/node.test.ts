import { execFileSync } from 'node:child_process';
import { lstatSync, symlinkSync, utimesSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fileSystemSuite } from './file-system-suite.js';
import { nodeTrial, tryOut } from './file-systems.js';
import { bytes, done, refused, refusedAsync } from './outcomes.js';

fileSystemSuite('the host’s filesystem', nodeTrial);

// The memory filesystem has no pipes and no names outside UTF-8, and keeps no access times.

test('what is neither file, directory nor symlink is named so, and not waited for', async () => {
  const { files, root } = tryOut(nodeTrial);
  execFileSync('/bin/sh', ['-c', 'mkfifo "$0"', `${root}/pipe`]);
  expect(done(files.lstat(`${root}/pipe`)).kind).toBe('other');
  const copy = files.copyFile(`${root}/pipe`, `${root}/copy`, { mode: 0o644, fsync: false });
  await refusedAsync(copy, 'EINVAL', `${root}/pipe`);
  done(files.chmod(`${root}/pipe`, 0o600));
  expect(done(files.lstat(`${root}/pipe`)).mode).toBe(0o600);
});

test('a link text that could not be written back is refused', () => {
  const { files, root } = tryOut(nodeTrial);
  symlinkSync(Buffer.from([0x61, 0xff, 0x62]), `${root}/link`);
  refused(files.readLink(`${root}/link`), 'EILSEQ', `${root}/link`);
});

test('the time of the last access stays', () => {
  const { files, root } = tryOut(nodeTrial);
  done(files.writeNewFile(`${root}/a`, bytes('x')));
  utimesSync(`${root}/a`, 1_000, 2_000);
  done(files.setModifiedAt(`${root}/a`, 3_000_000_000));
  const { atimeMs, mtimeMs } = lstatSync(`${root}/a`);
  expect([atimeMs, mtimeMs].map(Math.round)).toEqual([1_000_000, 3_000_000]);
});

test('the identity is the one that the system knows', () => {
  const { files, root } = tryOut(nodeTrial);
  done(files.createFile(`${root}/a`, bytes('abc'), { mode: 0o4711, fsync: false }));
  const { dev, ino, mode, size } = lstatSync(`${root}/a`, { bigint: true });
  expect(done(files.lstat(`${root}/a`))).toMatchObject({ device: dev, inode: ino, size: Number(size) });
  expect(done(files.lstat(`${root}/a`)).mode).toBe(Number(mode) & 0o7777);
});
