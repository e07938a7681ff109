import type { IOEither } from 'fp-ts/lib/IOEither.js';

/** Nothing can be kept for this user here, or what is kept cannot be relied on. */
export interface NoUserState {
  readonly _tag: 'NoUserState';
  /** The place that was tried; null where there is none to try. */
  readonly path: string | null;
  /** Words that end a sentence: `it belongs to another user`. */
  readonly problem: string;
}

/** Kinds of what is kept in the state directory, each in a folder of its own. */
export type StateFolder = 'approvals' | 'serve';

/**
 * Store of what this user keeps on this machine for all of their ponds, in a directory that nobody else can write:
 * `$POND_STATE_DIR`, else `$XDG_STATE_HOME/pond-steward`, else `~/.local/state/pond-steward`. It is made when something
 * is kept first. Several processes may use it at once. Where it cannot be made, belongs to another user, can be
 * exchanged by one, or lies in a pond, every call returns {@link NoUserState}.
 */
export interface UserState {
  /** The directory, which need not be there yet. */
  readonly directory: IOEither<NoUserState, string>;
  /** Keeps a string under a name, in the place of what was there: whole and durable when it returns, or not at all. */
  readonly keep: (folder: StateFolder, name: string, text: string) => IOEither<NoUserState, void>;
  /** The text under a name; null where there is none. */
  readonly read: (folder: StateFolder, name: string) => IOEither<NoUserState, string | null>;
  /** The names in a folder, in no order. */
  readonly names: (folder: StateFolder) => IOEither<NoUserState, readonly string[]>;
  /** Removes a name, durably; a missing one is fine. */
  readonly forget: (folder: StateFolder, name: string) => IOEither<NoUserState, void>;
  /** The HMAC-SHA256 of a string with a key that only this user has, in hexadecimal. The key is made when it is first needed. */
  readonly hmac: (text: string) => IOEither<NoUserState, string>;
  /** Id that tells this machine from every other: made of its own id, or else kept here. */
  readonly machine: IOEither<NoUserState, string>;
}
