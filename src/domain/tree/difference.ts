import type { PondPath } from '../paths/pond-path.js';
import type { EntryType } from './node-row.js';

/** An entry at one end of a comparison, as far as it can differ. */
export interface EntryState {
  readonly entryType: EntryType;
  readonly nodeId: string;
  /** Version of the node. */
  readonly version: number;
  /** The transaction that wrote it. */
  readonly txnSeq: number;
  /** Bytes of the content; of a series, of its newest version. */
  readonly size: number;
  /** SHA-256 of the content; of a series, of its newest version; null where there is none. */
  readonly sha256: string | null;
  readonly factory: string | null;
}

/** One path at which two states of a pond differ. */
export type Difference =
  | { readonly kind: 'added'; readonly path: PondPath; readonly before: null; readonly after: EntryState }
  | { readonly kind: 'removed'; readonly path: PondPath; readonly before: EntryState; readonly after: null }
  /** Another content, another factory or another type under the same path. */
  | {
      readonly kind: 'changed';
      readonly path: PondPath;
      readonly before: EntryState;
      readonly after: EntryState;
    }
  /** The same node under another path; `hasNewContent`: with another content as well. */
  | {
      readonly kind: 'renamed';
      readonly path: PondPath;
      readonly from: PondPath;
      readonly hasNewContent: boolean;
      readonly before: EntryState;
      readonly after: EntryState;
    };

/** Every path that a difference is about: a rename counts with both. */
export const pathsOfDifference = (difference: Difference): readonly PondPath[] =>
  difference.kind === 'renamed' ? [difference.path, difference.from] : [difference.path];
