import type { LoadDynamicNode } from '../dynamic-nodes.js';
import type { PersistenceView } from '../persistence.js';
import type { SeriesFormat } from '../series-format.js';
import type { Directories } from './directories.js';
import { directoriesOf } from './directories.js';

/** One snapshot of the namespace, and what is needed to look into it. */
export interface Tree {
  readonly view: PersistenceView;
  readonly directories: Directories;
  readonly loadDynamicNode: LoadDynamicNode;
  /** Targets of symlinks that were read before, by digest of their text. */
  readonly linkTargets: Map<string, string>;
  /** Null: versions of series are any bytes. */
  readonly seriesFormat: SeriesFormat | null;
}

export const createTree = (
  view: PersistenceView,
  loadDynamicNode: LoadDynamicNode,
  seriesFormat: SeriesFormat | null,
  directories = directoriesOf(view),
): Tree => ({
  view,
  directories,
  seriesFormat,
  loadDynamicNode,
  linkTargets: new Map(),
});
