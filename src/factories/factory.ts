import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type * as t from 'io-ts';
import type { KeyError } from '../domain/documents/decode-error.js';
import type { Json } from '../domain/documents/json.js';
import type { NotTrusted } from '../domain/not-trusted.js';
import type { PondPath } from '../domain/paths/pond-path.js';
import type { ExecutionMode } from '../domain/plans/execution-mode.js';
import type { RunWhen } from '../domain/plans/run-when.js';
import type { TaskId } from '../domain/plans/task-id.js';
import type { TaskOutcome } from '../domain/plans/task-outcome.js';
import type { Change } from '../domain/tree/change.js';
import type { Logger } from '../ports/logger.js';
import type { ProcessGroup } from '../ports/processes.js';
import type { QueryParams, QueryRows } from '../ports/query-engine.js';
import type { MadeNode, VirtualEntry } from '../tinyfs/dynamic-nodes.js';
import type { ByteStream } from '../tinyfs/persistence.js';
import type { PondReader, PondWriter } from '../tinyfs/tinyfs.js';
import type { FactoryReference } from './factory-reference.js';
import type { FactorySpan } from './factory-span.js';

/** Reason why a factory did not do its work. `path` is the configuration's path. */
export type FactoryError =
  | {
      readonly _tag: 'UnknownFactory';
      readonly path: string;
      readonly factory: string;
      readonly known: readonly string[];
    }
  /** The factory does not declare the mode in which it was to be run (or is not executable at all: no modes). */
  | {
      readonly _tag: 'ModeNotSupported';
      readonly path: string;
      readonly factory: string;
      readonly mode: ExecutionMode;
      readonly modes: readonly ExecutionMode[];
    }
  /** The configuration's bytes are not YAML (or not UTF-8, or expand beyond all measure). */
  | { readonly _tag: 'InvalidYaml'; readonly path: string; readonly problem: string }
  /** The factory's codec rejects the configuration. */
  | { readonly _tag: 'InvalidConfig'; readonly path: string; readonly errors: readonly KeyError[] }
  /** `${env:NAME}` without a default, and NAME is not set. */
  | {
      readonly _tag: 'VariableNotSet';
      readonly path: string;
      readonly key: string;
      readonly variable: string;
    }
  /** The factory ran and failed. */
  | ({
      readonly _tag: 'FactoryFailed';
      readonly path: string;
      readonly factory: string;
      readonly message: string;
    } & RetryWish)
  /** A module with factories could not be loaded, or exports none. */
  | { readonly _tag: 'FactoryModuleFailed'; readonly module: string; readonly message: string }
  /** Refusal to run what is not approved by this user. */
  | NotTrusted;

/** Hint of a failure about another attempt. */
export interface RetryWish {
  /** False: another attempt would fail the same way, so that none is made by itself. */
  readonly retryable?: boolean;
  /**
   * Milliseconds after which another attempt is worth while. Up to a minute the task waits; for longer, up to a day,
   * it becomes pending, and is run by the first `recover` after that time.
   */
  readonly retryAfterMs?: number;
}

