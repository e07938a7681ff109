import { execFileSync } from 'node:child_process';
import { lstatSync, mkdirSync, readlinkSync, symlinkSync, utimesSync } from 'node:fs';
import { expect, test } from 'vitest';
import { printable } from '../../../src/domain/text/printable.js';
import { fileSystemSuite } from './file-system-suite.js';
import { nodeTrial, tryOut } from './file-systems.js';
import { bytes, done, doneAsync, refusedAsync } from './outcomes.js';

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

test('a name and a link text that are not UTF-8 name the same bytes again', async () => {
  const { files, root } = tryOut(nodeTrial);
  const stray = Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9, 0xff, 0x21])]);
  mkdirSync(stray);
  symlinkSync(Buffer.from([0x61, 0xff, 0xc3, 0xa9]), `${root}/link`);
  const [name = ''] = done(files.readDirectory(root)).filter((found) => found !== 'link');
  expect(printable(name)).toBe('caf\\xe9\\xff!');
  expect(printable(done(files.readLink(`${root}/link`)))).toBe('a\\xffé');
  done(files.symlink(done(files.readLink(`${root}/link`)), `${root}/${name}/copy`));
  expect(readlinkSync(Buffer.concat([stray, Buffer.from('/copy')]), { encoding: 'buffer' })).toEqual(
    Buffer.from([0x61, 0xff, 0xc3, 0xa9]),
  );
  done(files.writeNewFile(`${root}/${name}/\udcfe`, bytes('x')));
  await doneAsync(files.copyFile(`${root}/${name}/\udcfe`, `${root}/\udcfd`, { mode: 0o600, fsync: false }));
  expect(done(files.realPath(`${root}/${name}`))).toBe(`${root}/${name}`);
  done(files.rename(`${root}/\udcfd`, `${root}/plain`));
  done(files.removeFile(`${root}/${name}/\udcfe`));
  done(files.removeFile(`${root}/${name}/copy`));
  done(files.removeDirectory(`${root}/${name}`));
  expect(done(files.readDirectory(root)).toSorted()).toEqual(['link', 'plain']);
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
