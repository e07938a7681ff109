// An older state of a pond's store, or of its control table, put back beside a newer other one: said by whoever opens the pond, and brought in order by
// the command that is named. Where there is a PostgreSQL, its control table is there, too.

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeClock } from '../../src/adapters/node/node-clock.js';
import { postgresServers } from '../../src/adapters/postgres/postgres-server.js';
import { assemble } from '../../src/composition-root.js';
import { openServerControl } from '../../src/control/open-server-control.js';
import { livePorts } from '../../src/live-ports.js';
import { run } from '../control/steps.js';
import { ok } from '../steward/memory-steward.js';
import { memoryLogger } from '../support/memory-logger.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const SERVER = process.env.POND_TEST_POSTGRES;

/** Where a control table is, and how states of it are kept and put back. */
interface Kept {
  readonly address: string;
  readonly keep: (name: string) => Promise<void>;
  readonly putBack: (name: string) => Promise<void>;
  readonly end: () => Promise<void>;
}

const inDirectory = async (folder: string): Promise<Kept> => {
  const directory = join(folder, 'control');
  mkdirSync(directory);
  return {
    address: `file://${directory}`,
    keep: async (name) => cpSync(directory, join(folder, name), { recursive: true }),
    putBack: async (name) => {
      rmSync(directory, { recursive: true });
      cpSync(join(folder, name), directory, { recursive: true });
    },
    end: async () => undefined,
  };
};

/** A state is a database by itself, which becomes the template of the one that is put back. */
const inPostgres = async (): Promise<Kept> => {
  const url = new URL(String(SERVER));
  vi.stubEnv('PGPASSWORD', decodeURIComponent(url.password));
  const client = new pg.Client(url.href);
  await client.connect();
  const made = new Set(['older_states']);
  const again = async (name: string, from: string) => {
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${from}`);
  };
  await again('older_states', 'template0');
  const nobody = () =>
    expect
      .poll(
        async () =>
          (await client.query(`SELECT 1 FROM pg_stat_activity WHERE datname = 'older_states'`)).rowCount,
        { timeout: 10_000 },
      )
      .toBe(0);
  return {
    address: `postgres://${url.username}@${url.host}/older_states`,
    keep: async (name) => {
      await nobody();
      made.add(`older_states_${name}`);
      await again(`older_states_${name}`, 'older_states');
    },
    putBack: (name) => again('older_states', `older_states_${name}`),
    end: async () => {
      for (const name of made) await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await client.end();
      vi.unstubAllEnvs();
    },
  };
};

