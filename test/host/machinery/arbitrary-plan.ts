import * as fc from 'fast-check';
import { isRight } from 'fp-ts/lib/Either.js';
import type { HostOperation } from '../../../src/host-plans/operations/host-operation.js';
import { planHostOperations } from '../../../src/host-plans/plan/plan-host-operations.js';
import type { HostFileSystem } from '../../../src/ports/file-system.js';
import { memoryWorld, planOf, ROOT, type World } from './memory-world.js';

/** A tree and operations on it, of which at least some make sense there. */
export interface Given {
  readonly entries: readonly { readonly path: string; readonly kind: 'file' | 'directory' | 'symlink' }[];
  readonly operations: readonly HostOperation[];
}

const path = fc
  .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
  .map((names) => [ROOT, ...names].join('/'));

const entry = fc.record({
  path,
  kind: fc.constantFrom<('file' | 'directory' | 'symlink')[]>('file', 'directory', 'directory', 'symlink'),
});

const replace = fc.boolean();
const mode = fc.constantFrom('0755', '0600', '0444');

const operation: fc.Arbitrary<HostOperation> = fc.oneof(
  fc.record({ id: path, kind: fc.constant('LinkCreate'), source: path, target: path, replace }),
  fc.record({ id: path, kind: fc.constant('LinkDelete'), target: path }),
  fc.record({ id: path, kind: fc.constant('DirCreate'), path, mode }),
  fc.record({ id: path, kind: fc.constant('DirDelete'), path }),
  fc.record({ id: path, kind: fc.constant('DirRemoveAll'), path }),
  fc.record({ id: path, kind: fc.constant('FileMove'), from: path, to: path, replace }),
  fc.record({ id: path, kind: fc.constant('FileBackup'), source: path, backup: path }),
  fc.record({ id: path, kind: fc.constant('FileCopy'), source: path, dest: path, mode, replace }),
  fc.record({ id: path, kind: fc.constant('DirCopy'), source: path, dest: path }),
  fc.record({ id: path, kind: fc.constant('FileWrite'), path, content: fc.constant('new'), mode, replace }),
  fc.record({ id: path, kind: fc.constant('FileDelete'), path }),
);

/** Operations that make a plan together; what does not fit to those before it is left out. */
export const plannable: fc.Arbitrary<readonly HostOperation[]> = fc
  .array(operation, { minLength: 1, maxLength: 14 })
  .map((operations) => fitting(operations.map((each, place) => ({ ...each, id: `op-${place}` }))))
  .filter((operations) => operations.length > 0);

const fitting = (operations: readonly HostOperation[]): readonly HostOperation[] => {
  const taken: HostOperation[] = [];
  for (const candidate of operations) {
    if (isRight(planHostOperations([...taken, candidate]))) taken.push(candidate);
  }
  return taken;
};

const buildEntries =
  (entries: Given['entries']) =>
  (files: HostFileSystem, root: string): void => {
    for (const { path: at, kind } of [{ path: `${root}/a`, kind: 'directory' as const }, ...entries]) {
      // Where the directory is missing, or something is there already, the entry is left out.
      if (kind === 'directory') files.makeDirectory(at, 0o755)();
      else if (kind === 'symlink') files.symlink('anywhere', at)();
      else files.createFile(at, Buffer.from(`content of ${at}`), { mode: 0o640, fsync: true })();
    }
  };

export const worldOf = ({ entries }: Pick<Given, 'entries'>): World => memoryWorld(buildEntries(entries));

/** What of the operations can be executed in the tree; at least one. */
export const executable: fc.Arbitrary<Given> = fc
  .record({ entries: fc.array(entry, { maxLength: 12 }), operations: plannable })
  .map((given) => ({ ...given, operations: preparable(given) }))
  .filter(({ operations }) => operations.length > 0);

const preparable = ({ entries, operations }: Given): readonly HostOperation[] => {
  const { plans } = worldOf({ entries }).process();
  let rest = operations;
  while (rest.length > 0) {
    const failing = new Set(plans.check(planOf(rest)).map(({ operation: id }) => id));
    if (failing.size === 0) return rest;
    // Without one operation the others may wait for each other.
    rest = fitting(rest.filter(({ id }) => !failing.has(id)));
  }
  return rest;
};
