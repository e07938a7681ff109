import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** A module of the user's could not be loaded. */
export interface ModuleNotLoaded {
  readonly _tag: 'ModuleNotLoaded';
  readonly specifier: string;
  readonly message: string;
}

/** Loads users' modules. */
export interface Modules {
  /** All exports of a module. A relative path is taken from `base`, a directory; a bare name is resolved from there. */
  readonly load: (
    specifier: string,
    base: string,
  ) => TaskEither<ModuleNotLoaded, Readonly<Record<string, unknown>>>;
}
