// What a server's refusals say, and what can be done about them.

import pg from 'pg';
import { expect, test } from 'vitest';
import { serverError } from '../../src/adapters/postgres/server-errors.js';
import { describeControlError } from '../../src/control/describe-control-error.js';
import { fromSqlError } from '../../src/control/store/control-store.js';

/** An error of PostgreSQL's in the words that a command says. */
const said = (code: string, message: string): string => {
  const problem = Object.assign(new pg.DatabaseError(message, message.length, 'error'), { code });
  const error = fromSqlError(serverError('postgres://db/ponds', problem));
  return error._tag === 'UnsafeFile' ? error._tag : describeControlError(error);
};

test.each([
  [
    '53100',
    'could not extend file "base/5/1": No space left on device',
    /make room on its disk; .*try again/,
  ],
  ['53300', 'sorry, too many clients already', /raise max_connections.*; .*try again/],
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
  ['08P01', 'password authentication failed', /\$PGPASSWORD.*\$PGUSER$/],
  ['08P01', 'query_wait_timeout', /this may pass: try again$/],
  ['57P03', 'the database system is starting up', /starting up \(57P03\); this may pass: try again$/],
  ['25006', 'cannot execute INSERT in a read-only transaction', /it takes no writes now: name the primary/],
])('%s says what it is, and what to do', (code, message, expected) => {
  const words = said(code, message);
  expect(words).toContain(message);
  expect(words).toContain(`(${code})`);
  expect(words).toMatch(expected);
});

test('whoever is refused for another reason than TLS is not sent to ask for it', () => {
  const encrypted = 'no pg_hba.conf entry for host "10.0.0.1", user "u", database "d", SSL encryption';
  expect(said('28000', encrypted)).not.toContain('sslmode');
});
