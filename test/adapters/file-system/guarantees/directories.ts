import { expect, test } from 'vitest';
import { type MakeTrial, tryOut } from '../file-systems.js';
import { bytes, done, refused } from '../outcomes.js';

export const directoryGuarantees = (make: MakeTrial): void => {
  test('a directory has the mode that was asked for, whatever the umask', () => {
    const { files, root } = tryOut(make);
    for (const mode of [0o755, 0o700, 0o777, 0o1777, 0o333, 0o000]) {
      done(files.makeDirectory(`${root}/${mode}`, mode));
      expect(done(files.lstat(`${root}/${mode}`))).toMatchObject({ kind: 'directory', mode });
    }
  });

  test('a directory is not made where something is, nor without its parent', () => {
    const { files, root } = tryOut(make);
    done(files.makeDirectory(`${root}/d`, 0o755));
    done(files.symlink('nowhere', `${root}/dangling`));
    done(files.writeNewFile(`${root}/file`, bytes('x')));
    for (const name of ['d', 'dangling', 'file']) {
      refused(files.makeDirectory(`${root}/${name}`, 0o755), 'EEXIST', `${root}/${name}`);
    }
    refused(files.makeDirectory(`${root}/none/d`, 0o755), 'ENOENT', `${root}/none/d`);
    refused(files.makeDirectory(`${root}/file/d`, 0o755), 'ENOTDIR', `${root}/file/d`);
    refused(files.makeDirectory(`${root}/${'n'.repeat(256)}`, 0o755), 'ENAMETOOLONG');
  });

  test('a directory inherits its group bit', () => {
    const { files, root } = tryOut(make);
    done(files.makeDirectory(`${root}/shared`, 0o755));
    done(files.chmod(`${root}/shared`, 0o2775));
    done(files.makeDirectory(`${root}/shared/below`, 0o750));
    expect(done(files.lstat(`${root}/shared/below`)).mode).toBe(0o2750);
  });

  test('missing parents are made, and the topmost is named', () => {
    const { files, root } = tryOut(make);
    expect(done(files.makeDirectories(`${root}/a/b/c`))).toBe(`${root}/a`);
    expect(done(files.makeDirectories(`${root}/a/b/d`))).toBe(`${root}/a/b/d`);
    expect(done(files.makeDirectories(`${root}/a/b`))).toBeNull();
    expect(done(files.stat(`${root}/a/b`)).mode).toBe(0o777 & ~process.umask());
    done(files.symlink('a', `${root}/link`));
    expect(done(files.makeDirectories(`${root}/link/e`))).toBe(`${root}/link/e`);
    expect(done(files.makeDirectories(`${root}/link`))).toBeNull();
  });

  test('missing parents are not made through what is not a directory', () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/file`, bytes('x')));
    done(files.symlink('nowhere', `${root}/dangling`));
    done(files.symlink('file', `${root}/link`));
    refused(files.makeDirectories(`${root}/file`), 'EEXIST', `${root}/file`);
    refused(files.makeDirectories(`${root}/file/a/b`), 'ENOTDIR');
    refused(files.makeDirectories(`${root}/link`), 'EEXIST');
    refused(files.makeDirectories(`${root}/dangling`), 'ENOENT');
    refused(files.makeDirectories(`${root}/dangling/a`), 'ENOENT');
    expect([...done(files.readDirectory(root))].sort()).toEqual(['dangling', 'file', 'link']);
  });

  test('only an empty directory is removed, and nothing else', () => {
    const { files, root } = tryOut(make);
    done(files.makeDirectories(`${root}/d/e`));
    done(files.symlink('d', `${root}/link`));
    done(files.writeNewFile(`${root}/file`, bytes('x')));
    refused(files.removeDirectory(`${root}/d`), 'ENOTEMPTY', `${root}/d`);
    refused(files.removeDirectory(`${root}/link`), 'ENOTDIR', `${root}/link`);
    refused(files.removeDirectory(`${root}/file`), 'ENOTDIR', `${root}/file`);
    refused(files.removeDirectory(`${root}/none`), 'ENOENT', `${root}/none`);
    done(files.removeDirectory(`${root}/d/e`));
    done(files.removeDirectory(`${root}/d`));
    refused(files.lstat(`${root}/d`), 'ENOENT');
  });

  test('a listing has every name, symlinks that lead nowhere included', () => {
    const { files, root } = tryOut(make);
    done(files.makeDirectory(`${root}/näme 💧`, 0o755));
    done(files.symlink('nowhere', `${root}/l`));
    done(files.writeNewFile(`${root}/.hidden`, bytes('x')));
    done(files.symlink('.', `${root}/here`));
    const names = ['.hidden', 'here', 'l', 'näme 💧'];
    expect([...done(files.readDirectory(root))].sort()).toEqual(names);
    expect([...done(files.readDirectory(`${root}/here`))].sort()).toEqual(names);
    refused(files.readDirectory(`${root}/.hidden`), 'ENOTDIR', `${root}/.hidden`);
    refused(files.readDirectory(`${root}/l`), 'ENOENT', `${root}/l`);
  });
};
