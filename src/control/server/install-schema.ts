import * as t from 'io-ts';
import { SERVER_NOT_GRANTED } from '../../ports/sql-server.js';
import type { ControlError } from '../control-error.js';
import { type ControlStore, decodeRow, refusal, unusable } from '../store/control-store.js';
import type { ControlTransaction, ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { MADE_BY, MIGRATIONS, SERVER_SCHEMA_VERSION, SERVER_STATEMENTS } from './server-schema.js';

/** The schema of a pond in its database: several ponds may share one. */
export const schemaOf = (pondId: string): string => `pond_${pondId.toLowerCase().replace(/[^a-z0-9]/g, '')}`;

const MetaRow = t.type({
  pond_id: t.string,
  schema_version: t.number,
  made_by: t.union([t.string, t.null]),
});

/** The pond and the version that a schema says; null where there is none. */
export function* identifySchema(read: ReadRows): Coroutine<t.TypeOf<typeof MetaRow> | null> {
  const [there] = yield* read(`SELECT CASE WHEN to_regclass('meta') IS NULL THEN 0 ELSE 1 END AS is_there`);
  if (there?.is_there !== 1) return null;
  const [row] = yield* read(
    // Of a column that is not there, nothing.
    `SELECT pond_id, schema_version, to_json(meta) ->> 'made_by' AS made_by FROM meta`,
  );
  if (row === undefined) throw unusable('its table meta is empty');
  return decodeRow(MetaRow, row);
}

/** Reason why a schema of the present version is not used: a build that came before the release has made another one. */
export const otherSchema = (
  { schema_version: version, made_by: madeBy }: t.TypeOf<typeof MetaRow>,
  { path, schema }: Pick<ControlStore, 'path'> & { readonly schema: string },
): ControlError | null =>
  version !== SERVER_SCHEMA_VERSION || madeBy === MADE_BY
    ? null
    : {
        _tag: 'ControlFailed',
        path,
        code: 'SCHEMA',
        message: `the tables of the schema ${schema} are those of a build that was never released, and not those of this one`,
        remedy: `ALTER SCHEMA ${schema} RENAME TO ${schema}_before puts them aside, then pond rebuild-control makes new ones; or go on with that build`,
      };

/** Reason why a schema that is there is not seen: the role may not use it. */
export function* hiddenSchema(
  read: ReadRows,
  { path, schema }: Pick<ControlStore, 'path'> & { readonly schema: string },
): Coroutine<ControlError | null> {
  const [row] = yield* read(
    `SELECT current_user AS role FROM pg_namespace WHERE nspname = @schema AND NOT has_schema_privilege(oid, 'USAGE')`,
    { schema },
  );
  const message = `the role ${row?.role} may not use the schema ${schema}`;
  return row === undefined ? null : { _tag: 'ControlFailed', path, code: SERVER_NOT_GRANTED, message };
}

/** Encodings of databases that take every name and text of a pond; the latter takes any bytes. */
const WHOLE_ENCODINGS = ['UTF8', 'SQL_ASCII'];

/** Reason why a database cannot have a pond's records: sooner or later one would not be written. */
function* narrowEncoding(read: ReadRows, path: string): Coroutine<ControlError | null> {
  const [row] = yield* read(`SELECT current_setting('server_encoding') AS encoding`);
  const encoding = String(row?.encoding);
  if (WHOLE_ENCODINGS.includes(encoding)) return null;
  return {
    _tag: 'ControlFailed',
    path,
    code: 'ENCODING',
    message: `its encoding is ${encoding}, in which not every name and text of a pond can be written`,
    remedy: `CREATE DATABASE NAME ENCODING 'UTF8' TEMPLATE template0 makes one that --control may name`,
  };
}

/** Makes what is missing, in one transaction that nobody else makes at the same time. */
export function* installServerSchema(
  transaction: ControlTransaction,
  { path, schema, pondId }: { readonly path: string; readonly schema: string; readonly pondId: string },
): Coroutine<void> {
  yield* transaction.run(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  if ((yield* identifySchema(transaction.all)) !== null) return;
  const narrow = yield* narrowEncoding(transaction.all, path);
  if (narrow !== null) throw refusal(narrow);
  for (const statement of SERVER_STATEMENTS) yield* transaction.run(statement);
  yield* transaction.run(
    'INSERT INTO meta (pond_id, schema_version, made_by) VALUES (@pond_id, @schema_version, @made_by)',
    { pond_id: pondId, schema_version: SERVER_SCHEMA_VERSION, made_by: MADE_BY },
  );
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
  yield* transaction.run('UPDATE meta SET schema_version = @version, made_by = @made_by', {
    version,
    made_by: MADE_BY,
  });
  return true;
}