/** Context of every execution. Values that came from `${env:...}` are redacted from what `log` writes and `span` says. */
export interface ExecutionContext {
  /** A sentence for people: what runs, for which commit, in which mode. */
  readonly description: string;
  /** Path of the configuration, `/etc/system.d/20-notify.yaml`. */
  readonly path: PondPath;
  /** Id of the configuration's node; null for an entry that a factory makes. */
  readonly nodeId: string | null;
  /** The id of the pond, which copies of it share. */
  readonly pondId: string;
  /** The commit that set the task off; by hand, the snapshot; for a writer, its own transaction. */
  readonly txnSeq: number;
  /** The Delta version of that commit; for a writer, the one that it is based on. */
  readonly dataFsVersion: number;
  /** Identity of that transaction. */
  readonly txnId: string;
  /** Changes of that commit, sorted by path; for a gate, those that are about to be committed; by hand, none. */
  readonly changes: readonly Change[];
  /** Those of them that the entry's condition names; without a condition, all. */
  readonly relevantChanges: readonly Change[];
  /** The task; null when run by hand. */
  readonly task: TaskId | null;
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** `<pond_id>/42.1`, the same for every attempt of a task; by hand, `<pond_id>/<txn_id>`. */
  readonly idempotencyKey: string;
  /** A later commit whose task of the same configuration has completed already, if there is one. */
  readonly supersededBy: number | null;
  /**
   * Outcomes of the tasks that this one waited for, in the plan's order. They are known when `execute` is called;
   * before, by hand and for a writer there are none.
   */
  readonly outcomes: readonly TaskOutcome[];
  /**
   * Leaves a report of the attempt: JSON of at most 64 KiB, kept with it and shown wherever the task is. Called again,
   * the last one counts. Values that came from `${env:...}` are redacted. What is larger, or is not JSON, is not kept, and
   * the log says so (`report_not_kept`).
   */
  readonly report: (value: Json) => void;
  /** Arguments after the path of `pond run`. */
  readonly args: readonly string[];
  /**
   * Evaluates a query over the pond as `fs` shows it: tables, series, CSV and JSON by their path or by a pattern, in
   * quotes. Rows are held in memory.
   */
  readonly query: (
    sql: string,
    options?: { readonly params?: QueryParams },
  ) => TaskEither<FactoryError, QueryRows>;
  /** Aborts at a timeout or an interrupt. A factory must stop its work then. */
  readonly signal: AbortSignal;
  /** The log of this execution; every line says which task and attempt it is about. */
  readonly log: Logger;
  /** The span of this execution. */
  readonly span: FactorySpan;
}

/** Context after a commit: the filesystem is the commit's own snapshot and has no way to write. */
export interface PostCommitContext extends ExecutionContext {
  readonly mode: 'PostCommitReader';
  readonly isWriter: false;
  readonly isPostCommit: true;
  readonly fs: PondReader;
  /** Makes a child's process group known to whoever runs the next attempt; see {@link ProcessGroup}. */
  readonly recordProcessGroup: (group: ProcessGroup) => TaskEither<FactoryError, void>;
}

/** Context inside a write transaction. */
export interface WriterContext extends ExecutionContext {
  readonly mode: 'InTransactionWriter';
  readonly isWriter: true;
  readonly isPostCommit: false;
  readonly fs: PondWriter;
  /** Does nothing here: what a writer starts is ended with its transaction. See {@link PostCommitContext}. */
  readonly recordProcessGroup: (group: ProcessGroup) => TaskEither<FactoryError, void>;
}

/** Context of an executable factory, by `mode`. */
export type FactoryContext = PostCommitContext | WriterContext;

/**
 * Context of a writer before its transaction has begun: what it sees is the newest commit. `txnId` and `idempotencyKey` are those of the run; the
 * transaction that may follow has others.
 */
export interface GatherContext extends ExecutionContext {
  readonly fs: PondReader;
  /** Says in a few words what is being done, to whoever waits for it; it is not kept. */
  readonly progress: (words: string) => void;
}

/** Contents that a writer has taken in before its transaction. */
export interface Gathered {
  /**
   * Writes it in the transaction; what was committed meanwhile is seen through the context, and is looked at again. Returns
   * in words what was left undone while the rest stands: the commit lands, and whoever ran it is told.
   */
  write(context: WriterContext): TaskEither<FactoryError, readonly string[]>;
}

/** Context for making content when a dynamic node is read. */
export interface ContentContext {
  /** Path of the dynamic node. */
  readonly path: PondPath;
  /** Id of the node; null for one that a factory makes. */
  readonly nodeId: string | null;
  /** The pond as whoever reads the node sees it; in a write, with what that has changed. */
  readonly fs: PondReader | PondWriter;
  /** Makes a node that stands in the configuration of this one, as if it were stored at that path. */
  readonly make: (node: ConfiguredFactory, path: PondPath) => TaskEither<FactoryError, MadeNode>;
}

/** A factory's name and a configuration for it, parsed. */
export interface ConfiguredFactory {
  readonly factory: string;
  readonly config: unknown;
}

/** A node that stands in the configuration of another. */
export interface NestedNode extends ConfiguredFactory {
  /** Name of the entry that it makes. */
  readonly name: string;
  /** The key under which its configuration stands. */
  readonly key: string;
}

