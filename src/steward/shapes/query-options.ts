import type { QueryParams } from '../../ports/query-engine.js';

/** Options of a query. */
export interface QueryPondOptions {
  /** Values of the parameters in the query, `$name`. */
  readonly params?: QueryParams;
  /** Rows at most; the query is ended when there are more. Default: all. */
  readonly maxRows?: number;
  /** Characters at most, of all that is answered: an answer that has more is `QueryFailed`. A value counts for eight besides its text. Default: 256 Mi. */
  readonly maxCharacters?: number;
  readonly signal?: AbortSignal;
}
