import { expect, test } from 'vitest';
import { type MakeTrial, tryOut } from '../file-systems.js';
import { bytes, done, doneAsync, refused, refusedAsync, text } from '../outcomes.js';

const AS = { mode: 0o640, fsync: true };

export const copyGuarantees = (make: MakeTrial): void => {
  test('a copy has the content and the mode that was asked for, and is a file of its own', async () => {
    const { files, root, elsewhere } = tryOut(make);
    const content = Buffer.alloc(2_500_000, 'water');
    done(files.writeNewFile(`${root}/a`, content));
    done(files.writeNewFile(`${root}/empty`, bytes('')));
    for (const to of [root, elsewhere ?? root].map((directory, n) => `${directory}/copy${n}`)) {
      await doneAsync(files.copyFile(`${root}/a`, to, { mode: 0o666, fsync: false }));
      expect(content.equals(done(files.readFile(to)))).toBe(true);
      expect(done(files.lstat(to))).toMatchObject({ kind: 'file', mode: 0o666, links: 1 });
    }
    await doneAsync(files.copyFile(`${root}/empty`, `${root}/copy of empty`, AS));
    expect(done(files.lstat(`${root}/copy of empty`))).toMatchObject({ size: 0, mode: 0o640 });
  });

  test('a copy never replaces what is there, and follows no symlink at either end', async () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/a`, bytes('a')));
    done(files.writeNewFile(`${root}/taken`, bytes('kept')));
    done(files.symlink('outside', `${root}/dangling`));
    done(files.symlink('a', `${root}/link`));
    for (const name of ['taken', 'dangling', 'link']) {
      await refusedAsync(files.copyFile(`${root}/a`, `${root}/${name}`, AS), 'EEXIST', `${root}/${name}`);
    }
    await refusedAsync(files.copyFile(`${root}/link`, `${root}/new`, AS), 'ELOOP', `${root}/link`);
    for (const name of ['outside', 'new']) refused(files.lstat(`${root}/${name}`), 'ENOENT');
    expect(text(done(files.readFile(`${root}/taken`)))).toBe('kept');
  });

  test('what is not a file is not copied, and each error names the end that is to blame', async () => {
    const { files, root } = tryOut(make);
    done(files.writeNewFile(`${root}/a`, bytes('a')));
    done(files.makeDirectory(`${root}/d`, 0o755));
    await refusedAsync(files.copyFile(`${root}/d`, `${root}/new`, AS), 'EISDIR', `${root}/d`);
    await refusedAsync(files.copyFile(`${root}/none`, `${root}/new`, AS), 'ENOENT', `${root}/none`);
    await refusedAsync(files.copyFile(`${root}/a`, `${root}/x/new`, AS), 'ENOENT', `${root}/x/new`);
    await refusedAsync(files.copyFile(`${root}/a`, `${root}/a/new`, AS), 'ENOTDIR', `${root}/a/new`);
    await refusedAsync(files.copyFile(`${root}/a`, `${root}/a`, AS), 'EEXIST', `${root}/a`);
    expect([...done(files.readDirectory(root))].sort()).toEqual(['a', 'd']);
  });
};
