import { describe, expect, test } from 'vitest';
import { type MakeTrial, type Trial, tryOut } from '../file-systems.js';
import { bytes, done, doneAsync, refused, refusedAsync } from '../outcomes.js';

const AS = { mode: 0o644, fsync: false };

export const permissionGuarantees = (make: MakeTrial): void => {
  describe('someone who is not root', () => {
    test('can change nothing in a directory without the write bit', async () => {
      const { files, root, onlooker } = furnished(make);
      done(onlooker.chmod(`${root}/d`, 0o555));
      const [file, empty, fresh] = [`${root}/d/file`, `${root}/d/empty`, `${root}/d/new`];
      refused(files.createFile(fresh, bytes('x'), AS), 'EACCES', fresh);
      refused(files.makeDirectory(fresh, 0o755), 'EACCES', fresh);
      refused(files.makeDirectories(`${fresh}/x`), 'EACCES');
      refused(files.symlink('x', fresh), 'EACCES', fresh);
      refused(files.link(file, fresh), 'EACCES', fresh);
      refused(files.rename(file, fresh), 'EACCES', file);
      refused(files.rename(file, `${root}/new`), 'EACCES', file);
      refused(files.rename(`${root}/file`, fresh), 'EACCES', `${root}/file`);
      refused(files.removeFile(file), 'EACCES', file);
      refused(files.removeDirectory(empty), 'EACCES', empty);
      await refusedAsync(files.copyFile(file, fresh, AS), 'EACCES', fresh);
      expect([...done(files.readDirectory(`${root}/d`))].sort()).toEqual(['empty', 'file']);
    });

    test('learns that a path is taken before learning that it is forbidden', () => {
      const { files, root, onlooker } = furnished(make);
      done(onlooker.chmod(`${root}/d`, 0o555));
      refused(files.createFile(`${root}/d/file`, bytes('x'), AS), 'EEXIST');
      refused(files.makeDirectory(`${root}/d/file`, 0o755), 'EEXIST');
      refused(files.removeFile(`${root}/d/none`), 'ENOENT');
    });

    test('reaches nothing in a directory without the search bit, though its names are readable', () => {
      const { files, root, onlooker } = furnished(make);
      done(onlooker.chmod(`${root}/d`, 0o644));
      expect(done(files.readDirectory(`${root}/d`))).toHaveLength(2);
      refused(files.lstat(`${root}/d/file`), 'EACCES', `${root}/d/file`);
      refused(files.stat(`${root}/d/none`), 'EACCES');
      refused(files.realPath(`${root}/d/empty`), 'EACCES');
      done(onlooker.chmod(`${root}/d`, 0o311));
      refused(files.readDirectory(`${root}/d`), 'EACCES', `${root}/d`);
      done(files.lstat(`${root}/d/file`));
    });

    test('finds a directory without the search bit by a symlink that ends in a slash, but not in a dot', () => {
      const { files, root } = furnished(make);
      done(files.symlink('d/', `${root}/slash`));
      done(files.symlink('d/.', `${root}/dot`));
      done(files.chmod(`${root}/d`, 0o600));
      expect(done(files.readDirectory(`${root}/slash`))).toHaveLength(2);
      refused(files.readDirectory(`${root}/dot`), 'EACCES', `${root}/dot`);
    });

    test('cannot read a file without the read bit, but can move it', async () => {
      const { files, root } = furnished(make);
      done(files.chmod(`${root}/file`, 0o200));
      refused(files.readFile(`${root}/file`), 'EACCES', `${root}/file`);
      await refusedAsync(files.copyFile(`${root}/file`, `${root}/copy`, AS), 'EACCES', `${root}/file`);
      refused(files.fsyncFile(`${root}/file`), 'EACCES', `${root}/file`);
      done(files.rename(`${root}/file`, `${root}/d/moved`));
    });

    test('cannot move a directory without its write bit to another parent, but can rename it', () => {
      const { files, root } = furnished(make);
      done(files.chmod(`${root}/d/empty`, 0o555));
      refused(files.rename(`${root}/d/empty`, `${root}/empty`), 'EACCES', `${root}/d/empty`);
      done(files.rename(`${root}/d/empty`, `${root}/d/renamed`));
    });

    test('changes the bits of what may not be opened', () => {
      const { files, root } = furnished(make);
      for (const path of [`${root}/file`, `${root}/d`]) {
        done(files.chmod(path, 0o000));
        done(files.chmod(path, 0o700));
      }
      done(files.makeDirectory(`${root}/odd`, 0o333));
      expect(done(files.lstat(`${root}/odd`)).mode).toBe(0o333);
    });

    test('writes a file whose mode forbids writing', async () => {
      const { files, root } = furnished(make);
      done(files.createFile(`${root}/a`, bytes('x'), { mode: 0o444, fsync: true }));
      await doneAsync(files.copyFile(`${root}/a`, `${root}/b`, { mode: 0o000, fsync: true }));
      expect(done(files.lstat(`${root}/b`))).toMatchObject({ size: 1, mode: 0 });
    });

    test('is told beforehand what is forbidden', ({ skip }) => {
      const { files, root, onlooker, accessAsksForUser } = furnished(make);
      if (!accessAsksForUser) return skip('access asks for the real user, who is root here');
      done(onlooker.chmod(`${root}/d`, 0o555));
      done(files.access(`${root}/d`, ['read', 'search']));
      refused(files.access(`${root}/d`, ['write']), 'EACCES', `${root}/d`);
      done(onlooker.chmod(`${root}/file`, 0o200));
      refused(files.access(`${root}/file`, ['read', 'write']), 'EACCES', `${root}/file`);
      done(files.access(`${root}/file`, ['write']));
      done(onlooker.chmod(`${root}/d`, 0o644));
      refused(files.access(`${root}/d/file`, []), 'EACCES', `${root}/d/file`);
    });
  });

  test('root is held to no bits', ({ skip }) => {
    const { files, root, actsAsRoot } = tryOut(make, 'root');
    if (!actsAsRoot) return skip('these tests are not run as root');
    done(files.makeDirectory(`${root}/d`, 0o000));
    done(files.createFile(`${root}/d/file`, bytes('x'), { mode: 0o000, fsync: false }));
    done(files.readFile(`${root}/d/file`));
    done(files.access(`${root}/d`, ['read', 'write', 'search']));
    done(files.access(`${root}/d/file`, ['read', 'write']));
    refused(files.access(`${root}/d/file`, ['search']), 'EACCES');
  });
};

const furnished = (make: MakeTrial): Trial => {
  const trial = tryOut(make, 'owner');
  const { files, root } = trial;
  done(files.makeDirectories(`${root}/d/empty`));
  done(files.createFile(`${root}/d/file`, bytes('x'), AS));
  done(files.createFile(`${root}/file`, bytes('x'), AS));
  return trial;
};