describe.each([
  ['in a directory', inDirectory],
  ...(SERVER === undefined ? [] : [['in PostgreSQL', inPostgres] as const]),
] as const)('with the control table %s', (_, controlIn) => {
  let folder = '';
  let control: Kept;
  beforeEach(async () => {
    folder = temporaryFolder('older-states');
    control = await controlIn(folder);
  });
  afterEach(() => control.end());

  const address = () => `file://${folder}/store`;
  const product = () => {
    const { logger, lines } = memoryLogger();
    const options = { control: control.address, cache: join(folder, 'cache'), trust: 'all' as const };
    const program = assemble(livePorts(logger));
    const notices = () =>
      lines.flatMap(({ event, fields }) => (/^older_|_apart$/.test(event) ? [{ event, ...fields }] : []));
    return { program, options, notices };
  };
  /** Opens the pond, and says what was said about that. */
  const write = async (...names: readonly string[]) => {
    const { program, options, notices } = product();
    const pond = ok(await program.open(address(), options)());
    const numbers: number[] = [];
    for (const name of names) {
      const written = ok(await pond.write(({ fs }) => fs.write(name, Buffer.from(name)))());
      numbers.push(written.txnSeq);
    }
    const recovered = names.length > 0 ? null : ok(await pond.status()()).lastTxnSeq;
    ok(await pond.close()());
    return { notices: notices(), numbers, recovered };
  };
  const recover = async () => {
    const { program, options } = product();
    const pond = ok(await program.open(address(), options)());
    const report = ok(await pond.recover()());
    ok(await pond.close()());
    return report;
  };
  const rebuild = async () => {
    const { program, options } = product();
    return ok(await program.rebuildControl(address(), options)());
  };
  /** A runner of another process, which works with the control table until it is ended. */
  const somebodyAtWork = async () => {
    const { program, options } = product();
    const pond = ok(await program.open(address(), options)());
    const { pondId } = pond;
    ok(await pond.close()());
    const opening = openServerControl({
      servers: postgresServers,
      clock: nodeClock,
      onLost: () => undefined,
    });
    const { table } = ok(await opening(control.address, pondId, { create: false })());
    await run(table, 'somebody');
    return async () => {
      ok(await table.endRunner('somebody')());
      table.close();
    };
  };
  const findings = async () => {
    const { program, options } = product();
    return ok(await program.fsck(address(), options)()).findings.map(({ _tag }) => _tag);
  };
  const keepAs = async (name: string) => {
    cpSync(join(folder, 'store'), join(folder, `store-${name}`), { recursive: true });
    await control.keep(name);
  };
  const putBack = async (store: string, table: string) => {
    execFileSync('rm', ['-rf', join(folder, 'store'), join(folder, 'cache')]);
    cpSync(join(folder, `store-${store}`), join(folder, 'store'), { recursive: true });
    await control.putBack(table);
  };

  it('says which of the two is older, and what brings them in order; no number is given out again', async () => {
    const { program, options } = product();
    ok(await program.init(address(), options)());
    await write('/two');
    await keepAs('old');
    expect((await write('/three', '/four')).notices).toEqual([]);
    await keepAs('new');

    await putBack('new', 'old');
    expect((await write()).notices).toMatchObject([
      {
        event: 'older_control',
        first_txn_seq: 3,
        last_txn_seq: 4,
        remedy: expect.stringContaining('rebuild-control'),
      },
    ]);
    expect(await rebuild()).toMatchObject({ added: 2, putAside: null });
    expect(await write('/five')).toMatchObject({ notices: [], numbers: [5] });
    expect(await findings()).toEqual([]);

    await putBack('old', 'new');
    expect((await write()).notices).toMatchObject([
      { event: 'older_data', first_txn_seq: 3, last_txn_seq: 4, remedy: expect.stringContaining('recover') },
    ]);
    expect(await recover()).toMatchObject({ gone: [{ txnSeq: 3 }, { txnSeq: 4 }] });
    expect(await write('/five')).toMatchObject({ notices: [], numbers: [5] });
    expect(await findings()).toEqual(['CommitGone', 'CommitGone']);
  });

  it('makes a new control table where both have gone on apart, keeps the one that was there, and goes on above the numbers of both', async () => {
    const { program, options } = product();
    ok(await program.init(address(), options)());
    await keepAs('old');
    await write('/two', '/three', '/four');
    await keepAs('one');
    await putBack('old', 'old');
    await write('/zwei', '/drei');
    await keepAs('other');

    await putBack('other', 'one');
    expect((await write()).notices).toMatchObject([{ event: expect.stringMatching(/apart|older_data/) }]);
    await recover();
    expect((await write()).notices).toMatchObject([{ event: 'data_and_control_apart' }]);
    if (SERVER !== undefined && control.address.startsWith('postgres')) {
      const end = await somebodyAtWork();
      const { program, options } = product();
      expect(await program.rebuildControl(address(), options)()).toMatchObject({
        left: { _tag: 'TableInUse', workers: [{ command: 'pond somebody' }] },
      });
      await end();
    }
    expect(await rebuild()).toMatchObject({ added: 3, putAside: expect.any(String) });
    expect((await findings()).filter((tag) => tag !== 'CommitGone')).toEqual([]);
    expect(await write('/five')).toMatchObject({ notices: [], numbers: [5] });
    expect(await rebuild()).toMatchObject({ added: 0, putAside: null });
  });
});
