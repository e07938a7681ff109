import type { PondPath } from '../paths/pond-path.js';
import type { EntryType } from './node-row.js';

/** One path that a commit changed, as the planner and the tasks see it. */
export type Change =
  | {
      readonly kind: 'created' | 'modified' | 'deleted';
      readonly path: PondPath;
      readonly entryType: EntryType;
    }
  | {
      readonly kind: 'renamed';
      readonly path: PondPath;
      readonly from: PondPath;
      readonly entryType: EntryType;
    };

/** Every path that a change touches: a rename counts with both. */
export const pathsOf = (change: Change): readonly PondPath[] =>
  change.kind === 'renamed' ? [change.path, change.from] : [change.path];
