import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { LoadedNode, VirtualEntry } from '../dynamic-nodes.js';
import type { TinyFsError } from '../errors.js';
import { type Host, hostOf } from '../location.js';
import type { Tree } from '../tree/tree.js';
import { bytesOf, entryAt } from './entry.js';

/** Loads a stored dynamic node with its present configuration. */
const loadStored = (tree: Tree, path: PondPath, row: NodeRow): TE.TaskEither<TinyFsError, LoadedNode> =>
  pipe(
    bytesOf(tree, row),
    TE.flatMap((config) => loadWith(tree, path, row, config)),
  );

/** Loads a stored dynamic node with a configuration that may be an earlier one. */
export const loadWith = (
  tree: Tree,
  path: PondPath,
  row: NodeRow,
  config: Uint8Array,
): TE.TaskEither<TinyFsError, LoadedNode> =>
  pipe(
    entryAt(tree, { kind: 'stored', path, row }, path),
    TE.flatMap((node) => tree.loadDynamicNode(node, config)),
  );

/** Entries of a stored dynamic directory. */
export const listDynamic = (
  tree: Tree,
  path: PondPath,
  row: NodeRow,
): TE.TaskEither<TinyFsError, readonly VirtualEntry[]> =>
  pipe(
    loadStored(tree, path, row),
    TE.flatMap((loaded) =>
      loaded.kind === 'directory'
        ? listVirtual(hostOf(path, row), loaded.list)
        : TE.left<TinyFsError, readonly VirtualEntry[]>({
            _tag: 'NotADirectory',
            path,
            entryType: row.fileType,
          }),
    ),
  );

/** Entries of a directory that a factory makes. Names that no directory can have are the factory's failure. */
export const listVirtual = (
  host: Host,
  list: () => TE.TaskEither<TinyFsError, readonly VirtualEntry[]>,
): TE.TaskEither<TinyFsError, readonly VirtualEntry[]> =>
  steps(async ({ run, fail }) => {
    const entries = await run(list());
    const message = problemOf(entries.map((entry) => entry.name));
    if (message === null) return entries;
    return fail({ _tag: 'DynamicNodeFailed', path: host.path, factory: host.factory, message });
  });

const problemOf = (names: readonly string[]): string | null => {
  const seen = new Set<string>();
  for (const name of names) {
    if (name === '' || name === '.' || name === '..' || /[/\0]/.test(name) || Buffer.byteLength(name) > 255)
      return `${JSON.stringify(name)} cannot be the name of an entry`;
    if (seen.has(name)) return `two entries are called ${JSON.stringify(name)}`;
    seen.add(name);
  }
  return null;
};
