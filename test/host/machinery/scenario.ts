import { isLeft } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { HostOperation } from '../../../src/host-plans/operations/host-operation.js';
import type { HostFileSystem } from '../../../src/ports/file-system.js';

/** A tree in which there is something for every kind of operation. */
export const buildTree = (files: HostFileSystem, root: string): void => {
  const must = (call: IOEither<unknown, unknown>) => {
    const done = call();
    if (isLeft(done)) throw new Error(JSON.stringify(done.left));
  };
  const directory = (path: string, mode = 0o755) => must(files.makeDirectory(`${root}/${path}`, mode));
  const file = (path: string, content: string, mode = 0o644) => {
    must(files.createFile(`${root}/${path}`, Buffer.from(content), { mode, fsync: false }));
    must(files.setModifiedAt(`${root}/${path}`, 1_600_000_000_000_000 + content.length * 1_000_000));
  };
  const link = (path: string, text: string) => must(files.symlink(text, `${root}/${path}`));

  directory('source');
  file('source/a', 'the first file', 0o640);
  directory('source/inner', 0o750);
  file('source/inner/b', 'the second', 0o600);
  link('source/inner/up', '../a');
  directory('source/shut');
  file('source/shut/c', 'in a directory that nobody may write');
  must(files.chmod(`${root}/source/shut`, 0o555));
  file('conf', 'old configuration', 0o600);
  link('current', 'source');
  link('stale', '/nowhere');
  directory('empty', 0o711);
  directory('old');
  directory('old/deep');
  file('old/deep/er', 'to be removed', 0o444);
  link('old/l', 'deep');
  file('gone', 'to be deleted');
  file('here', 'to be moved', 0o604);
  file('over', 'moves over something');
  file('under', 'something', 0o755);
};

/** One operation of every kind, and those that replace. */
export const everyOperation = (root: string): readonly HostOperation[] => [
  { id: 'make', kind: 'DirCreate', path: `${root}/new`, mode: '0750' },
  { id: 'exists', kind: 'DirCreate', path: `${root}/source` },
  { id: 'copy', kind: 'FileCopy', source: `${root}/source/a`, dest: `${root}/new/a` },
  { id: 'copy-over', kind: 'FileCopy', source: `${root}/source/a`, dest: `${root}/under2`, mode: '0600' },
  { id: 'tree', kind: 'DirCopy', source: `${root}/source`, dest: `${root}/new/tree` },
  { id: 'backup', kind: 'FileBackup', source: `${root}/conf`, backup: `${root}/new/conf.bak` },
  { id: 'write', kind: 'FileWrite', path: `${root}/conf`, content: 'new', mode: '0640', replace: true },
  { id: 'fresh', kind: 'FileWrite', path: `${root}/new/fresh`, content_base64: 'AAEC' },
  {
    id: 'flip',
    kind: 'LinkCreate',
    source: `${root}/new`,
    target: `${root}/current`,
    mode: 'relative',
    replace: true,
  },
  { id: 'link', kind: 'LinkCreate', source: `${root}/new/a`, target: `${root}/new/l`, mode: 'absolute' },
  { id: 'unlink', kind: 'LinkDelete', target: `${root}/stale` },
  { id: 'remove-empty', kind: 'DirDelete', path: `${root}/empty` },
  { id: 'remove-all', kind: 'DirRemoveAll', path: `${root}/old` },
  { id: 'again', kind: 'DirCreate', path: `${root}/old`, mode: '0700' },
  { id: 'into-again', kind: 'FileWrite', path: `${root}/old/new`, content: 'after' },
  { id: 'delete', kind: 'FileDelete', path: `${root}/gone` },
  { id: 'move', kind: 'FileMove', from: `${root}/here`, to: `${root}/new/there` },
  { id: 'move-over', kind: 'FileMove', from: `${root}/over`, to: `${root}/under`, replace: true },
];
