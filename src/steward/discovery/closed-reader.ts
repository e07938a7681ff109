import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import { readerOf } from '../../tinyfs/reading/create-reader.js';
import { inlineContents } from '../../tinyfs/reading/inline-contents.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';
import { createTree } from '../../tinyfs/tree/tree.js';

/** A filesystem that tells many contents of a directory at once, too. */
export interface ClosedReader extends PondReader {
  /** Contents of what is in a directory, by name, as far as they can be read together. Nobody may change them. */
  readonly contentsIn: (directory: PondPath, mostBytes: number) => Promise<ReadonlyMap<string, Uint8Array>>;
}

/**
 * A filesystem that loads no dynamic node: configurations and plain contents are read, what a factory makes is not.
 * Discovery uses it, so that what is configured to run is found without running anything, and is what was approved.
 */
export const closedReader = (view: PersistenceView): ClosedReader => {
  const tree = createTree(
    view,
    ({ path, factory }) =>
      TE.left({
        _tag: 'DynamicNodeFailed',
        path,
        factory: factory ?? '',
        message: 'what a factory makes is not looked into for configurations',
      }),
    null,
  );
  return {
    ...readerOf(tree),
    contentsIn: (directory, mostBytes) => inlineContents(tree, directory, mostBytes),
  };
};
