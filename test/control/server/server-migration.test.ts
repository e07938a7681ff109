import { isRight } from 'fp-ts/lib/Either.js';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { postgresServers } from '../../../src/adapters/postgres/postgres-server.js';
import { openServerControl } from '../../../src/control/open-server-control.js';
import { migrateServerSchema, schemaOf } from '../../../src/control/server/install-schema.js';
import { serverConnection } from '../../../src/control/server/server-connection.js';
import { commit, failure, must, task } from '../steps.js';
import { openTable, temporaryDirectory } from '../table.js';
import { pondOf, SERVER } from './on-server.js';
import { relayTo } from './relay.js';

/** Two versions on, in three statements: the second adds to a table that is in use. */
const LATER = {
  version: 3,
  migrations: [
    ['CREATE TABLE added (a INTEGER)'],
    ['ALTER TABLE runners ADD COLUMN zone TEXT', 'CREATE INDEX runners_of_zone ON runners (zone)'],
  ],
};

/** Something between a client and the server, through which a connection is lost at a message: before it arrives, or before its answer does. */
const between = async (address: URL) => {
  let lost: { readonly at: number; readonly arrives: boolean } | null = null;
  let sent = 0;
  const relay = await relayTo(address, (client, upstream) => {
    let isDeaf = false;
    client.on('data', (data) => {
      const isLost = lost?.at === sent;
      sent += 1;
      if (isLost && lost?.arrives === false) return client.destroy();
      isDeaf ||= isLost;
      upstream.write(data);
    });
    upstream.on('data', (data) => {
      if (isDeaf) client.destroy();
      else client.write(data);
    });
  });
  return {
    address: relay,
    sent: () => sent,
    loseNext: (place: number | null, arrives: boolean) => {
      lost = place === null ? null : { at: sent + place, arrives };
    },
  };
};

/** A schema of the first version in use, and what of a later one is there. */
const inUse = async () => {
  const directory = temporaryDirectory();
  const table = await openTable(directory);
  await commit(table, 1, [task(1, '/a')]);
  const schema = schemaOf(pondOf(directory));
  const client = new pg.Client(SERVER);
  await client.connect();
  onTestFinished(() => client.end());
  const ask = async (query: string): Promise<unknown> => {
    const { rows } = await client.query<{ readonly found: unknown }>(query);
    return rows[0]?.found;
  };
  return {
    table,
    schema,
    state: async () => ({
      version: await ask(`SELECT schema_version AS found FROM ${schema}.meta`),
      columns: await ask(`SELECT count(*)::int AS found FROM information_schema.columns
        WHERE table_schema = '${schema}' AND (table_name = 'added' OR column_name = 'zone')`),
      indexes: await ask(`SELECT count(*)::int AS found FROM pg_indexes
        WHERE schemaname = '${schema}' AND indexname = 'runners_of_zone'`),
    }),
    takeBack: () =>
      client.query(`UPDATE ${schema}.meta SET schema_version = 1; DROP TABLE ${schema}.added;
        DROP INDEX ${schema}.runners_of_zone; ALTER TABLE ${schema}.runners DROP COLUMN zone`),
  };
};

const OLD = { version: 1, columns: 0, indexes: 0 };
const NEW = { version: 3, columns: 2, indexes: 1 };

/** Migrates, by a connection that may be lost at one of its messages; returns how many there were. */
const migrated = async (
  proxy: Awaited<ReturnType<typeof between>>,
  schema: string,
  lost: { readonly place: number; readonly arrives: boolean } | null,
): Promise<{ readonly messages: number; readonly succeeded: boolean }> => {
  const server = await must(postgresServers.open(proxy.address, { schema }));
  const before = proxy.sent();
  proxy.loseNext(lost?.place ?? null, lost?.arrives ?? false);
  try {
    const ended = await serverConnection(server, schema, () => undefined).transaction(
      'durable',
      (transaction) => migrateServerSchema(transaction, 'x', LATER),
    );
    return { messages: proxy.sent() - before, succeeded: isRight(ended) };
  } finally {
    server.close();
  }
};

test.skipIf(SERVER === undefined)(
  'a migration whose connection dies at any of its messages is there as a whole or not at all, and the next one completes it',
  { timeout: 120_000 },
  async () => {
    const proxy = await between(new URL(String(SERVER)));
    const { table, schema, state, takeBack } = await inUse();
    const before = await must(table.records({}));
    expect(await state()).toEqual(OLD);
    const { messages, succeeded } = await migrated(proxy, schema, null);
    expect({ succeeded, state: await state() }).toEqual({ succeeded: true, state: NEW });
    // One for each statement at least, besides beginning and commit.
    expect(messages).toBeGreaterThan(5);
    let completed = 0;
    for (let place = 0; place < messages; place += 1) {
      for (const arrives of [false, true]) {
        await takeBack();
        const ended = await migrated(proxy, schema, { place, arrives });
        const found = await state();
        expect([OLD, NEW]).toContainEqual(found);
        if (ended.succeeded) expect(found).toEqual(NEW);
        if (found.version === NEW.version) completed += 1;
        await migrated(proxy, schema, null);
        expect(await state()).toEqual(NEW);
      }
    }
    // The commit arrives, and its answer does not.
    expect(completed).toBe(1);
    expect(await must(table.records({}))).toEqual(before);
  },
);

test.skipIf(SERVER === undefined)(
  'a schema that a build before the release has left is refused in words, before anything of it is used, and with what can be done about it',
  async () => {
    const { schema, table } = await inUse();
    const again = () =>
      openServerControl({ servers: postgresServers, clock: nodeClock, onLost: () => undefined })(
        String(SERVER),
        schema.replace('pond_', ''),
        { create: true },
      );
    const client = new pg.Client(SERVER);
    await client.connect();
    onTestFinished(() => client.end());
    for (const change of [
      `UPDATE ${schema}.meta SET made_by = 'another'`,
      `ALTER TABLE ${schema}.meta DROP COLUMN made_by`,
    ]) {
      await client.query(change);
      expect(await failure(again())).toMatchObject({
        _tag: 'ControlFailed',
        code: 'SCHEMA',
        remedy: expect.stringContaining(`ALTER SCHEMA ${schema} RENAME`),
      });
    }
    table.close();
    await client.query(`ALTER SCHEMA ${schema} RENAME TO ${schema}_before`);
    const made = await must(again());
    expect(await must(made.table.records({}))).toEqual([]);
    made.table.close();
  },
);
