/**
 * Functions and tables that a query may not name. None of them reaches anything outside of the engine, which is closed;
 * they would tell where the engine keeps its files, change how it works, or hide a query within a string.
 */
const REFUSED: ReadonlySet<string> = new Set([
  // settings and what the engine keeps
  ...['current_setting', 'duckdb_settings', 'pg_settings', 'set_config', 'duckdb_secrets', 'which_secret'],
  ...['duckdb_extensions', 'duckdb_databases', 'duckdb_views', 'pg_views', 'sqlite_master', 'sqlite_schema'],
  ...[
    'duckdb_logs',
    'duckdb_log_contexts',
    'duckdb_logs_parsed',
    'duckdb_temporary_files',
    'duckdb_approx_database_count',
  ],
  ...['pragma_database_size', 'pragma_user_agent', 'duckdb_external_file_cache', 'pragma_platform', 'getenv'],
  // what changes it
  ...[
    'enable_logging',
    'disable_logging',
    'truncate_duckdb_logs',
    'write_log',
    'enable_profiling',
    'disable_profiling',
  ],
  ...['checkpoint', 'force_checkpoint', 'set_allowed_paths'],
  ...['enable_peg_parser', 'disable_peg_parser', 'check_peg_parser'],
  // queries within strings
  ...['query', 'query_table', 'json_execute_serialized_sql', 'from_substrait', 'from_substrait_json'],
  // files
  ...['glob', 'sniff_csv', 'parquet_scan', 'parquet_metadata', 'parquet_schema', 'parquet_file_metadata'],
  ...[
    'parquet_kv_metadata',
    'parquet_bloom_probe',
    'parquet_full_metadata',
    'arrow_scan',
    'arrow_scan_dumb',
    'pandas_scan',
  ],
]);

/** The name where it is refused, else null. */
export const refusedName = (name: string): string | null => {
  const lower = name.toLowerCase();
  return REFUSED.has(lower) || lower.startsWith('read_') ? lower : null;
};
