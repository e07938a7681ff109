// A pond whose store is served by this process and whose control table is in PostgreSQL, and processes of `pond` that write to it: each of
// their requests and statements goes through here, where they are counted, and where a process is killed or suspended at any of them.

import { type ChildProcess, spawn } from 'node:child_process';
import type { AddressInfo } from 'node:net';
import { createServer, connect as dial, type Socket } from 'node:net';
import { startFakeS3 } from '../support/fake-s3.js';
import {
  type MemoryStore,
  memoryStore,
  type StoreFault,
  type StoreRequest,
} from '../support/memory-store.js';
import { builtExecutable, type PondResult, plainEnvironment } from '../support/pond-cli.js';
import { callPond } from '../support/pond-in-process.js';

const ADDRESS = 's3://bucket/pond';

/** What happens to the process that is at a step: it goes on, or it dies before the step has its effect, or after that and before it hears of it. */
export type AtStep = 'go-on' | 'die-before' | 'die-after';

export interface Machines {
  readonly store: MemoryStore;
  /** Decides about each step of a process that goes through here: a request of the store, or a message to the database. */
  readonly onStep: (decide: ((step: string) => AtStep) | null) => void;
  /** Decides about each request of the store, whoever makes it. */
  readonly onRequest: (decide: ((request: StoreRequest) => StoreFault) | null) => void;
  /** A process of `pond`, whose statements are steps. */
  readonly start: (args: readonly string[]) => Started;
  /** `pond` in this process, whose statements are not counted. */
  readonly run: (args: readonly string[]) => Promise<PondResult>;
  readonly stop: () => Promise<void>;
}

export interface Started {
  readonly child: ChildProcess;
  readonly ended: Promise<PondResult>;
}

/** Types of messages by which statements are sent; the others are the connection's beginning and end. */
const STATEMENTS = ['Q', 'P', 'B', 'C'].map((letter) => letter.charCodeAt(0));

/** Message that asks, by its type, length and empty name of a portal. */
const ASKED_AT_ONCE = /B[\s\S]{4}\0[\w-]+-at-once\0/;

/** What is sent, in a word; a statement that begins an attempt can be told once for each connection: from then on it is prepared. */
const stepOf = (chunk: Buffer): string =>
  [
    'statement',
    ...(chunk.includes('SET running = 1') ? ['that starts'] : []),
    // What is asked at once commits with it; to prepare it comes before.
    ...(chunk.includes('COMMIT') || ASKED_AT_ONCE.test(chunk.toString('latin1')) ? ['and commits'] : []),
  ].join(' ');

/** `database`: the address of a PostgreSQL, with a password. */
export const startMachines = async (folder: string, database: string): Promise<Machines> => {
  let decide: ((step: string) => AtStep) | null = null;
  let request: ((request: StoreRequest) => StoreFault) | null = null;
  let running: ChildProcess | null = null;
  const die = () => running?.kill('SIGKILL');
  const store = memoryStore({
    now: () => Date.now() * 1000,
    fault: (made) => {
      const fault = request?.(made) ?? null;
      if (fault !== null) return fault;
      switch (decide?.(`${made.call} ${made.key}`)) {
        case 'die-before':
          die();
          return 'stall';
        case 'die-after':
          die();
          return 'lost-for-ever';
        default:
          return null;
      }
    },
  });
  const s3 = await startFakeS3(store);
  const { hostname, port, username, password, pathname } = new URL(database);
  const sockets = new Set<Socket>();
  const proxy = createServer((client) => {
    const server = dial(Number(port), hostname);
    let isDeaf = false;
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        // What has been sent arrives, where it is to have: a connection that is torn down takes with it what the server has not read.
        if (isDeaf) server.end();
        else server.destroy();
      });
    }
    client.on('data', (chunk) => {
      // What is sent together may arrive in pieces.
      const isStep = STATEMENTS.includes(chunk[0] ?? 0) || stepOf(chunk) !== 'statement';
      const at = isStep ? (decide?.(stepOf(chunk)) ?? 'go-on') : 'go-on';
      if (at !== 'die-before') server.write(chunk);
      if (at === 'go-on') return;
      isDeaf = true;
      die();
    });
    server.on('data', (chunk) => {
      if (!isDeaf) client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const proxied = (proxy.address() as AddressInfo).port;
  const common = {
    POND: ADDRESS,
    POND_STATE_DIR: `${folder}/state`,
    PGUSER: username,
    PGPASSWORD: password,
    AWS_ENDPOINT_URL: s3.endpoint,
    AWS_ACCESS_KEY_ID: 'x',
    AWS_SECRET_ACCESS_KEY: 'x',
    AWS_REGION: 'us-east-1',
  };
  const here = {
    ...common,
    POND_CACHE: `${folder}/here`,
    POND_CONTROL: `postgres://${hostname}:${port}${pathname}`,
  };
  const there = {
    ...common,
    POND_CACHE: `${folder}/there`,
    POND_CONTROL: `postgres://127.0.0.1:${proxied}${pathname}`,
  };
  return {
    store,
    onStep: (next) => {
      decide = next;
    },
    onRequest: (next) => {
      request = next;
    },
    start: (args) => {
      const child = spawn(process.execPath, [builtExecutable(), ...args], {
        env: { ...plainEnvironment(), ...there },
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      running = child;
      let [stdout, stderr] = ['', ''];
      child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
      return {
        child,
        ended: new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr }))),
      };
    },
    run: (args) => callPond(args, { env: here }),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
      await s3.stop();
    },
  };
};

/** Transactions that wrote, oldest first, as `pond control --json` shows them. */
export const writesOf = async ({
  run,
}: Machines): Promise<readonly { readonly status: string; readonly txn_id: string }[]> => {
  const { stdout } = await run(['control', '--json', '--limit', '1000']);
  return JSON.parse(stdout)
    .transactions.filter(
      (transaction: { transaction_type: string }) => transaction.transaction_type === 'write',
    )
    .reverse();
};

/** Ids of the transactions that are in the log, one for each version that has one, in order; versions must have no gap. */
export const landedIn = ({ store }: Machines): readonly string[] => {
  const entries = [...store.objects]
    .flatMap(([key, content]) => {
      const version = /_delta_log\/(\d{20})\.json$/.exec(key)?.[1];
      return version === undefined
        ? []
        : [{ version: Number(version), text: Buffer.from(content).toString() }];
    })
    .sort((a, b) => a.version - b.version);
  if (entries.some(({ version }, index) => version !== index)) throw new Error('versions have a gap');
  return entries.flatMap(({ text }) => /"txn_id":"([^"]+)"/.exec(text)?.[1] ?? []);
};
