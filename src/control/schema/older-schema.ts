import type { SqlTransaction } from '../../ports/sql-database.js';
import { CURRENT_SCHEMA, readSchema } from './compare-schema.js';
import { columnsOf } from './migrate.js';

/*
 * An older control database is read as if it were of the present version: temporary views of this connection stand
 * before the tables that have changed, and temporary tables without rows where there is none yet. They never reach the
 * file. Records of reads go through the view to the old table.
 */

/** Puts them up. */
export const coverOlderSchema = (session: SqlTransaction): void => {
  const stored = readSchema(session.all);
  for (const [name, sql] of CURRENT_SCHEMA) {
    if (!sql.startsWith('CREATE TABLE') || stored.get(name) === sql) continue;
    session.run(sql.replace(/^CREATE TABLE/, 'CREATE TEMP TABLE'));
    if (!stored.has(name)) continue;
    const wanted = defaultsOf(session, name);
    session.run(`DROP TABLE temp.${name}`);
    const old = columnsOf(session, 'main', name);
    const selected = wanted.map(([column, value]) =>
      old.includes(column) ? column : `${value} AS ${column}`,
    );
    session.run(`CREATE TEMP VIEW ${name} AS SELECT ${selected.join(', ')} FROM main.${name}`);
    const common = old.filter((column) => wanted.some(([known]) => known === column));
    session.run(
      `CREATE TEMP TRIGGER into_${name} INSTEAD OF INSERT ON temp.${name} BEGIN
         INSERT INTO main.${name} (${common.join(', ')}) VALUES (${common.map((column) => `NEW.${column}`).join(', ')});
       END`,
    );
  }
};

/** Takes them away again: the database has been migrated. */
export const uncoverSchema = (session: SqlTransaction): void => {
  // Triggers go with their views; what SQLite keeps for itself may stay.
  for (const { type, name } of session.all(
    `SELECT type, name FROM sqlite_temp_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'`,
  ))
    session.run(`DROP ${type === 'view' ? 'VIEW' : 'TABLE'} temp.${name}`);
};

/** The columns of a temporary table, with what stands in them where nothing is given. */
const defaultsOf = (session: SqlTransaction, table: string): readonly (readonly [string, string])[] =>
  session
    .all(`PRAGMA temp.table_info(${table})`)
    .map(({ name, dflt_value: value }) => [String(name), value === null ? 'NULL' : String(value)]);
