// What a server's refusals say, and what can be done about them.

import pg from 'pg';
import { expect, test } from 'vitest';
import { NotConnected, serverError } from '../../src/adapters/postgres/server-errors.js';
import { remedyForControlError } from '../../src/control/describe-control-error.js';
import { fromSqlError } from '../../src/control/store/control-store.js';
import { describeError } from '../../src/steward/describe-error.js';

/** An error of PostgreSQL's in the words that a command says: what it is, and what to do. */
const said = (code: string, message: string): { readonly words: string; readonly remedy: string | null } => {
  const problem = Object.assign(new pg.DatabaseError(message, message.length, 'error'), { code });
  const error = fromSqlError(serverError('postgres://db/ponds', problem));
  return { words: describeError(error), remedy: remedyForControlError(error) };
};

test.each([
  [
    '53100',
    'could not extend file "base/5/1": No space left on device',
    /^make room on its disk; try again$/,
  ],
  ['XX000', 'could not write init file', /^make room on its disk; try again$/],
  ['53300', 'sorry, too many clients already', /raise max_connections.*; try again$/],
  ['28P01', 'password authentication failed for user "u"', /\$PGPASSWORD.*\$PGUSER/],
  ['3D000', 'database "d" does not exist', /CREATE DATABASE/],
  [
    '28000',
    'no pg_hba.conf entry for host "127.0.0.1", user "u", database "d", no encryption',
    /sslmode=verify-full/,
  ],
  [
    '28000',
    'pg_hba.conf rejects connection for host "127.0.0.1", user "u", database "d", no encryption',
    /sslmode=verify-full/,
  ],
  ['28000', 'no PostgreSQL user name specified in startup packet', /^\$PGUSER/],
  ['08P01', 'password authentication failed', /\$PGPASSWORD.*\$PGUSER$/],
  ['08P01', 'query_wait_timeout', /^try again$/],
  ['57P03', 'the database system is starting up', /^try again$/],
  ['25006', 'cannot execute INSERT in a read-only transaction', /^name the primary/],
])('%s says what it is, and what to do', (code, message, expected) => {
  const { words, remedy } = said(code, message);
  expect(words).toContain(message);
  expect(words).toContain(`(${code})`);
  expect(remedy).toMatch(expected);
  // Said once.
  expect(words).not.toMatch(expected);
});

test('where the server has no TLS, what asks for it is named', () => {
  const problem = new NotConnected(new Error('The server does not support SSL connections'));
  expect(remedyForControlError(fromSqlError(serverError('postgres://db/ponds', problem)))).toMatch(/sslmode/);
});

test('whoever is refused for another reason than TLS is not sent to ask for it', () => {
  const encrypted = 'no pg_hba.conf entry for host "10.0.0.1", user "u", database "d", SSL encryption';
  expect(said('28000', encrypted).remedy).toBeNull();
});
