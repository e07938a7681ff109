import * as fc from 'fast-check';
import type { Either } from 'fp-ts/lib/Either.js';
import type { AccessRight, FileSystemError, HostFileSystem } from '../../../src/ports/file-system.js';

/** A call of the port as data. Paths are below some root, and so are link targets that start with a slash. */
export type PortCall =
  | { readonly call: 'createFile'; readonly path: string; readonly content: string; readonly mode: number }
  | { readonly call: 'makeDirectory' | 'chmod'; readonly path: string; readonly mode: number }
  | { readonly call: 'symlink'; readonly target: string; readonly path: string }
  | {
      readonly call: 'rename' | 'link' | 'copyFile' | 'writeNewFiles';
      readonly from: string;
      readonly to: string;
    }
  | { readonly call: 'setModifiedAt'; readonly path: string; readonly modifiedAt: number }
  | { readonly call: 'access'; readonly path: string; readonly rights: readonly AccessRight[] }
  | { readonly call: OnPath; readonly path: string };

const ON_PATH = [
  'writeNewFile',
  'streamToNewFile',
  'readFile',
  'readRange',
  'stat',
  'lstat',
  'realPath',
  'readLink',
  'readDirectory',
  'makeDirectories',
  'removeDirectory',
  'removeFile',
  'remove',
  'fsyncFile',
  'fsyncDirectory',
] as const;

type OnPath = (typeof ON_PATH)[number];

const name = fc.constantFrom('a', 'b', 'c');

/** Few names and short ways, so that calls meet. */
const path = fc
  .oneof(
    { weight: 4, arbitrary: fc.tuple(name) },
    { weight: 3, arbitrary: fc.tuple(name, name) },
    { weight: 1, arbitrary: fc.tuple(name, name, name) },
  )
  .map((names) => `/${names.join('/')}`);

/** None climbs more than one directory. */
const target = fc.oneof(path, fc.constantFrom('a', 'b', 'b/c', '../a', '..', '.', 'a/', '', '../b/./c'));

const mode = fc.constantFrom(0o755, 0o644, 0o700, 0o777, 0o500, 0o300, 0o600, 0o000, 0o1777);

/** Any call, those that make something more often. */
export const anyCall: fc.Arbitrary<PortCall> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ call: fc.constant('makeDirectory' as const), path, mode }) },
  {
    weight: 3,
    arbitrary: fc.record({
      call: fc.constant('createFile' as const),
      path,
      mode,
      content: fc.constantFrom('', 'x', 'longer'),
    }),
  },
  { weight: 3, arbitrary: fc.record({ call: fc.constant('symlink' as const), target, path }) },
  {
    weight: 4,
    arbitrary: fc.record({
      call: fc.constantFrom(
        'rename' as const,
        'rename' as const,
        'link' as const,
        'copyFile' as const,
        'writeNewFiles' as const,
      ),
      from: path,
      to: path,
    }),
  },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('chmod' as const), path, mode }) },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant('setModifiedAt' as const),
      path,
      modifiedAt: fc.integer({ min: 0, max: 1_500_000_000 }).map((n) => n * 1_000_003 - 1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      call: fc.constant('access' as const),
      path,
      rights: fc.subarray<AccessRight>(['read', 'write', 'search']),
    }),
  },
  { weight: 6, arbitrary: fc.record({ call: fc.constantFrom(...ON_PATH), path }) },
);

/** Makes a call; its paths are below `root`. */
export const make = (
  files: HostFileSystem,
  root: string,
  made: PortCall,
): Either<FileSystemError, unknown> | Promise<Either<FileSystemError, unknown>> => {
  const at = (below: string) => `${root}${below}`;
  const content = Buffer.from('new');
  switch (made.call) {
    case 'createFile':
      return files.createFile(at(made.path), Buffer.from(made.content), { mode: made.mode, fsync: false })();
    case 'makeDirectory':
    case 'chmod':
      return files[made.call](at(made.path), made.mode)();
    case 'symlink':
      return files.symlink(made.target.startsWith('/') ? at(made.target) : made.target, at(made.path))();
    case 'rename':
    case 'link':
      return files[made.call](at(made.from), at(made.to))();
    case 'writeNewFiles':
      return files.writeNewFiles(
        [made.from, made.to].map((below) => ({ path: at(below), content })),
        [at('')],
      )();
    case 'copyFile':
      return files.copyFile(at(made.from), at(made.to), { mode: 0o640, fsync: false })();
    case 'setModifiedAt':
      return files.setModifiedAt(at(made.path), made.modifiedAt)();
    case 'access':
      return files.access(at(made.path), made.rights)();
    case 'writeNewFile':
      return files.writeNewFile(at(made.path), content)();
    case 'streamToNewFile':
      return files.streamToNewFile(at(made.path), once(content))();
    case 'readRange':
      return files.readRange(at(made.path), 1, 3)();
    default:
      return files[made.call](at(made.path))();
  }
};

async function* once(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}
