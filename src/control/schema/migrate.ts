import type { SqlTransaction } from '../../ports/sql-database.js';
import { CURRENT_SCHEMA, readSchema } from './compare-schema.js';
import { SCHEMA_VERSION, STATEMENTS } from './statements.js';

/** Makes an empty database a control table. */
export const installSchema = (transaction: SqlTransaction, pondId: string): void => {
  for (const statement of STATEMENTS) transaction.run(statement);
  transaction.run('INSERT INTO meta (pond_id, schema_version) VALUES (@pond_id, @schema_version)', {
    pond_id: pondId,
    schema_version: SCHEMA_VERSION,
  });
};

/**
 * Brings an older control database to the present schema, in the caller's transaction: a crash leaves it as it was.
 * What is not a table is made again; a table whose statement has changed is made again with the rows that it had, and
 * its new columns are null or have their default. The caller has compared the old schema, holds the writer's lock, and
 * knows that no runner lives.
 */
export const migrateSchema = (transaction: SqlTransaction): void => {
  // Rows of other tables refer to rows that are gone for a moment.
  transaction.run('PRAGMA defer_foreign_keys = ON');
  const before = readSchema(transaction.all);
  for (const [name, sql] of before) {
    const kind = /^CREATE (?:UNIQUE )?(INDEX|TRIGGER|VIEW)/.exec(sql)?.[1];
    if (kind !== undefined) transaction.run(`DROP ${kind} IF EXISTS main.${name}`);
  }
  for (const [name, sql] of CURRENT_SCHEMA) {
    if (!sql.startsWith('CREATE TABLE') || before.get(name) === sql) continue;
    if (before.has(name)) remakeTable(transaction, name, sql);
    else transaction.run(sql);
  }
  for (const sql of STATEMENTS) if (!sql.startsWith('CREATE TABLE')) transaction.run(sql);
  transaction.run('UPDATE main.meta SET schema_version = @version', { version: SCHEMA_VERSION });
};

const remakeTable = (transaction: SqlTransaction, name: string, sql: string): void => {
  // What AUTOINCREMENT has given out is never given out again, also where the row is gone.
  const sequence = transaction.all('SELECT seq FROM main.sqlite_sequence WHERE name = @name', { name })[0];
  transaction.run(`CREATE TEMP TABLE migrated AS SELECT * FROM main.${name}`);
  const old = new Set(columnsOf(transaction, 'temp', 'migrated'));
  transaction.run(`DROP TABLE main.${name}`);
  transaction.run(sql);
  const kept = columnsOf(transaction, 'main', name).filter((column) => old.has(column));
  transaction.run(
    `INSERT INTO main.${name} (${kept.join(', ')}) SELECT ${kept.join(', ')} FROM temp.migrated`,
  );
  transaction.run('DROP TABLE temp.migrated');
  if (sequence === undefined) return;
  transaction.run('DELETE FROM main.sqlite_sequence WHERE name = @name', { name });
  transaction.run('INSERT INTO main.sqlite_sequence (name, seq) VALUES (@name, @seq)', {
    name,
    seq: sequence.seq ?? 0,
  });
};

/** The names of a table's columns, in order. */
export const columnsOf = (
  { all }: Pick<SqlTransaction, 'all'>,
  schema: 'main' | 'temp',
  table: string,
): readonly string[] => all(`PRAGMA ${schema}.table_info(${table})`).map(({ name }) => String(name));
