import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import { createReader } from '../../tinyfs/reading/create-reader.js';
import type { PondReader } from '../../tinyfs/tinyfs.js';

/**
 * A filesystem that loads no dynamic node: configurations and plain contents are read, what a factory makes is not.
 * Discovery uses it, so that what is configured to run is found without running anything, and is what was approved.
 */
export const closedReader = (view: PersistenceView): PondReader =>
  createReader(view, ({ path, factory }) =>
    TE.left({
      _tag: 'DynamicNodeFailed',
      path,
      factory: factory ?? '',
      message: 'what a factory makes is not looked into for configurations',
    }),
  );
