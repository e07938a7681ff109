import type { QueryParams } from '../ports/query-engine.js';

/** Options of a query. */
export interface QueryPondOptions {
  /** Values of the parameters in the query, `$name`. */
  readonly params?: QueryParams;
  /** Rows at most; the query is ended when there are more. Default: all. */
  readonly maxRows?: number;
  readonly signal?: AbortSignal;
}
