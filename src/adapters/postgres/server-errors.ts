import pg from 'pg';
import type { SqlError } from '../../ports/sql-database.js';
import {
  SERVER_NOT_GRANTED,
  SERVER_READ_ONLY,
  SERVER_TRY_AGAIN,
  SERVER_UNSEEN,
} from '../../ports/sql-server.js';

/** Classes and codes of PostgreSQL's after which nothing has happened and the same may succeed. */
const PASSING = [
  '08', // connection
  '40', // serialization failure, deadlock
  '53', // out of resources
  '55P03', // lock not available
  '57014', // somebody has cancelled the statement, or it took too long
  '57P', // the server is stopping or starting, or somebody has ended the session
  '25P03', // it was idle inside a transaction for too long
];

/** PostgreSQL's code for a database that takes no writes. */
export const READ_ONLY = '25006';

/** Codes of PostgreSQL's that the port has words for. */
const NAMED = new Map([
  [READ_ONLY, SERVER_READ_ONLY],
  ['42501', SERVER_NOT_GRANTED],
]);

const PASSWORD =
  'the password is that of $PGPASSWORD, or of ~/.pgpass ($PGPASSFILE), the role that of the address, or $PGUSER';
const AUTHORITY =
  'NODE_EXTRA_CA_CERTS, or sslrootcert=FILE in the address, names the certificate of its own authority';

/** Words in which PostgreSQL says, as if it were its own fault, that there is no room for a connection's beginning on the disk of its tables. */
const NO_ROOM = /^could not write init file/;

const ROOM = 'make room on its disk';

/** Remedies for codes whose messages do not say them. */
const REMEDIES = new Map([
  ['53100', ROOM],
  [
    '53300',
    'end what holds connections to it, or raise max_connections, or the limit of this role or database',
  ],
  ['28P01', PASSWORD],
  ['3D000', 'CREATE DATABASE makes it, --control names another one'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', AUTHORITY],
  ['SELF_SIGNED_CERT_IN_CHAIN', AUTHORITY],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', AUTHORITY],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', AUTHORITY],
]);

/** The same for messages that have no code of their own: PgBouncer has one for all, PostgreSQL lets somebody in without TLS, or not, by its `pg_hba.conf`. */
const REMEDIES_BY_MESSAGE = [
  { message: NO_ROOM, remedy: ROOM },
  { message: /^password authentication failed/, remedy: PASSWORD },
  {
    message: /pg_hba\.conf .*no encryption$/,
    remedy: 'sslmode=verify-full in the address (--control) asks for TLS',
  },
  {
    message: /^The server does not support SSL connections$/,
    remedy:
      'an address (--control) without sslmode, and with no $PGSSLMODE, asks for none: only where nobody else is on the way to it',
  },
  { message: /^no PostgreSQL user name specified/, remedy: '$PGUSER, or the address, names the role' },
];

/** Remedy for an error; null: its message says so itself, or nobody knows. */
const remedyOf = (code: string | null, message: string): string | null =>
  REMEDIES.get(code ?? '') ??
  REMEDIES_BY_MESSAGE.find((known) => known.message.test(message))?.remedy ??
  null;

/** PgBouncer's code for all that it says itself, and words of it that no waiting helps against. */
const OF_POOLER = '08P01';
const FOR_GOOD = /password authentication failed|no such|not allowed|unsupported|config error/i;

/** Codes of the network's. */
const OF_NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  // Names of services that are being started are not known yet.
  'EAI_AGAIN',
  'ENOTFOUND',
]);

/** Words in which pg speaks, without a code, of a connection that has gone. */
const WITHOUT_CODE =
  /^(Connection terminated|timeout (exceeded|expired)|Query read timeout|Client (was closed|has encountered))/;

/** The connection was lost after the commit, and with it the answers that the body of the transaction waited for. */
export class AnswersLost extends Error {
  override readonly message = 'the connection was lost, and with it the answers to what has been committed';
  readonly code = SERVER_UNSEEN;
}

/** Words in which pg says, without a code, that it and a server do not agree on TLS or on who is there. */
const NO_AGREEMENT =
  /^(SASL: |Unknown authenticationOk|The server does not support SSL|There was an error establishing an SSL)/;

/** Tells whether a connection did not come about because of the server, the way to it or the settings, and not by a fault of this program's. */
export const isInTheWay = (problem: unknown): boolean =>
  problem instanceof pg.DatabaseError ||
  (problem instanceof Error &&
    (('code' in problem && typeof problem.code === 'string') ||
      WITHOUT_CODE.test(problem.message) ||
      NO_AGREEMENT.test(problem.message)));

/** A connection did not come about, by nothing that this program did wrong. */
export class NotConnected extends Error {
  readonly code: string | undefined;

  constructor(problem: unknown) {
    super(problem instanceof Error ? problem.message : String(problem), { cause: problem });
    const code = problem instanceof Error && 'code' in problem ? problem.code : undefined;
    this.code = typeof code === 'string' ? code : undefined;
  }
}

/** An error of a server's, or of the way to it; anything else is thrown again. */
export const serverError = (name: string, problem: unknown): SqlError => {
  if (!(problem instanceof Error)) throw problem;
  if (problem instanceof AnswersLost)
    return { _tag: 'SqlError', path: name, code: problem.code, message: problem.message };
  const code = 'code' in problem && typeof problem.code === 'string' ? problem.code : null;
  const isOfServer =
    problem instanceof NotConnected ||
    (code !== null && (/^[0-9A-Z]{5}$/.test(code) || OF_NETWORK.has(code) || code.startsWith('E')));
  if (!isOfServer && !WITHOUT_CODE.test(problem.message)) throw problem;
  const said = problem.message === '' && code !== null ? code : problem.message;
  const whole = code === null || said.includes(code) ? said : `${said} (${code})`;
  const remedy = remedyOf(code, said);
  return {
    _tag: 'SqlError',
    path: name,
    code: isPassing(problem) ? SERVER_TRY_AGAIN : (NAMED.get(code ?? '') ?? code ?? 'UNKNOWN'),
    message: whole,
    ...(remedy === null ? {} : { remedy }),
  };
};

/** Tells whether the same may be asked for again. */
export const isPassing = (problem: unknown): boolean => {
  if (!(problem instanceof Error)) return false;
  if (WITHOUT_CODE.test(problem.message) || NO_ROOM.test(problem.message)) return true;
  const code = 'code' in problem && typeof problem.code === 'string' ? problem.code : '';
  if (code === OF_POOLER && FOR_GOOD.test(problem.message)) return false;
  return OF_NETWORK.has(code) || PASSING.some((known) => code.startsWith(known));
};
