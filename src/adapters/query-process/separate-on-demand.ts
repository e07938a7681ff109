import type { QueryEngine } from '../../ports/query-engine.js';

/** The way in which processes that answer queries are started. */
export interface QueryProcessStart {
  /** The words that start the executable. */
  readonly executable: readonly string[];
  /** True: there will be a query, and a process is started meanwhile. */
  readonly isWanted?: boolean;
}

/** The same engine with its queries in processes of their own; what starts these is loaded with the first query. */
export const separateOnDemand = (engine: QueryEngine, start: QueryProcessStart): QueryEngine => {
  const load = () => import('./separate-engine.js').then((module) => module.separateEngine(engine, start));
  let loading = start.isWanted === true ? load() : null;
  const loaded = (): Promise<QueryEngine> => {
    loading ??= load();
    return loading;
  };
  return {
    ...engine,
    query: (query, use) => async () => (await loaded()).query(query, use)(),
    written: (query, as, use) => async () => (await loaded()).written(query, as, use)(),
    needed: (sql, signal) => async () => (await loaded()).needed(sql, signal)(),
  };
};
