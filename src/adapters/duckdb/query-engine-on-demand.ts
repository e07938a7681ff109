import type { QueryEngine } from '../../ports/query-engine.js';

/** SQL by DuckDB, which is loaded with what prepares queries for it when something is asked. */
export const queryEngineOnDemand: QueryEngine = {
  query: (query, use) => async () => (await engine()).query(query, use)(),
  written: (query, as, use) => async () => (await engine()).written(query, as, use)(),
  needed: (sql, signal) => async () => (await engine()).needed(sql, signal)(),
  session: (tables, bounds, use) => async () => (await engine()).session(tables, bounds, use)(),
  sessions: (bounds, use) => async () => (await engine()).sessions(bounds, use)(),
};

const engine = async (): Promise<QueryEngine> => (await import('./duckdb-query-engine.js')).duckdbQueryEngine;
