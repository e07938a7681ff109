import type { AppendLog, AppendLogs } from '../../../src/ports/append-log.js';
import type { HostFileSystem } from '../../../src/ports/file-system.js';
import { type Steps, shown, steppingFiles } from './crashing-ports.js';

/** The calls by which host plans change something, besides those that a pond's own storage makes. */
export const steppingHostFiles = (files: HostFileSystem, steps: Steps): HostFileSystem => {
  const isThere = (path: string) => files.lstat(path)()._tag === 'Right';
  const before =
    <A>(name: string, effect: () => A): (() => A) =>
    () => {
      steps.reach(name);
      return effect();
    };
  return {
    ...files,
    ...steppingFiles(files, steps),
    makeDirectory: (path, mode) => before(`makeDirectory ${shown(path)}`, files.makeDirectory(path, mode)),
    removeDirectory: (path) => () => {
      if (isThere(path)) steps.reach(`removeDirectory ${shown(path)}`);
      return files.removeDirectory(path)();
    },
    createFile: (path, content, as) => () => {
      steps.reach(`createFile ${shown(path)}`);
      if (steps.nextIsLast()) files.createFile(path, content.subarray(0, content.length >> 1), as)();
      steps.reach(`half of createFile ${shown(path)}`);
      return files.createFile(path, content, as)();
    },
    copyFile: (from, to, as) => before(`copyFile ${shown(to)}`, files.copyFile(from, to, as)),
    symlink: (target, path) => before(`symlink ${shown(path)}`, files.symlink(target, path)),
    removeFile: (path) => () => {
      if (isThere(path)) steps.reach(`removeFile ${shown(path)}`);
      return files.removeFile(path)();
    },
    chmod: (path, mode) => before(`chmod ${shown(path)}`, files.chmod(path, mode)),
    setModifiedAt: (path, at) => before(`setModifiedAt ${shown(path)}`, files.setModifiedAt(path, at)),
  };
};

/** Journals of host plans: each record is a step, and once more in its middle. */
export const steppingLogs = (logs: AppendLogs, steps: Steps): AppendLogs => {
  const stepping = (path: string, log: AppendLog): AppendLog => ({
    ...log,
    append: (bytes, durability) => () => {
      steps.reach(`append to ${shown(path)}`);
      if (steps.nextIsLast()) log.append(bytes.subarray(0, bytes.length >> 1), 'relaxed')();
      steps.reach(`half of append to ${shown(path)}`);
      return log.append(bytes, durability)();
    },
  });
  return {
    create: (path) => () => {
      steps.reach(`create ${shown(path)}`);
      const log = logs.create(path)();
      return log._tag === 'Left' ? log : { ...log, right: stepping(path, log.right) };
    },
    open: (path) => () => {
      const log = logs.open(path)();
      return log._tag === 'Left' ? log : { ...log, right: stepping(path, log.right) };
    },
  };
};
