import type { FileSystem } from '../../ports/file-system.js';
import { type KnownDirectory, unsafeEntries } from '../../tlogfs/check/check-kinds.js';
import type { Finding } from '../shapes/finding.js';

const NONE: ReadonlySet<string> = new Set();

/** Working spaces of queries are directories, their locks are files. */
const SPACES: KnownDirectory['directories'] = { has: (name) => !name.endsWith('.lock') };

/**
 * Finds what is not a regular file where the control table, its locks, the journals of host plans, and what is kept of
 * remotes, results and outputs are. What lies in the directory of exports is whatever they carry, so only the directory itself is looked at.
 */
export const checkControlKinds = (
  files: FileSystem,
  controlDir: string,
  named: (path: string) => string,
): readonly Finding[] => {
  const exports = files.readDirectory(`${controlDir}/host-exports`)();
  const inExports =
    exports._tag === 'Left' && exports.left._tag === 'UnsafeFile'
      ? [{ path: exports.left.path, found: exports.left.found }]
      : [];
  const output = `${controlDir}/output`;
  const inOutput = files.readDirectory(output)();
  const outputs = inOutput._tag === 'Right' ? inOutput.right.filter(OF_OUTPUT.has) : [];
  const here = directoriesIn(files, controlDir);
  const found = unsafeEntries(files, [
    { path: controlDir, directories: here },
    ...OF_FILES.map((name) => ({ path: `${controlDir}/${name}`, directories: NONE })),
    { path: output, directories: OF_OUTPUT },
    ...outputs
      .filter((name) => isDirectory(files, `${output}/${name}`))
      .map((name) => ({
        path: `${output}/${name}`,
        directories: NONE,
      })),
    { path: `${controlDir}/queries`, directories: SPACES },
  ]);
  const known = new Set(found.map(({ path }) => path));
  return [...found, ...inExports.filter(({ path }) => !known.has(path))].map(({ path, found: instead }) => ({
    _tag: 'UnsafeFile',
    file: named(path),
    found: instead,
  }));
};

/** Directories in which there are files only. */
const OF_FILES = ['runners', 'host-plans', 'derived', 'merged', 'remotes'];

/** Output of tasks: a directory for so many commits. */
const OF_OUTPUT: KnownDirectory['directories'] = { has: (name) => /^\d+$/.test(name) };

const OWN: ReadonlySet<string> = new Set([...OF_FILES, 'host-exports', 'queries', 'output']);

/** Names that are directories there, and those that should be; a directory with the name of a file is neither. */
const directoriesIn = (files: FileSystem, controlDir: string): KnownDirectory['directories'] => ({
  has: (name) => OWN.has(name) || (!isFile(name) && isDirectory(files, `${controlDir}/${name}`)),
});

const isDirectory = (files: FileSystem, path: string): boolean => {
  const found = files.stat(path)();
  return found._tag === 'Right' && found.right.kind === 'directory';
};

const isFile = (name: string): boolean => /^(control\.db.*|.*\.lock|.*\.json)$/.test(name);
