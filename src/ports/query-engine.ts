import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../domain/documents/json.js';

/** A query that could not be evaluated: its SQL is wrong, or the content is not what it claims to be. */
export interface QueryFailed {
  readonly _tag: 'QueryFailed';
  readonly message: string;
}

/** How the contents of a source are to be understood. `json` is an array of objects, or one object a line. */
export type ContentFormat = 'csv' | 'json' | 'parquet';

/** A content of a table: its bytes, or the regular file that has them, which is read where it is. */
export type QueryContent = AsyncIterable<Uint8Array> | { readonly file: string };

/** A table of a query. */
export interface QueryTable {
  /** Name by which the query knows it, upper and lower case alike. */
  readonly name: string;
  readonly format: ContentFormat;
  /** Name by which people know its content, for messages. */
  readonly path?: string;
  /** Columns of JSON with their SQL types, where they are not to be guessed from the rows. */
  readonly columns?: Readonly<Record<string, string>>;
  /** The files whose rows make up the table, one after another: one for a file, one per version for a series. */
  readonly contents: readonly QueryContent[];
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
  /** An empty private directory for temporary files. Whoever made it removes it. */
  readonly workspace: string;
  /** Such as `1GB`: what exceeds it goes to temporary files, which are bounded as well. */
  readonly memoryLimit: string;
}

/**
 * SQL over contents. A query reaches nothing but its tables: no other file, no network, no environment. It is one
 * statement that asks, and what it needs is found out before anything of it can open a file.
 */
export interface QueryEngine {
  /** Evaluates a query and gives the result to `use`; everything that the query needed is let go of when that ends. */
  readonly query: <E, A>(
    query: Query<E>,
    use: (answer: QueryAnswer) => TaskEither<E, A>,
  ) => TaskEither<QueryFailed | E, A>;
}
