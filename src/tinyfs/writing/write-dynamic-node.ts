import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { invalidArgument, kindOf } from '../../domain/invalid-argument.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { type DynamicType, isDynamic } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import type { FreeSlot, Location } from '../location.js';
import { entryAt } from '../reading/entry.js';
import { find, findTarget, notFound } from '../reading/resolve-path.js';
import type { Entry } from '../tinyfs.js';
import type { NewContent, NodeDraft } from '../tree/node-draft.js';
import type { WritableTree } from '../tree/writable-tree.js';

/** Configurations are kept in the op log itself, so they may not be large. In bytes. */
const CONFIG_MAX = 1024 * 1024;

type Stored = Location & { kind: 'stored' };

/** Dynamic node that is to be written. */
export interface DynamicNode {
  readonly entryType: DynamicType;
  readonly factory: string;
  readonly config: Uint8Array;
  /** Tells whether a dynamic node of the same type may be there already. */
  readonly overwrite: boolean;
}

/** Makes a dynamic node, or gives one a new factory and configuration. The factory is not asked. */
export const createDynamicNode = (
  tree: WritableTree,
  path: PondPath,
  node: DynamicNode,
): TE.TaskEither<TinyFsError, Entry> =>
  steps(async ({ run }) => {
    const target = await run(findPlaceFor(tree, path, node));
    const written = await run(storeConfig(tree, path, node.factory, node.config));
    if (target.kind === 'free') tree.drafts.put(newNode(tree, target, node.entryType, written));
    else replaceConfig(tree, target, written);
    return run(entryAt(tree, await run(find(tree, path, 'itself')), path));
  });

/** A new configuration for a dynamic node. */
export const updateConfig = (
  tree: WritableTree,
  path: PondPath,
  config: Uint8Array,
): TE.TaskEither<TinyFsError, void> =>
  steps(async ({ run }) => {
    const target = await run(findDynamic(tree, path));
    replaceConfig(tree, target, await run(storeConfig(tree, path, target.row.factory ?? '', config)));
  });

const findPlaceFor = (
  tree: WritableTree,
  path: PondPath,
  node: DynamicNode,
): TE.TaskEither<TinyFsError, FreeSlot | Stored> =>
  pipe(
    findTarget(tree, path, 'itself'),
    TE.flatMap((target): TE.TaskEither<TinyFsError, FreeSlot | Stored> => {
      if (target.kind === 'free') return TE.right(target);
      const found = target.kind === 'root' ? 'directory' : target.row.fileType;
      if (!node.overwrite) return TE.left({ _tag: 'PathExists', path, entryType: found });
      return target.kind === 'stored' && found === node.entryType
        ? TE.right(target)
        : TE.left({ _tag: 'WrongEntryType', path, expected: node.entryType, found });
    }),
  );

const findDynamic = (tree: WritableTree, path: PondPath): TE.TaskEither<TinyFsError, Stored> =>
  pipe(
    findTarget(tree, path, 'follow'),
    TE.flatMap((target): TE.TaskEither<TinyFsError, Stored> => {
      if (target.kind === 'free') return TE.left(notFound(path, target.name));
      if (target.kind === 'root') return TE.left({ _tag: 'NotDynamic', path, entryType: 'directory' });
      return isDynamic(target.row.fileType)
        ? TE.right(target)
        : TE.left({ _tag: 'NotDynamic', path, entryType: target.row.fileType });
    }),
  );

const storeConfig = (
  tree: WritableTree,
  path: PondPath,
  factory: string,
  config: Uint8Array,
): TE.TaskEither<TinyFsError, NewContent> => {
  // Half a surrogate pair would be read back as something else, and a node without a factory is not one.
  if (typeof factory !== 'string' || factory === '' || /[\p{Surrogate}\p{Cc}]/u.test(factory))
    return TE.left(
      invalidArgument(
        'createDynamicPath',
        'factory',
        `expected the name of a factory, got ${JSON.stringify(factory) ?? kindOf(factory)}`,
      ),
    );
  return !(config instanceof Uint8Array)
    ? TE.left(invalidArgument('createDynamicPath', 'config', `expected a Uint8Array, got ${kindOf(config)}`))
    : config.byteLength > CONFIG_MAX
      ? TE.left({ _tag: 'ConfigTooLarge', path, size: config.byteLength, limit: CONFIG_MAX })
      : pipe(
          tree.store(config, 'inline'),
          TE.map((content) => ({
            content,
            factory,
            attributes: null,
            minEventTime: null,
            maxEventTime: null,
          })),
        );
};

const newNode = (
  tree: WritableTree,
  slot: FreeSlot,
  fileType: DynamicType,
  written: NewContent,
): NodeDraft => ({
  nodeId: tree.newNodeId(),
  fileType,
  base: null,
  place: { partId: slot.partId, name: slot.name },
  contents: [written],
});

/** Replaces the configuration; where that is, byte for byte, as it was before the transaction, there is no change. */
const replaceConfig = (tree: WritableTree, target: Stored, written: NewContent): void => {
  const draft = tree.drafts.of(target.row);
  const unchanged = draft.base?.sha256 === written.content.sha256 && draft.base.factory === written.factory;
  tree.drafts.put({ ...draft, contents: unchanged ? [] : [written] });
};
