import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import * as t from 'io-ts';
import type { SqlDatabase, SqlDatabases, SqlError } from '../../ports/sql-database.js';
import type { ControlError } from '../control-error.js';
import { catchRefusal, fromSqlError, refusal, unusable } from '../store/control-store.js';
import type { ReadAtOnce } from '../store/control-transaction.js';
import { CURRENT_SCHEMA, describeDifferences, differencesFrom, readSchema } from './compare-schema.js';
import { installSchema } from './migrate.js';
import { coverOlderSchema } from './older-schema.js';
import { SCHEMA_VERSION } from './statements.js';

/** A control database that is what a version of pond made, and can be read as one of the present version. */
export interface ControlDatabase {
  readonly database: SqlDatabase;
  /** The pond that it says it belongs to. */
  readonly pondId: string;
  readonly version: number;
}

/**
 * Opens a control database. It may come from anywhere, so its schema is compared with that of its version before any of
 * its tables is used; until then nothing but SQLite's own list of statements is read. `install`: the pond for which it
 * is made where it is missing or empty.
 */
export const openControlDatabase =
  (
    databases: SqlDatabases,
    path: string,
    { install }: { readonly install?: string } = {},
  ): IOEither<ControlError, ControlDatabase> =>
  () => {
    const opened = databases.open(path, { create: install !== undefined })();
    if (isLeft(opened)) {
      return left(
        opened.left.code === 'SQLITE_CANTOPEN' ? { _tag: 'ControlMissing', path } : fromSqlError(opened.left),
      );
    }
    const database = opened.right;
    const checked = catchRefusal({ path }, () => {
      const found = identify(database, path, install);
      if (found.version < SCHEMA_VERSION) inSession(database, coverOlderSchema);
      return right({ database, ...found });
    });
    if (isLeft(checked)) database.close();
    return checked;
  };

const Meta = t.type({ pond_id: t.string, schema_version: t.number });

const identify = (
  database: SqlDatabase,
  path: string,
  install: string | undefined,
): Omit<ControlDatabase, 'database'> => {
  const read: ReadAtOnce = (query, parameters) => orRefuse(database.query(query, parameters));
  if (install !== undefined) installIfEmpty(database, install);
  const schema = readSchema(read);
  // What is not even a table of that shape must not be read.
  if (schema.get('meta') !== CURRENT_SCHEMA.get('meta')) throw unusable('it is not a control table');
  const meta = Meta.decode(read('SELECT pond_id, schema_version FROM meta')[0]);
  if (isLeft(meta)) throw unusable('it is not a control table');
  const { pond_id: pondId, schema_version: version } = meta.right;
  if (version > SCHEMA_VERSION) {
    throw refusal({ _tag: 'PondTooNew', path, format: String(version), known: SCHEMA_VERSION });
  }
  const differences = differencesFrom(version, schema);
  if (differences.length > 0) throw unusable(describeDifferences(differences));
  return { pondId, version };
};

/** A database of somebody else's is left as it is. */
const installIfEmpty = (database: SqlDatabase, pondId: string): void =>
  orRefuse(
    database.transaction('durable', (transaction) => {
      if (transaction.all('SELECT 1 FROM sqlite_master LIMIT 1').length === 0) {
        installSchema(transaction, pondId);
      }
    }),
  );

const inSession = (database: SqlDatabase, body: Parameters<SqlDatabase['session']>[0]): void =>
  orRefuse(database.session(body));

/** The value; a failure is thrown as the refusal that {@link catchRefusal} makes an error of. */
const orRefuse = <A>(work: IOEither<SqlError, A>): A => {
  const outcome = work();
  if (isLeft(outcome)) throw refusal(fromSqlError(outcome.left));
  return outcome.right;
};
