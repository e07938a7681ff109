import type { QueryBounds, QueryEngine, QueryWatch } from '../../ports/query-engine.js';

/** The same engine, which tells a new watch of each query and session that has none of its own. */
export const watchedEngine = (engine: QueryEngine, watch: () => QueryWatch): QueryEngine => ({
  ...engine,
  query: (query, use) => watched(watch, query, (bounds) => engine.query({ ...query, ...bounds }, use)),
  session: (tables, bounds, use) =>
    watched(watch, bounds, (watching) => engine.session(tables, watching, use)),
});

const watched =
  <B extends QueryBounds, A>(watch: () => QueryWatch, bounds: B, work: (bounds: B) => () => Promise<A>) =>
  async (): Promise<A> => {
    if (bounds.onProgress !== undefined) return work(bounds)();
    const { onProgress, end } = watch();
    try {
      return await work({ ...bounds, onProgress })();
    } finally {
      end();
    }
  };
