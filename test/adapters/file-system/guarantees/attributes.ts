import { expect, test } from 'vitest';
import { type MakeTrial, tryOut } from '../file-systems.js';
import { bytes, done, refused } from '../outcomes.js';

export const attributeGuarantees = (make: MakeTrial): void => {
  test('permission bits are what they are set to, of files and directories', () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/file`, bytes('x')));
    done(files.makeDirectory(`${root}/directory`, 0o755));
    for (const mode of [0o600, 0o777, 0o000, 0o4755, 0o2755, 0o1777]) {
      for (const name of ['file', 'directory']) {
        done(files.chmod(`${root}/${name}`, mode));
        expect(done(files.stat(`${root}/${name}`)).mode).toBe(mode);
      }
    }
    refused(files.chmod(`${root}/none`, 0o644), 'ENOENT', `${root}/none`);
  });

  test('permission bits are never set through a symlink', () => {
    const { files, root } = tryOut(make);
    done(files.createFile(`${root}/file`, bytes('x'), { mode: 0o640, fsync: false }));
    done(files.symlink('file', `${root}/link`));
    done(files.symlink('nowhere', `${root}/dangling`));
    refused(files.chmod(`${root}/link`, 0o777), 'ELOOP', `${root}/link`);
    refused(files.chmod(`${root}/dangling`, 0o777), 'ELOOP', `${root}/dangling`);
    expect(done(files.stat(`${root}/file`)).mode).toBe(0o640);
  });

  test('a modification time is kept to the microsecond', () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/file`, bytes('x')));
    const times = [0, 1, 999_999, 1_000_000, 1_700_000_000_123_457, 4_102_444_799_999_999];
    for (let n = 0; n < 500; n += 1) times.push((n * 8_191_283_744_921) % 4_100_000_000_000_000);
    for (const time of times) {
      done(files.setModifiedAt(`${root}/file`, time));
      expect(done(files.stat(`${root}/file`)).modifiedAt).toBe(time);
      expect(done(files.lstat(`${root}/file`)).modifiedAt).toBe(time);
    }
  });

  test('the time of a symlink is its own', () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/file`, bytes('x')));
    done(files.symlink('file', `${root}/link`));
    done(files.setModifiedAt(`${root}/file`, 1_000_000));
    done(files.setModifiedAt(`${root}/link`, 2_000_001));
    done(files.setModifiedAt(root, 3_000_002));
    const timeOf = (path: string) => done(files.lstat(path)).modifiedAt;
    expect([`${root}/file`, `${root}/link`, root].map(timeOf)).toEqual([1_000_000, 2_000_001, 3_000_002]);
  });

  test('a time that cannot be is refused', () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/file`, bytes('x')));
    for (const time of [-1, Number.NaN]) {
      refused(files.setModifiedAt(`${root}/file`, time), 'EINVAL', `${root}/file`);
    }
    refused(files.setModifiedAt(`${root}/none`, 1), 'ENOENT', `${root}/none`);
  });

  test('a file is as old as its writing, whatever happens to its name', () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/a`, bytes('x')));
    const { modifiedAt, inode } = done(files.lstat(`${root}/a`));
    expect(modifiedAt).toBeGreaterThan(1_600_000_000_000_000);
    done(files.link(`${root}/a`, `${root}/b`));
    done(files.chmod(`${root}/a`, 0o600));
    done(files.rename(`${root}/a`, `${root}/c`));
    done(files.removeFile(`${root}/b`));
    expect(done(files.lstat(`${root}/c`))).toMatchObject({ modifiedAt, inode });
  });

  test('whoever may ask is told what is there, and that something is not', () => {
    const { files, root } = tryOut(make);
    done(files.symlink('nowhere', `${root}/dangling`));
    done(files.access(root, ['read', 'write', 'search']));
    done(files.access(root, []));
    refused(files.access(`${root}/none`, []), 'ENOENT', `${root}/none`);
    refused(files.access(`${root}/dangling`, []), 'ENOENT', `${root}/dangling`);
    refused(files.lstat(`${root}/none`), 'ENOENT', `${root}/none`);
    refused(files.stat(`${root}/dangling/x`), 'ENOENT', `${root}/dangling/x`);
  });
};
