import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { TinyFsError } from './errors.js';
import type { ByteStream } from './persistence.js';
import type { Entry } from './tinyfs.js';

/** An entry that a directory factory makes. Nothing of it is stored. */
export type VirtualEntry =
  | {
      readonly kind: 'file';
      readonly name: string;
      /** The content, from its beginning each time. */
      readonly open: () => ByteStream;
      /** Bytes; null where they are not known without making the content. */
      readonly size: number | null;
    }
  | {
      readonly kind: 'directory';
      readonly name: string;
      /** The entries, in any order; asked for when somebody looks into it. */
      readonly list: () => TaskEither<TinyFsError, readonly VirtualEntry[]>;
    };

/** Result of loading a dynamic node. */
export type LoadedNode =
  | MadeNode
  /** Its content is its configuration. */
  | { readonly kind: 'executable' };

/** A node whose content, or whose entries, a factory makes. */
export type MadeNode =
  | {
      readonly kind: 'file';
      /** The content, made now. */
      readonly open: () => TaskEither<TinyFsError, ByteStream>;
    }
  | {
      readonly kind: 'directory';
      /** The entries, in any order; their contents are not made for it. */
      readonly list: () => TaskEither<TinyFsError, readonly VirtualEntry[]>;
    };

/**
 * Turns a dynamic node into what its factory makes of it. Given to TinyFS by the steward, which knows the
 * factories; an unknown factory is `UnknownFactory`.
 */
export type LoadDynamicNode = (node: Entry, config: Uint8Array) => TaskEither<TinyFsError, LoadedNode>;
