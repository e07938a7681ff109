import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../domain/json.js';

/** A query that could not be answered: its SQL is wrong, or the content is not what it claims to be. */
export interface QueryFailed {
  readonly _tag: 'QueryFailed';
  readonly message: string;
}

/** How the contents of a source are to be understood. `json` is an array of objects, or one object a line. */
export type ContentFormat = 'csv' | 'json' | 'parquet';

/** The table that a query finds under the name `source`. */
export interface QuerySource {
  readonly format: ContentFormat;
  /** The files whose rows make up the table, one after another: one for a file, one per version for a series. */
  readonly contents: readonly AsyncIterable<Uint8Array>[];
}

/** The rows of an answer, while they are being computed. */
export interface QueryAnswer {
  readonly columns: readonly string[];
  /**
   * Rows in batches, one value per column. Whole numbers beyond 2^53, decimals, dates and times come as text. An
   * error while iterating is thrown as a {@link QueryFailed}.
   */
  readonly batches: AsyncIterable<readonly (readonly Json[])[]>;
}

/** SQL over one content. A query reaches nothing but its source: no other file, no network, no environment. */
export interface QueryEngine {
  /** Answers a query and gives the answer to `use`; everything that the query needed is let go of when that ends. */
  readonly query: <E, A>(
    source: QuerySource,
    sql: string,
    use: (answer: QueryAnswer) => TaskEither<E, A>,
    signal: AbortSignal,
  ) => TaskEither<QueryFailed | E, A>;
}
