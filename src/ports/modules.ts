import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';

/** A module of the user's could not be loaded. */
export interface ModuleNotLoaded {
  readonly _tag: 'ModuleNotLoaded';
  readonly specifier: string;
  readonly message: string;
}

/** A call of a function of a user's module. */
export interface ModuleCall {
  readonly factory: string;
  /** The path that it is called for. */
  readonly path: string;
  /** Takes an error of what the function has started and nobody awaits: a promise that is rejected, a timer's function that throws. */
  readonly onStray: (thrown: unknown) => void;
  /** Tells whether the call has ended, so that nobody can be told of what comes too late. */
  readonly isOver: () => boolean;
}

/** Loads users' modules, and calls them. */
export interface Modules {
  /** All exports of a module. A relative path is taken from `base`, a directory; a bare name is resolved from there. */
  readonly load: (
    specifier: string,
    base: string,
  ) => TaskEither<ModuleNotLoaded, Readonly<Record<string, unknown>>>;
  /** Looks whether there is such a file or package, without running any of it. */
  readonly find: (specifier: string, base: string) => IOEither<ModuleNotLoaded, void>;
  /** Does work of a call, which is known by whatever it starts. */
  readonly within: <A>(call: ModuleCall, work: () => A) => A;
}
