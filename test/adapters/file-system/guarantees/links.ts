import { expect, test } from 'vitest';
import { type MakeTrial, tryOut } from '../file-systems.js';
import { bytes, done, refused, text } from '../outcomes.js';

export const linkGuarantees = (make: MakeTrial): void => {
  test('a symlink keeps its text, wherever that leads', () => {
    const { files, root } = tryOut(make);
    const targets = ['nowhere', '../a//b/', '/', '.', '💧', `${root}/x`, 'l'];
    targets.forEach((target, n) => {
      done(files.symlink(target, `${root}/${n}`));
      expect(done(files.readLink(`${root}/${n}`))).toBe(target);
      const size = Buffer.byteLength(target);
      expect(done(files.lstat(`${root}/${n}`))).toMatchObject({ kind: 'symlink', size, links: 1 });
    });
  });

  test('a symlink is made only where nothing is, and has a text', () => {
    const { files, root } = tryOut(make);
    done(files.symlink('a', `${root}/link`));
    refused(files.symlink('b', `${root}/link`), 'EEXIST', `${root}/link`);
    refused(files.symlink('b', root), 'EEXIST', root);
    refused(files.symlink('', `${root}/empty`), 'ENOENT', `${root}/empty`);
    refused(files.symlink('b', `${root}/none/link`), 'ENOENT', `${root}/none/link`);
    refused(files.symlink('t'.repeat(4096), `${root}/long`), 'ENAMETOOLONG');
    expect(done(files.readLink(`${root}/link`))).toBe('a');
  });

  test('only a symlink has a text', () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/file`, bytes('x')));
    refused(files.readLink(`${root}/file`), 'EINVAL', `${root}/file`);
    refused(files.readLink(root), 'EINVAL', root);
    refused(files.readLink(`${root}/none`), 'ENOENT', `${root}/none`);
  });

  test('symlinks on the way are followed: relative to where they are, absolute, upwards', () => {
    const { files, root } = tryOut(make);
    done(files.makeDirectories(`${root}/a/b`));
    done(files.writeNewFile(`${root}/a/b/file`, bytes('found')));
    done(files.symlink('b', `${root}/a/relative`));
    done(files.symlink(`${root}/a/b`, `${root}/absolute`));
    done(files.symlink('../../absolute/../b/', `${root}/a/b/around`));
    done(files.symlink('a/relative/around/file', `${root}/file`));
    for (const way of ['a/relative/file', 'absolute/file', 'absolute/around/file']) {
      expect(text(done(files.readFile(`${root}/${way}`)))).toBe('found');
    }
    for (const way of ['a/relative/file', 'absolute/file', 'absolute/around/file', 'file']) {
      expect(done(files.realPath(`${root}/${way}`))).toBe(done(files.realPath(`${root}/a/b/file`)));
    }
    done(files.writeNewFile(`${root}/absolute/new`, bytes('x')));
    expect(done(files.stat(`${root}/a/b/new`)).kind).toBe('file');
  });

  test('no file is opened through a symlink at the end of its path', async () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/file`, bytes('elsewhere')));
    done(files.symlink('file', `${root}/link`));
    refused(files.readFile(`${root}/link`), 'ELOOP', `${root}/link`);
    refused(files.readRange(`${root}/link`, 0, 4), 'ELOOP', `${root}/link`);
    refused(files.fsyncFile(`${root}/link`), 'ELOOP', `${root}/link`);
    const streamed = files.streamFile(`${root}/link`)[Symbol.asyncIterator]().next();
    await expect(streamed).rejects.toMatchObject({ code: 'ELOOP', path: `${root}/link` });
  });

  test('a way in circles ends, and so does one of more than forty symlinks', () => {
    const { files, root } = tryOut(make);
    done(files.symlink('two', `${root}/one`));
    done(files.symlink('one', `${root}/two`));
    done(files.symlink('itself/x', `${root}/itself`));
    for (const name of ['one', 'two/x', 'itself']) {
      refused(files.readFile(`${root}/${name}`), 'ELOOP', `${root}/${name}`);
      refused(files.realPath(`${root}/${name}`), 'ELOOP', `${root}/${name}`);
    }
    refused(files.makeDirectory(`${root}/one/x`, 0o755), 'ELOOP');
    done(files.writeNewFile(`${root}/link0`, bytes('far')));
    for (let n = 1; n <= 41; n += 1) done(files.symlink(`link${n - 1}`, `${root}/link${n}`));
    expect(done(files.realPath(`${root}/link40`))).toBe(done(files.realPath(`${root}/link0`)));
    refused(files.realPath(`${root}/link41`), 'ELOOP');
  });

  test('the real path of what leads nowhere is an error', () => {
    const { files, root } = tryOut(make);
    done(files.symlink('nowhere', `${root}/dangling`));
    done(files.writeNewFile(`${root}/file`, bytes('x')));
    refused(files.realPath(`${root}/none`), 'ENOENT', `${root}/none`);
    refused(files.realPath(`${root}/dangling`), 'ENOENT', `${root}/dangling`);
    refused(files.realPath(`${root}/file/x`), 'ENOTDIR', `${root}/file/x`);
    expect(done(files.realPath('/'))).toBe('/');
  });

  test('hard links are one file: same identity, counted names, content until the last is gone', () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/a`, bytes('shared')));
    done(files.link(`${root}/a`, `${root}/b`));
    const [a, b] = [done(files.lstat(`${root}/a`)), done(files.lstat(`${root}/b`))];
    expect(b).toEqual(a);
    expect(a.links).toBe(2);
    done(files.chmod(`${root}/b`, 0o640));
    expect(done(files.lstat(`${root}/a`)).mode).toBe(0o640);
    done(files.removeFile(`${root}/a`));
    expect(done(files.lstat(`${root}/b`)).links).toBe(1);
    expect(text(done(files.readFile(`${root}/b`)))).toBe('shared');
  });

  test('a hard link of a symlink is one of the symlink itself', () => {
    const { files, root } = tryOut(make);
    done(files.symlink('nowhere', `${root}/a`));
    done(files.link(`${root}/a`, `${root}/b`));
    expect(done(files.readLink(`${root}/b`))).toBe('nowhere');
    expect(done(files.lstat(`${root}/b`))).toEqual(done(files.lstat(`${root}/a`)));
  });

  test('a hard link replaces nothing, and is never one of a directory or to another device', () => {
    const { files, root, elsewhere } = tryOut(make);
    done(files.writeNewFile(`${root}/a`, bytes('a')));
    done(files.symlink('nowhere', `${root}/dangling`));
    refused(files.link(`${root}/a`, `${root}/a`), 'EEXIST', `${root}/a`);
    refused(files.link(`${root}/a`, `${root}/dangling`), 'EEXIST', `${root}/dangling`);
    refused(files.link(`${root}/none`, `${root}/b`), 'ENOENT', `${root}/b`);
    done(files.makeDirectory(`${root}/d`, 0o755));
    refused(files.link(`${root}/d`, `${root}/b`), 'EPERM', `${root}/b`);
    if (elsewhere !== null) refused(files.link(`${root}/a`, `${elsewhere}/b`), 'EXDEV', `${elsewhere}/b`);
  });
};
