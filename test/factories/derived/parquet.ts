import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { DuckDBInstance } from '@duckdb/node-api';
import { temporaryFolder } from '../../support/temporary-folder.js';

const connect = async () => (await DuckDBInstance.create(':memory:', { threads: '1' })).connect();

let connection: ReturnType<typeof connect> | undefined;

const engine = () => {
  connection ??= connect();
  return connection;
};

/** The rows of a query as a Parquet file. */
export const parquetOf = async (sql: string): Promise<Uint8Array> => {
  const file = `${temporaryFolder('parquet-')}/x.parquet`;
  await (await engine()).run(`COPY (${sql}) TO '${file}' (FORMAT parquet)`);
  const bytes = readFileSync(file);
  rmSync(file);
  return bytes;
};

export interface Reading {
  readonly time: string;
  readonly value: number | null;
  readonly sensor?: string;
}

/** Readings as a Parquet file with the columns `time`, `sensor` and `value`. */
export const readings = (rows: readonly Reading[]): Promise<Uint8Array> =>
  parquetOf(
    `SELECT * FROM (VALUES ${rows
      .map(
        ({ time, value, sensor = 's' }) =>
          `(TIMESTAMPTZ '${time}', '${sensor}', CAST(${value === null ? 'NULL' : `'${value}'`} AS DOUBLE))`,
      )
      .join(', ')}) AS r(time, sensor, value)`,
  );

/** The rows of a Parquet file, in their order. */
export const rowsOf = async (bytes: Uint8Array, sql = 'SELECT * FROM file'): Promise<readonly object[]> => {
  const file = `${temporaryFolder('parquet-')}/x.parquet`;
  writeFileSync(file, bytes);
  const at = await engine();
  await at.run(`CREATE OR REPLACE TEMP VIEW file AS FROM read_parquet('${file}')`);
  const answer = await at.runAndReadAll(sql);
  return answer.getRowObjectsJson();
};
