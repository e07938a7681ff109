import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../domain/documents/json.js';

/** A query that could not be evaluated: its SQL is wrong, or the content is not what it claims to be. */
export interface QueryFailed {
  readonly _tag: 'QueryFailed';
  readonly message: string;
}

/** How the contents of a source are to be understood. `json` is an array of objects, or one object a line. */
export type ContentFormat = 'csv' | 'json' | 'parquet';

/** A table of a query. */
export interface QueryTable {
  /** Name by which the query knows it, upper and lower case alike. */
  readonly name: string;
  readonly format: ContentFormat;
  /** Columns of JSON with their SQL types, where they are not to be guessed from the rows. */
  readonly columns?: Readonly<Record<string, string>>;
  /** The files whose rows make up the table, one after another: one for a file, one per version for a series. */
  readonly contents: readonly AsyncIterable<Uint8Array>[];
}

/** The rows of a result, while they are being computed. */
export interface QueryAnswer {
  readonly columns: readonly string[];
  /**
   * Rows in batches, one value per column. Whole numbers beyond 2^53, decimals, dates and times come as text. An
   * error while iterating is thrown as a {@link QueryFailed}.
   */
  readonly batches: AsyncIterable<readonly (readonly Json[])[]>;
}

export interface Query<E> {
  readonly sql: string;
  /** Finds the tables that the query names; returns those that there are, and may return more. */
  readonly tables: (names: readonly string[]) => TaskEither<E, readonly QueryTable[]>;
  readonly signal: AbortSignal;
}

/** SQL over contents. A query reaches nothing but its tables: no other file, no network, no environment. */
export interface QueryEngine {
  /** Evaluates a query and gives the result to `use`; everything that the query needed is let go of when that ends. */
  readonly query: <E, A>(
    query: Query<E>,
    use: (answer: QueryAnswer) => TaskEither<E, A>,
  ) => TaskEither<QueryFailed | E, A>;
}
