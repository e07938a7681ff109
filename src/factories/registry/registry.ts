import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { KeyError } from '../../domain/documents/decode-error.js';
import type { ExecutionMode } from '../../domain/plans/execution-mode.js';
import type { RunWhen } from '../../domain/plans/run-when.js';
import type { LoadedNode } from '../../tinyfs/dynamic-nodes.js';
import type {
  ContentContext,
  Factory,
  FactoryContext,
  FactoryError,
  GatherContext,
  MadeFile,
  WriterContext,
} from '../factory.js';
import type { FactoryReference } from '../factory-reference.js';

/** Facts about a factory that are known without running it. */
export interface FactoryFacts {
  readonly name: string;
  readonly description: string;
  readonly kind: Factory['kind'];
  readonly modes: readonly ExecutionMode[];
  /** Value of `run_when` for entries that name dependencies and do not say it; without one `success`. */
  readonly runWhen?: RunWhen;
  /** Value of `derived` for entries that do not say it; without one false. */
  readonly derived?: boolean;
  /** Tells whether commits of the configuration set off entries that have no condition; without one they do not. */
  readonly byConfiguration?: boolean;
  /** The keys of its configuration and an example, where it says them. */
  readonly reference?: FactoryReference;
}

/** Facts that are known only when an execution starts: its number, its deadline, its span, and what has completed meanwhile. */
export type StartedExecution = Partial<
  Pick<FactoryContext, 'attempt' | 'signal' | 'supersededBy' | 'outcomes' | 'report' | 'log' | 'span'>
>;

/** A run that is ready: configuration decoded, variables resolved, `initialize` and `prepare` done. */
export interface PreparedExecution {
  /** `started`, where it is given, takes the place of what the context said when the run was prepared. */
  readonly execute: (started?: StartedExecution) => TaskEither<FactoryError, void>;
}

/** Contents that a factory has gathered, ready to be written. Values of variables are redacted from all that it says. */
export interface GatheredExecution {
  /** Writes it, and returns in words what was left undone. */
  readonly write: (context: WriterContext) => TaskEither<FactoryError, readonly string[]>;
}

/** The factories that are known here, the built-in ones and the user's: what can be asked without running any. */
export interface Factories {
  /** Sorted by name. */
  readonly list: () => readonly FactoryFacts[];
  /** Null for an unknown name. */
  readonly facts: (factory: string) => FactoryFacts | null;
  /** Tells whether a factory of that name is known and declares the mode. */
  readonly supports: (factory: string, mode: ExecutionMode) => boolean;
  /** Tells whether entries of a factory must say on which machine they run. */
  readonly needsHost: (factory: string) => boolean;
  /** Checks the bytes of a configuration for a factory, envelope included: what `mknod` does before it makes a node. */
  readonly checkBytes: (factory: string, path: string, config: Uint8Array) => Either<FactoryError, void>;
}

/** The same factories for the steward, which runs them. */
export interface Registry extends Factories {
  /** Errors of a factory's codec about a parsed configuration (variables unresolved): none, or each with its key (`config.url`, or `url` with an empty prefix). */
  readonly check: (factory: string, config: unknown, keyPrefix: string) => readonly KeyError[];
  /** Tells whether nothing that a factory calls could ask by whom it is called; false for an unknown one. */
  readonly callsNobody: (factory: string) => boolean;
  /** Loads a dynamic node by its factory and configuration. */
  readonly load: (
    factory: string,
    config: Uint8Array,
    context: Omit<ContentContext, 'make'>,
  ) => TaskEither<FactoryError, LoadedNode>;
  /** The files that a node makes of others, by its factory and configuration; none where that is not known. */
  readonly madeBy: (factory: string, config: Uint8Array) => readonly MadeFile[];
  /**
   * Refuses an unknown factory, a mode that it does not declare, and a configuration that its codec rejects; then
   * resolves variables and calls `initialize` and `prepare`. Values of variables are redacted from errors and logs
   * from here on, also in what `execute` reports.
   */
  readonly prepare: (
    factory: string,
    config: Uint8Array,
    context: FactoryContext,
  ) => TaskEither<FactoryError, PreparedExecution>;
  /** Gathers what a writer needs before its transaction; null for a factory that needs nothing. Refuses what `prepare` refuses. */
  readonly gather: (
    factory: string,
    config: Uint8Array,
    context: GatherContext,
  ) => TaskEither<FactoryError, GatheredExecution | null>;
  /** `prepare`, then `execute`. */
  readonly execute: (
    factory: string,
    config: Uint8Array,
    context: FactoryContext,
    mode: ExecutionMode,
  ) => TaskEither<FactoryError, void>;
}
