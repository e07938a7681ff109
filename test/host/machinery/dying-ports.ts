import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import { memoryLocks } from '../../../src/adapters/memory/memory-locks.js';
import type { AppendLogs } from '../../../src/ports/append-log.js';
import type { FileSystemError, HostFileSystem } from '../../../src/ports/file-system.js';
import type { Locks } from '../../../src/ports/locks.js';

/** Something happens at the n-th call that changes something. */
export interface Fate {
  /** Number of the call, from 1, and what happens there. `die`: this call and all later ones are never made. */
  readonly at: number;
  readonly what: 'die-before' | 'die-after' | 'die-within' | 'fail' | ((path: string) => void);
}

export interface FatefulPorts {
  readonly files: HostFileSystem;
  readonly logs: AppendLogs;
  readonly locks: Locks;
  /** Calls that were made until now. */
  readonly calls: () => number;
  readonly isDead: () => boolean;
}

/** A process that is not there any more makes no calls. */
class Dead extends Error {}

const CHANGING = [
  'writeNewFiles',
  'makeDirectories',
  'rename',
  'link',
  'remove',
  'fsyncFile',
  'fsyncDirectory',
  'makeDirectory',
  'removeDirectory',
  'createFile',
  'copyFile',
  'symlink',
  'removeFile',
  'chmod',
  'setModifiedAt',
] as const;

/** The path that a call changes: of a renaming the new one, of several the first. */
const pathIn = (args: readonly unknown[]): string => {
  const [last] = args
    .filter((arg) => typeof arg === 'string')
    .slice(0, 2)
    .toReversed();
  return String(last ?? args.flat()[0] ?? '');
};

/** The same ports, as one process would see them that meets its fate. Locks hold between such processes of one `held`. */
export const fatefulPorts = (
  files: HostFileSystem,
  logs: AppendLogs,
  held: Set<string>,
  fate: Fate | null,
): FatefulPorts => {
  let calls = 0;
  let dead = false;

  const around = (path: string, call: () => unknown, within: () => void = () => undefined): unknown => {
    if (dead) throw new Dead();
    calls += 1;
    if (fate === null || calls !== fate.at) return call();
    if (typeof fate.what === 'function') {
      fate.what(path);
      return call();
    }
    if (fate.what === 'fail') {
      return left({ _tag: 'FileSystemError', call: 'injected', path, code: 'EIO' } satisfies FileSystemError);
    }
    if (fate.what === 'die-within') within();
    if (fate.what === 'die-after') {
      const made = call();
      dead = true;
      if (made instanceof Promise) {
        return made.then(() => {
          throw new Dead();
        });
      }
    }
    dead = true;
    throw new Dead();
  };

  type Call = (...args: readonly never[]) => () => unknown;
  const wrapped = Object.fromEntries(
    CHANGING.map((name) => [
      name,
      (...args: readonly unknown[]) =>
        () =>
          around(pathIn(args), () => (files[name] as Call)(...(args as readonly never[]))()),
    ]),
  );

  return {
    files: { ...files, ...(wrapped as Pick<HostFileSystem, (typeof CHANGING)[number]>) },
    logs: Object.fromEntries(
      (['create', 'open'] as const).map((name) => [
        name,
        (path: string) => () => {
          const opened = around(path, () => logs[name](path)()) as ReturnType<
            ReturnType<AppendLogs['create']>
          >;
          if (isLeft(opened)) return opened;
          const log = opened.right;
          return right({
            close: () => log.close(),
            append: (bytes: Uint8Array, durability: 'durable' | 'relaxed') => () =>
              around(
                path,
                () => log.append(bytes, durability)(),
                () => log.append(bytes.subarray(0, bytes.length >> 1), 'relaxed')(),
              ),
          });
        },
      ]),
    ) as unknown as AppendLogs,
    locks: memoryLocks(held),
    calls: () => calls,
    isDead: () => dead,
  };
};
