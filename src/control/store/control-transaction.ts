import type { SqlRow, SqlTransaction, SqlValue } from '../../ports/sql-database.js';
import type { Coroutine } from './coroutine.js';

type Parameters = Readonly<Record<string, SqlValue>>;

/** Reads rows, inside a transaction or outside of one. */
export type ReadRows = (query: string, parameters?: Parameters) => Coroutine<readonly SqlRow[]>;

/** A statement that returns rows, with its parameters. */
export type Question = readonly [query: string, parameters: Parameters];

/** Reads rows of a database of this process, at once. */
export type ReadAtOnce = SqlTransaction['all'];

/** The inside of one transaction; whatever its body throws rolls it back. */
export interface ControlTransaction {
  /** Runs a statement; returns the number of rows that it changed. */
  readonly run: (statement: string, parameters?: Parameters) => Coroutine<number>;
  readonly all: ReadRows;
  /** Asks now for rows that are needed later: over a network other statements are under way meanwhile. */
  readonly ahead: (query: string, parameters?: Parameters) => Coroutine<() => Coroutine<readonly SqlRow[]>>;
  /**
   * Asks several questions, one after the other, and these are all of the transaction: over a network they and the commit are one journey. So nothing may
   * be refused because of an answer. `traces`: a question that has rows where the transaction has committed, by which that is found out should the
   * connection be lost; null: it changes nothing. `implied`: the answers that such rows imply; left out: they imply none, and nobody knows what it came to.
   */
  readonly atOnce: (
    questions: readonly Question[],
    traces: Question | null,
    implied?: readonly (readonly SqlRow[])[],
  ) => Coroutine<readonly (readonly SqlRow[])[]>;
  /** Runs a statement whose outcome nobody looks at: over a network it is not waited for, and what fails of it fails the transaction. */
  readonly send: (statement: string, parameters?: Parameters) => Coroutine<void>;
}
