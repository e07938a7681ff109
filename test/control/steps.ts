import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { nodeClock } from '../../src/adapters/node/node-clock.js';
import { betterSqlite } from '../../src/adapters/sqlite/better-sqlite.js';
import { sqliteLocks } from '../../src/adapters/sqlite/sqlite-locks.js';
import type { ControlTable } from '../../src/control/control-table.js';
import { openControlTable } from '../../src/control/open-control-table.js';
import type { Claim, CommitClaim } from '../../src/control/records/claim.js';
import type { BeginningAttempt, PendingTask } from '../../src/control/records/commit-record.js';
import type { ControlCapabilities } from '../../src/control/store/control-store.js';
import { openOnServer, SERVER } from './server/on-server.js';

export const capabilities: ControlCapabilities = {
  databases: betterSqlite,
  locks: sqliteLocks,
  clock: nodeClock,
};

/** The success of a step; its failure fails the test. */
export const must = async <E, A>(step: TaskEither<E, A>): Promise<A> => {
  const result = await step();
  if (result._tag === 'Left') throw new Error(JSON.stringify(result.left));
  return result.right;
};

/** The failure of a step. */
export const failure = async <E, A>(step: TaskEither<E, A>): Promise<E> => {
  const result = await step();
  if (result._tag === 'Right') throw new Error('succeeded');
  return result.left;
};

/** The control table in a directory; nothing closes it. */
export const openIn = (directory: string, using = capabilities): Promise<ControlTable> =>
  SERVER !== undefined && using === capabilities
    ? openOnServer(SERVER, directory)
    : must(openControlTable(using)(directory, 'pond', { create: true }));

export const txnIdOf = (txnSeq: number): string => `txn-${txnSeq}`;

export const begin = (table: ControlTable, txnSeq: number, transactionType: 'read' | 'write' = 'write') =>
  must(
    table.recordBegin({
      txnSeq,
      txnId: txnIdOf(txnSeq),
      basedOnSeq: txnSeq - 1,
      transactionType,
      timestamp: txnSeq * 1_000_000,
      cliArgs: ['copy', 'a', '/b'],
      traceParent: null,
      environment: { pid: 7 },
    }),
  );

export const task = (
  executionSeq: number,
  configPath: string,
  rejected: string | null = null,
): PendingTask => ({
  executionSeq,
  factoryName: 'test-executor',
  configPath,
  rejected,
});

/** A commit with its beginning. */
export const commit = async (
  table: ControlTable,
  txnSeq: number,
  tasks: readonly PendingTask[] = [],
  claimedBy: string | null = null,
  beginning: readonly BeginningAttempt[] = [],
): Promise<readonly CommitClaim[]> => {
  await begin(table, txnSeq);
  return must(record(table, txnSeq, tasks, claimedBy, beginning));
};

/** A commit that has begun. */
export const record = (
  table: ControlTable,
  txnSeq: number,
  tasks: readonly PendingTask[],
  claimedBy: string | null = null,
  beginning: readonly BeginningAttempt[] = [],
  entries: readonly string[] | null = null,
) =>
  table.recordDataCommitted({
    txnSeq,
    txnId: txnIdOf(txnSeq),
    basedOnSeq: txnSeq - 1,
    timestamp: txnSeq * 1_000_000 + 5_000,
    dataFsVersion: txnSeq + 100,
    durationMs: 5,
    plan: { checksum: `plan of ${tasks.length}`, plan: { tasks: tasks.length } },
    traceParent: `00-${txnSeq}`,
    tasks,
    claimedBy,
    beginning,
    entries,
  });

export const run = (table: ControlTable, runnerId: string) =>
  must(table.beginRunner({ runnerId, pid: 1, command: `pond ${runnerId}`, timestamp: 1 }));

/** Asks for an attempt to be started. */
export const start = (table: ControlTable, claim: Claim, timestamp = 50) =>
  must(
    table.recordPostCommitStarted(claim, {
      timestamp,
      configTxnSeq: claim.parentTxnSeq,
      traceParent: `attempt at ${timestamp}`,
    }),
  );

/** The first of a list that must have one. */
export const first = <A>(list: readonly A[]): A => {
  const [head] = list;
  if (head === undefined) throw new Error('nothing there');
  return head;
};

export const claimOne = async (
  table: ControlTable,
  runnerId: string,
  parentTxnSeq: number,
  executionSeq = 1,
) => first((await must(table.claim(runnerId, [{ parentTxnSeq, executionSeq }]))).claimed);
