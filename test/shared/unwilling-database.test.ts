// Databases that do not do what they are asked: because they are standbys, because of the role, because of limits that somebody has set for them.

import { writeFileSync } from 'node:fs';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { postgresServers } from '../../src/adapters/postgres/postgres-server.js';
import { removeFolder } from '../crash/machinery/built-ponds.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { type Machines, startMachines } from './on-machines.js';

const SERVER = process.env.POND_TEST_POSTGRES;

/** The database and the role of these tests: settings and grants of theirs are nobody else's. */
const DATABASE = 'unwilling';
const READER = 'pond_reader';

describe.skipIf(SERVER === undefined)('a pond whose database does not do everything', () => {
  const address = new URL(SERVER ?? 'postgres://nowhere');
  let machines: Machines;
  let client: pg.Client;
  let folder = '';

  beforeAll(async () => {
    folder = temporaryFolder('unwilling');
    client = new pg.Client(SERVER);
    await client.connect();
    await client.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
    await client.query(`DROP ROLE IF EXISTS ${READER}`);
    await client.query(`CREATE DATABASE ${DATABASE}`);
    await client.query(`CREATE ROLE ${READER} LOGIN PASSWORD '${address.password}'`);
    address.pathname = `/${DATABASE}`;
    machines = await startMachines(folder, address.href);
    writeFileSync(`${folder}/x`, 'content');
    for (const args of [['init'], ['copy', `host://${folder}/x`, '/x']])
      expect(await machines.run(args)).toMatchObject({ code: 0 });
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await client.query(`ALTER DATABASE ${DATABASE} RESET ALL`);
  });
  afterAll(async () => {
    await machines.stop();
    await client.query(`DROP DATABASE ${DATABASE} WITH (FORCE)`);
    await client.query(`DROP ROLE ${READER}`);
    await client.end();
    await removeFolder(folder);
  });

  const setReadOnly = () => client.query(`ALTER DATABASE ${DATABASE} SET default_transaction_read_only = on`);

  it('is read as ever while it takes no writes; what would write says that, and what to do', async () => {
    await setReadOnly();
    expect(await machines.run(['cat', '/x'])).toEqual({ code: 0, stdout: 'content', stderr: '' });
    const refused = await machines.run(['mkdir', '/d']);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('it takes no writes now') });
    expect(refused.stderr.split('it takes no writes now')).toHaveLength(2);
    expect(await machines.run(['worker', '--drain'])).toMatchObject({ code: 1 });
  });

  it('is waited for by a worker that is started while it takes no writes, which begins once it does', async () => {
    await setReadOnly();
    const { child, ended } = machines.start(['worker']);
    let said = '';
    child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
    await expect.poll(() => said, { timeout: 20_000 }).toContain('control_not_reached');
    await client.query(`ALTER DATABASE ${DATABASE} RESET ALL`);
    await expect.poll(() => said, { timeout: 20_000 }).toContain('working for');
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });

  it('is read by a role that may only read; without any grant it is not missing, and nobody makes a new one', async () => {
    const asReader = `postgres://${READER}@${address.host}/${DATABASE}`;
    const hidden = await machines.run(['status', '--control', asReader]);
    expect(hidden).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`the role ${READER} may not use the schema`),
    });
    const own = new pg.Client(address.href);
    await own.connect();
    try {
      const { rows } = await own.query<{ nspname: string }>(
        `SELECT nspname FROM pg_namespace WHERE nspname LIKE 'pond\\_%'`,
      );
      await own.query(`GRANT USAGE ON SCHEMA ${rows[0]?.nspname} TO ${READER}`);
      await own.query(`GRANT SELECT ON ALL TABLES IN SCHEMA ${rows[0]?.nspname} TO ${READER}`);
    } finally {
      await own.end();
    }
    expect(await machines.run(['cat', '/x', '--control', asReader])).toEqual({
      code: 0,
      stdout: 'content',
      stderr: '',
    });
    expect(await machines.run(['mkdir', '/d', '--control', asReader])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('GRANT it'),
    });
  });

  it('does what its triggers say also where somebody has turned them off for the database', async () => {
    await client.query(`ALTER DATABASE ${DATABASE} SET session_replication_role = replica`);
    expect(await machines.run(['mkdir', '/with-triggers'])).toMatchObject({ code: 0, stderr: '' });
    expect(await machines.run(['fsck'])).toMatchObject({ code: 0 });
  });

  it('is refused for a new pond where its encoding does not have all that a pond may be named', async () => {
    await client.query(
      `CREATE DATABASE narrow ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0`,
    );
    try {
      const narrow = `postgres://${address.username}@${address.host}/narrow`;
      const refused = await machines.run([
        '--pond',
        's3://bucket/narrow',
        'init',
        '--control',
        narrow,
        '--json',
      ]);
      expect(refused.code).toBe(1);
      expect(JSON.parse(refused.stdout).error).toMatchObject({
        message: expect.stringContaining('its encoding is LATIN1'),
        remedy: expect.stringContaining("ENCODING 'UTF8'"),
      });
    } finally {
      await client.query('DROP DATABASE narrow WITH (FORCE)');
    }
  });

  it('ends no session that waits for a lock or for news, whatever limits it was given', async () => {
    for (const limit of ['idle_session_timeout', 'statement_timeout', 'lock_timeout'])
      await client.query(`ALTER DATABASE ${DATABASE} SET ${limit} = '7s'`);
    const { pathname, host, username } = address;
    vi.stubEnv('PGPASSWORD', address.password);
    const opened = await postgresServers.open(`postgres://${username}@${host}${pathname}`, { schema: 's' })();
    if (opened._tag === 'Left') throw new Error(opened.left.message);
    const { right: server } = opened;
    const limits = await server.read((all) =>
      all(`SELECT name, setting FROM pg_settings
        WHERE name IN ('idle_session_timeout', 'statement_timeout', 'lock_timeout', 'transaction_timeout') AND setting <> '0'`),
    )();
    server.close();
    expect(limits).toMatchObject({ right: [{ name: 'statement_timeout', setting: '60000' }] });
  });
});
