import type { DuckDBConnection } from '@duckdb/node-api';
import type { QueryFailed } from '../../../ports/query-engine.js';
import type { TableFiles } from '../files/table-files.js';
import { quoted } from '../statements/sql-text.js';

/** Digits of the widest decimals that the engine has. It reads wider ones as DOUBLE, and their values as other numbers. */
const MOST_DIGITS = 38;

/** Throws a {@link QueryFailed} where a Parquet file has decimals that the engine does not read as what they are. */
export const refuseWideDecimals = async (
  connection: DuckDBConnection,
  { table, files }: TableFiles,
): Promise<void> => {
  const found = await connection.runAndReadAll(
    `SELECT file_name, name, precision, coalesce(scale, 0) FROM parquet_schema([${files.map(quoted).join(', ')}])
     WHERE precision > ${MOST_DIGITS} LIMIT 1`,
  );
  const [file, column, digits, scale] = found.getRows()[0] ?? [];
  if (file === undefined) return;
  const path = table.filenames?.[files.indexOf(String(file))] ?? table.path ?? table.name;
  throw {
    _tag: 'QueryFailed',
    message: `${path}: the column "${String(column)}" is DECIMAL(${String(digits)},${String(scale)}); numbers of more than ${MOST_DIGITS} digits cannot be read exactly`,
    remedy: `write them with at most ${MOST_DIGITS} digits, or as text; pond cat gives the file as it is`,
  } satisfies QueryFailed;
};
