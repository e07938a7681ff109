import * as t from 'io-ts';
import { type ControlStore, decodeRow, refusal, unusable } from '../store/control-store.js';
import type { ControlTransaction, ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { MIGRATIONS, SERVER_SCHEMA_VERSION, SERVER_STATEMENTS } from './server-schema.js';

/** The schema of a pond in its database: several ponds may share one. */
export const schemaOf = (pondId: string): string => `pond_${pondId.toLowerCase().replace(/[^a-z0-9]/g, '')}`;

const MetaRow = t.type({ pond_id: t.string, schema_version: t.number });

/** The pond and the version that a schema says; null where there is none. */
export function* identifySchema(read: ReadRows): Coroutine<t.TypeOf<typeof MetaRow> | null> {
  const [there] = yield* read(`SELECT CASE WHEN to_regclass('meta') IS NULL THEN 0 ELSE 1 END AS is_there`);
  if (there?.is_there !== 1) return null;
  const [row] = yield* read('SELECT pond_id, schema_version FROM meta');
  if (row === undefined) throw unusable('its table meta is empty');
  return decodeRow(MetaRow, row);
}

/** Makes what is missing, in one transaction that nobody else makes at the same time. */
export function* installServerSchema(
  transaction: ControlTransaction,
  { schema, pondId }: { readonly schema: string; readonly pondId: string },
): Coroutine<void> {
  yield* transaction.run(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  if ((yield* identifySchema(transaction.all)) !== null) return;
  for (const statement of SERVER_STATEMENTS) yield* transaction.run(statement);
  yield* transaction.run('INSERT INTO meta (pond_id, schema_version) VALUES (@pond_id, @schema_version)', {
    pond_id: pondId,
    schema_version: SERVER_SCHEMA_VERSION,
  });
}

/** A version of the schema, and the statements that bring each one before it to the next. */
interface Target {
  readonly version: number;
  readonly migrations: readonly (readonly string[])[];
}

const PRESENT: Target = { version: SERVER_SCHEMA_VERSION, migrations: MIGRATIONS };

/**
 * Brings an older schema to the present one, in one transaction; returns whether there was anything to do. What lives meanwhile goes on: a migration
 * only adds.
 */
export function* migrateServerSchema(
  transaction: ControlTransaction,
  path: ControlStore['path'],
  { version, migrations }: Target = PRESENT,
): Coroutine<boolean> {
  const found = yield* identifySchema(transaction.all);
  if (found === null) throw refusal({ _tag: 'ControlMissing', path });
  if (found.schema_version >= version) return false;
  for (const statement of migrations.slice(found.schema_version - 1).flat())
    yield* transaction.run(statement);
  yield* transaction.run('UPDATE meta SET schema_version = @version', { version });
  return true;
}