/** A file that a node makes, and what it is made of. */
export interface MadeFile {
  /** Path below the node; empty for the node itself. */
  readonly name: string;
  /** Paths, or patterns of paths, of what is read for it; more than are read does no harm. */
  readonly reads: readonly string[];
}

/** Facts that every factory says of itself. */
export interface FactoryBase<C> {
  /** Name in configurations: lower-case letters, digits and `-`. */
  readonly name: string;
  /** One line. */
  readonly description: string;
  /** Turns the parsed YAML into the factory's configuration; refuses unknown keys. Any object with io-ts's `decode` will do. */
  readonly config: Pick<t.Decoder<unknown, C>, 'decode'>;
  /** The configuration's keys and an example, for whoever writes one. */
  readonly reference?: FactoryReference;
  /** Finds what must not stand in a configuration that is stored, variables unresolved: secrets written out. */
  checkStored?(config: C): readonly KeyError[];
  /** Nodes that stand in the configuration; each is checked by its own factory. */
  nested?(config: C): readonly NestedNode[];
  /** Files that a node makes of others, as far as its configuration tells: a commit that changes those changes these. */
  makes?(config: C): readonly MadeFile[];
}

/** Makes a file's content from a configuration, whenever it is read. */
export interface FileFactory<C> extends FactoryBase<C> {
  readonly kind: 'file';
  readonly modes: readonly [];
  /** The content. What fails on the way may be thrown while it is iterated. */
  createFile(context: ContentContext, config: C): TaskEither<FactoryError, ByteStream>;
}

/** Makes a directory's entries from a configuration, whenever it is listed. */
export interface DirectoryFactory<C> extends FactoryBase<C> {
  readonly kind: 'directory';
  readonly modes: readonly [];
  /** The entries, in any order. Two of one name are an error of the factory. */
  createDirectory(context: ContentContext, config: C): TaskEither<FactoryError, readonly VirtualEntry[]>;
}

/** Does something, by hand or after commits. */
export interface ExecutableFactory<C> extends FactoryBase<C> {
  readonly kind: 'executable';
  /** The ways in which it can be executed. */
  readonly modes: readonly ExecutionMode[];
  /** Value of `run_when` for entries that name dependencies and do not say it. Default `success`. */
  readonly runWhen?: RunWhen;
  /** Value of `derived` for entries that do not say it. Default false. */
  readonly derived?: boolean;
  /** Tells whether commits of the configuration set off entries that have no condition. Default false. */
  readonly byConfiguration?: boolean;
  /** Tells whether it changes the machine that runs it: where many machines could, an entry must name one (`host`). Default false. */
  readonly changesHost?: boolean;
  /**
   * Tells whether nobody is called by it: it starts no program, reads nothing of the pond that another factory may make, and uses no pond but by its
   * context. Nothing of it is followed then, which takes a tenth of the time of a task that does little. Default false.
   */
  readonly callsNobody?: boolean;
  /** Part of prepare, before each execution; must be idempotent. Creating a node never calls it. */
  initialize?(context: FactoryContext, config: C): TaskEither<FactoryError, void>;
  /** Checks what `execute` will need, without effects. */
  prepare?(context: FactoryContext, config: C): TaskEither<FactoryError, void>;
  /**
   * Takes in what others need not wait for, such as the answers of a slow server, before the writer's lock is taken. Where it
   * is there, a run by hand as a writer calls it, and then what it returns, in place of `initialize`, `prepare` and `execute`.
   */
  gather?(context: GatherContext, config: C): TaskEither<FactoryError, Gathered>;
  /** Does the work, and stops it when `context.signal` aborts. After a commit it may be called again until it succeeds once. */
  execute(context: FactoryContext, config: C): TaskEither<FactoryError, void>;
}

/**
 * A factory of any kind. Its functions are declared as methods so that a factory of any configuration is a
 * `Factory`: whoever holds one does not know `C` and hands it only what its own `config` decoded.
 */
export type Factory<C = unknown> = FileFactory<C> | DirectoryFactory<C> | ExecutableFactory<C>;
