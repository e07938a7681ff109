import type { QueryParams } from '../ports/query-engine.js';

/** Options of a query. */
export interface QueryPondOptions {
  /** Values of the parameters in the query, `$name`. */
  readonly params?: QueryParams;
  readonly signal?: AbortSignal;
}
