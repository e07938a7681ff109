import type { Writable } from 'node:stream';
import pg from 'pg';
import type { SqlRow } from '../../ports/sql-database.js';
import type { ServerStatements } from '../../ports/sql-server.js';
import type { NamedStatement } from './ask-at-once.js';
import { types } from './column-types.js';
import { passwordFor } from './password-file.js';
import { isInTheWay, NotConnected } from './server-errors.js';
import { translateStatement } from './translate-statement.js';

/** Milliseconds after which a connection that does not come about is given up, and a statement without a result. */
const CONNECTING = 10_000;
const STATEMENT = 60_000;

/**
 * A connection whose password, which its address never names, is looked for once the server asks for it, and whose database is the one that the address
 * names: `pg` leaves `%2F` and the like in it as they are.
 */
export class ServerConnection extends pg.Client {
  /** Names that the server is told, which the types of `pg` do not have. */
  declare private readonly connectionParameters: { database: string | undefined };

  constructor(config?: pg.ClientConfig) {
    super(config);
    const database = databaseOf(config?.connectionString ?? '');
    if (database !== null) {
      this.connectionParameters.database = database;
      this.database = database;
    }
    // By definition, since pg keeps it from being printed so, and takes a function, which its types do not say.
    Object.defineProperty(this, 'password', { value: () => passwordFor(this) ?? noPassword() });
  }
}

/** The database that an address names; null: it names none, and the environment does, or the role. */
const databaseOf = (address: string): string | null =>
  decodeURIComponent(URL.canParse(address) ? new URL(address).pathname.slice(1) : '') || null;

const noPassword = (): never => {
  throw Object.assign(
    new Error('it wants a password, and neither $PGPASSWORD nor ~/.pgpass ($PGPASSFILE) has one'),
    { code: 'ENOPASSWORD' },
  );
};

/** Waits for a connection; what is in the way of one, and of the settings that it begins with, is an error of the server's; a fault of this program's is thrown as it is. */
export const connected = async <A>(connecting: Promise<A>): Promise<A> => {
  try {
    return await connecting;
  } catch (problem) {
    throw isInTheWay(problem) ? new NotConnected(problem) : problem;
  }
};

/** Settings by which connections to an address are made. What it does not name comes from the environment, as libpq's does. */
export const connectionTo = (address: string): pg.ClientConfig => ({
  connectionString: withChecks(address),
  application_name: 'pond',
  connectionTimeoutMillis: CONNECTING,
  query_timeout: STATEMENT,
  keepAlive: true,
  keepAliveInitialDelayMillis: 3_000,
  types,
});

/**
 * Settings of every connection, in one statement; the database's and the role's own do not end what is not to end. A session whose client is suspended in the middle of a transaction, or
 * cut off from the network, is ended soon, since others wait for its locks, unless that is behind the first message of a statement, which no limit of the server's ends (see `askAtOnce` and `endingStuck`); one that only keeps a lock, or listens, is not. Plans are made on tables that are small at first, so that
 * indexes are always used, and in their order, where a look ends with the first that it finds: a bitmap of all would be made first, and such a scan leaves
 * the dead among them to the next one. Tables are joined row by row, as SQLite does it, for which the same statements are written: merging would go through all
 * records to find those of a few transactions. Compiling plans takes longer than running them.
 */
export const settings = (schema: string): string =>
  [
    `SET search_path = ${pg.escapeIdentifier(schema)}`,
    'SET jit = off',
    'SET enable_seqscan = off',
    'SET enable_bitmapscan = off',
    'SET enable_mergejoin = off',
    'SET enable_hashjoin = off',
    // Statements are prepared, and always the same: to plan one again takes longer than to run it.
    'SET plan_cache_mode = force_generic_plan',
    'SET default_transaction_isolation = "read committed"',
    `SET idle_in_transaction_session_timeout = '10s'`,
    `SET statement_timeout = ${STATEMENT}`,
    'SET lock_timeout = 0',
    ...[notEnding('idle_session_timeout', 14), notEnding('transaction_timeout', 17)],
    // States follow records by triggers. Only who may set it is asked to, where somebody has set it for the database.
    `SELECT set_config('session_replication_role', 'origin', false) WHERE current_setting('session_replication_role') <> 'origin'`,
    'SET tcp_keepalives_idle = 3',
    'SET tcp_keepalives_interval = 1',
    'SET tcp_keepalives_count = 3',
    'SET tcp_user_timeout = 6000',
  ].join('; ');

/** Address with the mode of TLS that `pg` takes these for, with a warning: it checks the certificate, which libpq does not in each of them. */
const withChecks = (address: string): string =>
  address.includes('uselibpqcompat')
    ? address
    : address.replace(/([?&]sslmode=)(?:prefer|require|verify-ca)(?=&|$)/, '$1verify-full');

/** Turns off a limit that servers have since a version. */
const notEnding = (limit: string, since: number): string =>
  `SELECT CASE WHEN current_setting('server_version_num')::int >= ${since}0000 THEN set_config('${limit}', '0', false) END`;

/** A statement of the control table's as a connection prepares it. */
export const namedStatement = (
  statement: string,
  parameters: Parameters<ServerStatements['all']>[1],
): NamedStatement => {
  const { text, names, prepared } = translateStatement(statement);
  return { name: prepared, text, values: names.map((name) => stored(parameters?.[name] ?? null)) };
};

/** Statements of the control table on a connection. */
export const statementsOn = (client: pg.ClientBase): ServerStatements => {
  const query = (statement: string, parameters: Parameters<ServerStatements['all']>[1]) => {
    const { name, text, values } = namedStatement(statement, parameters);
    return client.query<SqlRow>({ name, text, values: [...values] });
  };
  return {
    run: async (statement, parameters) => (await query(statement, parameters)).rowCount ?? 0,
    all: async (statement, parameters) => (await query(statement, parameters)).rows,
  };
};

/** Holds back what is sent, until it is to be sent now: many small packets wake the server as often. */
export const holdingBack = (
  client: pg.ClientBase,
): { readonly hold: () => void; readonly sendNow: () => void } => {
  const { stream } =
    (client as { readonly connection?: { readonly stream?: Partial<Writable> } }).connection ?? {};
  let isHeld = false;
  return {
    hold: () => {
      if (!isHeld) stream?.cork?.();
      isHeld = true;
    },
    sendNow: () => {
      if (isHeld) stream?.uncork?.();
      isHeld = false;
    },
  };
};

/** PostgreSQL's text has every character but this one. */
const stored = (value: string | number | null) =>
  typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\u{FFFD}') : value;
