import { type PondPath, ROOT } from '../domain/paths/pond-path.js';
import type { NodeRow } from '../domain/tree/node-row.js';
import type { VirtualEntry } from './dynamic-nodes.js';

/** The dynamic node that makes an entry. */
export interface Host {
  readonly path: PondPath;
  readonly factory: string;
}

/** A thing in the tree. `path` is where it really is: no symlinks on the way. */
export type Location =
  | { readonly kind: 'root'; readonly path: PondPath }
  | { readonly kind: 'stored'; readonly path: PondPath; readonly row: NodeRow }
  /** An entry that a directory factory makes. */
  | {
      readonly kind: 'virtual';
      readonly path: PondPath;
      readonly host: Host;
      readonly entry: VirtualEntry;
    };

/** A name in a stored directory under which nothing is. */
export interface FreeSlot {
  readonly kind: 'free';
  readonly path: PondPath;
  readonly partId: string;
  readonly name: string;
}

export const ROOT_LOCATION: Location = { kind: 'root', path: ROOT };

/** Facts that a stored dynamic node tells about itself to errors of what it makes. */
export const hostOf = (path: PondPath, row: NodeRow): Host => ({ path, factory: row.factory ?? '' });
