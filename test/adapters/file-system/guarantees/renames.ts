import { expect, test } from 'vitest';
import type { HostFileSystem } from '../../../../src/ports/file-system.js';
import { type MakeTrial, tryOut } from '../file-systems.js';
import { bytes, done, refused, text } from '../outcomes.js';
import { treeOf } from '../tree.js';

export const renameGuarantees = (make: MakeTrial): void => {
  test('a renamed file keeps its identity, content, mode and time', () => {
    const { files, root } = tryOut(make);
    done(files.createFile(`${root}/a`, bytes('x'), { mode: 0o640, fsync: false }));
    done(files.setModifiedAt(`${root}/a`, 1_234_567_890_123_456));
    const before = done(files.lstat(`${root}/a`));
    done(files.makeDirectory(`${root}/d`, 0o755));
    done(files.rename(`${root}/a`, `${root}/d/b`));
    expect(done(files.lstat(`${root}/d/b`))).toEqual(before);
    refused(files.lstat(`${root}/a`), 'ENOENT');
  });

  test('a renamed directory takes along what is in it, and knows its new parent', () => {
    const { files, root } = tryOut(make);
    done(files.makeDirectories(`${root}/a/b`));
    done(files.makeDirectory(`${root}/c`, 0o755));
    done(files.writeNewFile(`${root}/c/beside`, bytes('new parent')));
    done(files.symlink('../beside', `${root}/a/up`));
    done(files.rename(`${root}/a`, `${root}/c/d`));
    expect([...done(files.readDirectory(`${root}/c/d`))].sort()).toEqual(['b', 'up']);
    expect(text(done(files.readFile(done(files.realPath(`${root}/c/d/up`)))))).toBe('new parent');
  });

  test('a file or symlink is replaced, never what it leads to', () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/pointed at`, bytes('kept')));
    done(files.symlink('pointed at', `${root}/link`));
    done(files.writeNewFile(`${root}/a`, bytes('a')));
    done(files.link(`${root}/a`, `${root}/other name`));
    done(files.rename(`${root}/a`, `${root}/link`));
    expect(text(done(files.readFile(`${root}/link`)))).toBe('a');
    done(files.symlink('elsewhere', `${root}/new`));
    done(files.rename(`${root}/new`, `${root}/link`));
    expect(done(files.readLink(`${root}/link`))).toBe('elsewhere');
    expect(done(files.lstat(`${root}/other name`)).links).toBe(1);
    expect(text(done(files.readFile(`${root}/pointed at`)))).toBe('kept');
  });

  test('a directory replaces an empty directory and nothing else', () => {
    const { files, root } = tryOut(make);
    furnish(files, root);
    refused(files.rename(`${root}/full`, `${root}/file`), 'ENOTDIR', `${root}/full`);
    refused(files.rename(`${root}/full`, `${root}/link`), 'ENOTDIR', `${root}/full`);
    refused(files.rename(`${root}/empty`, `${root}/full`), 'ENOTEMPTY', `${root}/empty`);
    refused(files.rename(`${root}/file`, `${root}/empty`), 'EISDIR', `${root}/file`);
    refused(files.rename(`${root}/link`, `${root}/full`), 'EISDIR', `${root}/link`);
    done(files.rename(`${root}/full`, `${root}/empty`));
    expect(done(files.readDirectory(`${root}/empty`))).toEqual(['x']);
  });

  test('nothing is renamed into itself, over what holds it, or from nowhere', () => {
    const { files, root } = tryOut(make);
    furnish(files, root);
    const before = treeOf(files, root);
    refused(files.rename(`${root}/full`, `${root}/full/y`), 'EINVAL', `${root}/full`);
    refused(files.rename(`${root}/full`, `${root}/full/x/y`), 'EINVAL', `${root}/full`);
    refused(files.rename(`${root}/full/x`, `${root}/full`), 'ENOTEMPTY', `${root}/full/x`);
    refused(files.rename(`${root}/none`, `${root}/b`), 'ENOENT', `${root}/none`);
    refused(files.rename(`${root}/none`, `${root}/none`), 'ENOENT', `${root}/none`);
    refused(files.rename(`${root}/file`, `${root}/none/b`), 'ENOENT', `${root}/file`);
    refused(files.rename(`${root}/file`, `${root}/file/b`), 'ENOTDIR', `${root}/file`);
    expect(treeOf(files, root)).toEqual(before);
  });

  test('two names of one file stay as they are', () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/a`, bytes('x')));
    done(files.link(`${root}/a`, `${root}/b`));
    done(files.rename(`${root}/a`, `${root}/b`));
    done(files.rename(`${root}/a`, `${root}/a`));
    expect(done(files.lstat(`${root}/a`)).links).toBe(2);
    done(files.makeDirectory(`${root}/d`, 0o755));
    done(files.rename(`${root}/d`, `${root}/d`));
  });

  test('nothing is renamed to another device', ({ skip }) => {
    const { files, root, elsewhere } = tryOut(make);
    if (elsewhere === null) return skip('this machine has no second device to write to');
    furnish(files, root);
    for (const name of ['file', 'full', 'link', 'none']) {
      refused(files.rename(`${root}/${name}`, `${elsewhere}/b`), 'EXDEV', `${root}/${name}`);
    }
    const devices = [root, elsewhere].map((path) => done(files.lstat(path)).device);
    expect(devices[0]).not.toBe(devices[1]);
    expect(done(files.lstat(`${root}/file`)).device).toBe(devices[0]);
  });
};

const furnish = (files: HostFileSystem, root: string): void => {
  done(files.makeDirectories(`${root}/full/x`));
  done(files.makeDirectory(`${root}/empty`, 0o755));
  done(files.writeNewFile(`${root}/file`, bytes('x')));
  done(files.symlink('full', `${root}/link`));
};
