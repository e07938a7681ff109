import { expect, test } from 'vitest';
import { type MakeTrial, tryOut } from '../file-systems.js';
import { bytes, done, doneAsync, refused, refusedAsync, text } from '../outcomes.js';

const PLAIN = { mode: 0o644, fsync: false };

export const fileGuarantees = (make: MakeTrial): void => {
  test('a new file has its bytes, and the mode that was asked for whatever the umask', () => {
    const { files, root } = tryOut(make);
    for (const mode of [0o644, 0o600, 0o777, 0o666, 0o400, 0o000]) {
      const path = `${root}/${mode}`;
      done(files.createFile(path, bytes('content'), { mode, fsync: true }));
      expect(done(files.lstat(path))).toMatchObject({ kind: 'file', size: 7, mode, links: 1 });
      expect(text(done(files.readFile(path)))).toBe('content');
    }
  });

  test('a file without a mode gets what the umask leaves', async () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/a`, bytes('a')));
    await doneAsync(files.streamToNewFile(`${root}/b`, chunks('b', 'c')));
    const mode = 0o666 & ~process.umask();
    expect(done(files.stat(`${root}/a`))).toMatchObject({ kind: 'file', size: 1, mode });
    expect(done(files.stat(`${root}/b`))).toMatchObject({ kind: 'file', size: 2, mode });
  });

  test('files are made together, with the directories’ entries', async () => {
    const { files, root } = tryOut(make);
    const two = ['a', 'b'].map((name) => ({ path: `${root}/${name}`, content: bytes(name) }));
    await doneAsync(files.writeNewFiles(two, [root]));
    for (const name of ['a', 'b']) expect(text(done(files.readFile(`${root}/${name}`)))).toBe(name);
    const mode = 0o666 & ~process.umask();
    expect(done(files.stat(`${root}/a`))).toMatchObject({ kind: 'file', size: 1, mode });
  });

  test('of files that are made together all are there or none, and what was there stays', async () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/b`, bytes('kept')));
    const two = ['a', 'b'].map((name) => ({ path: `${root}/${name}`, content: bytes(name) }));
    await refusedAsync(files.writeNewFiles(two, []), 'EEXIST', `${root}/b`);
    const one = two.slice(0, 1);
    await refusedAsync(files.writeNewFiles(one, [`${root}/none`]), 'ENOENT', `${root}/none`);
    expect(done(files.readDirectory(root))).toEqual(['b']);
    expect(text(done(files.readFile(`${root}/b`)))).toBe('kept');
  });

  test('a new file never replaces what is there, be it a symlink that leads nowhere', async () => {
    const { files, root } = tryOut(make);
    done(files.createFile(`${root}/file`, bytes('kept'), PLAIN));
    done(files.makeDirectory(`${root}/directory`, 0o755));
    done(files.symlink('nowhere', `${root}/dangling`));
    done(files.symlink('file', `${root}/link`));
    for (const name of ['file', 'directory', 'dangling', 'link']) {
      const path = `${root}/${name}`;
      refused(files.createFile(path, bytes('x'), PLAIN), 'EEXIST', path);
      refused(files.writeNewFile(path, bytes('x')), 'EEXIST', path);
      await refusedAsync(files.streamToNewFile(path, chunks('x')), 'EEXIST', path);
    }
    expect(text(done(files.readFile(`${root}/file`)))).toBe('kept');
    refused(files.lstat(`${root}/nowhere`), 'ENOENT');
  });

  test('a file whose source breaks off is not there, and the error is the one of the source', async () => {
    const { files, root } = tryOut(make);
    const broken = new Error('broken off');
    const source = async function* () {
      yield bytes('half');
      throw broken;
    };
    await expect(files.streamToNewFile(`${root}/a`, source())()).rejects.toBe(broken);
    expect(done(files.readDirectory(root))).toEqual([]);
  });

  test('a file is read whole, in part and as a stream', async () => {
    const { files, root } = tryOut(make);
    const content = Buffer.alloc(2_500_000, 'water');
    done(files.writeNewFile(`${root}/a`, content));
    expect(content.equals(done(files.readFile(`${root}/a`)))).toBe(true);
    expect(text(done(files.readRange(`${root}/a`, 4, 7)))).toBe('rwaterw');
    const room = new Uint8Array(9);
    expect(text(done(files.readRange(`${root}/a`, 4, 7, room)))).toBe('rwaterw');
    expect(done(files.readRange(`${root}/a`, 2_499_999, 7))).toHaveLength(1);
    expect(done(files.readRange(`${root}/a`, 2_499_999, 7, room))).toHaveLength(1);
    expect(done(files.readRange(`${root}/a`, 2_600_000, 7))).toHaveLength(0);
    const read: Uint8Array[] = [];
    for await (const chunk of files.streamFile(`${root}/a`)) read.push(chunk);
    expect(content.equals(Buffer.concat(read))).toBe(true);
  });

  test('what is read is the reader’s own', () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/a`, bytes('kept')));
    done(files.readFile(`${root}/a`)).fill(0);
    expect(text(done(files.readFile(`${root}/a`)))).toBe('kept');
  });

  test('a stream of a file that is removed meanwhile goes on to its end', async () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/a`, Buffer.alloc(2_500_000, 1)));
    let size = 0;
    for await (const chunk of files.streamFile(`${root}/a`)) {
      files.removeFile(`${root}/a`)();
      size += chunk.length;
    }
    expect(size).toBe(2_500_000);
    refused(files.lstat(`${root}/a`), 'ENOENT');
  });

  test('reading fails where there is no file: nothing, a directory, a way through a file', async () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/file`, bytes('x')));
    const codes = { [`${root}/none`]: 'ENOENT', [root]: 'EISDIR', [`${root}/file/below`]: 'ENOTDIR' };
    for (const [path, code] of Object.entries(codes)) {
      refused(files.readFile(path), code, path);
      refused(files.readRange(path, 0, 1), code, path);
      const first = files.streamFile(path)[Symbol.asyncIterator]().next();
      await expect(first).rejects.toMatchObject({ _tag: 'FileSystemError', path, code });
    }
  });

  test('removing a file is strict where it is asked to be', () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/a`, bytes('x')));
    done(files.removeFile(`${root}/a`));
    refused(files.removeFile(`${root}/a`), 'ENOENT', `${root}/a`);
    done(files.remove(`${root}/a`));
    done(files.makeDirectory(`${root}/d`, 0o755));
    refused(files.removeFile(`${root}/d`), 'EISDIR', `${root}/d`);
    refused(files.removeFile(`${root}/none/a`), 'ENOENT');
    done(files.writeNewFile(`${root}/file`, bytes('x')));
    refused(files.remove(`${root}/file/a`), 'ENOTDIR');
  });

  test('files and directories can be fsynced, what is missing cannot', () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/a`, bytes('x')));
    done(files.fsyncFile(`${root}/a`));
    done(files.fsyncDirectory(root));
    refused(files.fsyncFile(`${root}/none`), 'ENOENT', `${root}/none`);
    refused(files.fsyncDirectory(`${root}/none`), 'ENOENT', `${root}/none`);
  });
};

async function* chunks(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const one of texts) yield bytes(one);
}
