import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { SqlError, SqlRow, SqlValue } from './sql-database.js';

type Parameters = Readonly<Record<string, SqlValue>>;

/**
 * Code of a {@link SqlError} of a server where nothing of what was asked for has happened and the same may be asked for again: it
 * could not be reached, the connection was lost, the transaction lost against another one.
 */
export const SERVER_TRY_AGAIN = 'TRY_AGAIN';

/** Code of a {@link SqlError} of a server that takes no writes now, from anybody: a standby, or one that was made read-only. */
export const SERVER_READ_ONLY = 'READ_ONLY';

/** Code of a {@link SqlError} of a server that has not given the role that asks what that takes. */
export const SERVER_NOT_GRANTED = 'NOT_GRANTED';

/** Code of a {@link SqlError} of a server where a transaction has committed, and the answers to its statements were lost. */
export const SERVER_UNSEEN = 'UNSEEN';

/** Statements on a connection, with named parameters (`@name`). What fails rejects, and is a value again where the connection is given out. */
export interface ServerStatements {
  /** Runs a statement; resolves to the number of rows that it changed. */
  readonly run: (statement: string, parameters?: Parameters) => Promise<number>;
  readonly all: (query: string, parameters?: Parameters) => Promise<readonly SqlRow[]>;
}

/** Tells whether a transaction that nobody is at any more has left what it would leave. */
export type LeftTraces = (all: ServerStatements['all']) => Promise<boolean>;

/** Statements inside a transaction. */
export interface ServerTransaction extends ServerStatements {
  /** Runs a statement whose outcome nobody looks at: what fails of it fails the transaction. */
  readonly send: (statement: string, parameters?: Parameters) => void;
  /**
   * Asks several questions, one after the other, and these are all of the transaction: they and its commit are one journey, so that what the body does
   * with their answers undoes nothing any more. `leftTraces` looks, on another connection, for what the transaction leaves where it has committed: asked
   * where the connection is lost meanwhile. `implied`: the answers, where what is left implies them; without them such a transaction fails with `SERVER_UNSEEN`.
   */
  readonly atOnce: (
    questions: readonly (readonly [query: string, parameters: Parameters])[],
    leftTraces: LeftTraces,
    implied?: readonly (readonly SqlRow[])[],
  ) => Promise<readonly (readonly SqlRow[])[]>;
}

/** A connection that is held: what belongs to a session (its locks) is there until it ends, and not longer. */
export interface ServerSession {
  /** Runs work on the session; what it asks without waiting for an answer is asked on one journey. A failure of the connection ends the session. */
  readonly use: <A>(work: (statements: ServerStatements) => Promise<A>) => TaskEither<SqlError, A>;
  /** Resolves as soon as the session has ended, for whatever reason. */
  readonly ended: Promise<void>;
  readonly end: () => Promise<void>;
}

/** Notice that somebody gave on a channel. */
export interface ServerNotice {
  /** Word that was said; empty where notices may have been missed. */
  readonly word: string;
  /** One of this process's connections to the database said it. */
  readonly isOwn: boolean;
}

/** A database on a server, by connections that are shared. */
export interface SqlServer {
  /** Its address for people, without credentials. */
  readonly name: string;
  /**
   * Runs `body` in one transaction; `alone`: the name under which only one transaction at a time may be under way, and which
   * begins when all before it under that name have ended. `durable` ones survive power loss once this has resolved. A connection that is
   * lost while the commit is under way is looked into: what has been committed is a success, or {@link SERVER_UNSEEN} where the body still
   * waited for answers.
   */
  readonly transaction: <A>(
    how: { readonly durability: 'durable' | 'relaxed'; readonly alone: string },
    body: (statements: ServerTransaction) => Promise<A>,
  ) => TaskEither<SqlError, A>;
  /** Queries outside a transaction; each sees one state of the database. */
  readonly read: <A>(body: (all: ServerStatements['all']) => Promise<A>) => TaskEither<SqlError, A>;
  /** Opens a session of its own. */
  readonly session: () => TaskEither<SqlError, ServerSession>;
  /** Calls back whenever somebody has notified this channel; a lost connection is made again, and calls back, too. */
  readonly listen: (
    channel: string,
    onNotice: (notice: ServerNotice) => void,
  ) => { readonly stop: () => void };
  readonly close: () => void;
}

/** Opens databases on servers. */
export interface SqlServers {
  /**
   * Opens the database at an address (`postgres://host:5432/name`); credentials come from the environment where the address has
   * none. `schema`: that whose tables statements mean.
   */
  readonly open: (address: string, options: { readonly schema: string }) => TaskEither<SqlError, SqlServer>;
}
