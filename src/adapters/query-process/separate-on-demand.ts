import type { QueryEngine } from '../../ports/query-engine.js';
import type { QueryProcessStart } from './query-child.js';

/**
 * The same engine with queries in processes of their own, but for those whose SQL is this program's; what starts these is loaded with
 * the first query.
 */
export const separateOnDemand = (engine: QueryEngine, start: QueryProcessStart): QueryEngine => {
  const load = () => import('./separate-engine.js').then((module) => module.separateEngine(engine, start));
  let loading = start.isWanted === true ? load() : null;
  const loaded = (): Promise<QueryEngine> => {
    loading ??= load();
    return loading;
  };
  return {
    ...engine,
    query: (query, use) =>
      query.isOwn === true ? engine.query(query, use) : async () => (await loaded()).query(query, use)(),
    written: (query, as, use) =>
      query.isOwn === true
        ? engine.written(query, as, use)
        : async () => (await loaded()).written(query, as, use)(),
    needed: (sql, signal) => async () => (await loaded()).needed(sql, signal)(),
  };
};
