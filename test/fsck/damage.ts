import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { betterSqlite } from '../../src/adapters/sqlite/better-sqlite.js';
import { sqliteLocks } from '../../src/adapters/sqlite/sqlite-locks.js';
import { openControlTable } from '../../src/control/open-control-table.js';
import { type NodeRow, ROOT_ID } from '../../src/domain/tree/node-row.js';
import { EMPTY_PLAN } from '../../src/planner/empty-plan.js';
import { planJson } from '../../src/planner/seal-plan.js';
import { encodeLogEntry } from '../../src/tlogfs/log/log-entry.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import type { TLogWriter } from '../../src/tlogfs/tlog.js';
import { must } from './sample-pond.js';

const NOW = 1_700_000_000_000_000;

export const flipByte = (path: string, offset: number): void => {
  const bytes = readFileSync(path);
  const at = offset < 0 ? bytes.length + offset : offset;
  bytes[at] = (bytes[at] ?? 0) ^ 0x01;
  writeFileSync(path, bytes);
};

/** Paths of the log's entries, in order. */
export const logEntries = (pond: string): readonly string[] => {
  const folder = join(pond, 'data/_delta_log');
  return readdirSync(folder)
    .filter((name) => /^\d{20}\.json$/.test(name))
    .sort()
    .map((name) => join(folder, name));
};

export const logEntry = (pond: string, version: number): string =>
  join(pond, 'data/_delta_log', `${String(version).padStart(20, '0')}.json`);

/** The data file that the newest commit added: no checkpoint tells of it. */
export const newestDataFile = (pond: string): string => {
  const entry = readFileSync(logEntries(pond).at(-1) ?? '', 'utf8');
  const path = /"add":\{"path":"([^"]+)"/.exec(entry)?.[1];
  if (path === undefined) throw new Error('the newest entry adds no file');
  return join(pond, 'data', path);
};

/** Rewrites a log entry, action by action; the number of actions and the checksum are put right. */
export const editEntry = (
  path: string,
  edit: (actions: Record<string, Record<string, unknown>>[]) => void,
): void => {
  const actions = readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  edit(actions);
  const [first = {}, ...others] = actions;
  const { action_count: _, entry_sha256: __, ...commitInfo } = first.commitInfo ?? {};
  writeFileSync(path, encodeLogEntry(commitInfo, others));
};

export const checkpointOf = (pond: string): string => {
  const folder = join(pond, 'data/_delta_log');
  const name = readdirSync(folder).find((each) => each.endsWith('.checkpoint.parquet'));
  if (name === undefined) throw new Error('there is no checkpoint');
  return join(folder, name);
};

export const blobOf = (pond: string, digest: string): string =>
  join(pond, 'data/_blobs/sha256', digest.slice(0, 2), digest);

/** Changes the control table as nothing but a damaged disk or a strange hand could. */
export const editControl = (pond: string, ...statements: readonly string[]): void => {
  const database = new Database(join(pond, 'control/control.db'));
  try {
    database.pragma('foreign_keys = OFF');
    const triggers = database
      .prepare<[], { name: string; sql: string }>(
        `SELECT name, sql FROM sqlite_master WHERE type = 'trigger'`,
      )
      .all();
    for (const { name } of triggers) database.exec(`DROP TRIGGER ${name}`);
    for (const statement of statements) database.exec(statement);
    for (const { sql } of triggers) database.exec(sql);
  } finally {
    database.close();
  }
};

/** The current row of an entry in the root directory, and of what is in it. */
export interface KnownRows {
  readonly inRoot: (name: string) => NodeRow;
  readonly within: (directory: string, name: string) => NodeRow;
  readonly txnSeq: number;
}

/**
 * Adds a commit whose rows need not make sense, to the log and to the control table, so that nothing else is wrong
 * with it.
 */
export const forgeCommit = async (
  pond: string,
  forge: (writer: TLogWriter, known: KnownRows, base: NodeRow) => Promise<void> | void,
): Promise<void> => {
  const log = await must(openTLog({ files: nodeFileSystem })(join(pond, 'data')));
  const { txnSeq: last } = await must(log.head());
  const identity = { txnSeq: last + 1, txnId: uuidIds.uuidV7(), timestamp: NOW };
  const writer = await must(log.beginWrite(identity));
  const current = async (partId: string): Promise<ReadonlyMap<string, NodeRow>> => {
    const newest = new Map((await must(writer.rowsOf(partId))).map((row) => [row.nodeId, row]));
    return new Map([...newest.values()].filter(({ deleted }) => !deleted).map((row) => [row.name, row]));
  };
  const found = (rows: ReadonlyMap<string, NodeRow> | undefined, name: string): NodeRow => {
    const row = rows?.get(name);
    if (row === undefined) throw new Error(`there is no ${name}`);
    return row;
  };
  const root = await current(ROOT_ID);
  const below = new Map<string, ReadonlyMap<string, NodeRow>>();
  for (const row of root.values()) below.set(row.name, await current(row.nodeId));
  await forge(
    writer,
    {
      inRoot: (name) => found(root, name),
      within: (directory, name) => found(below.get(directory), name),
      txnSeq: identity.txnSeq,
    },
    {
      partId: ROOT_ID,
      nodeId: uuidIds.uuidV7(),
      name: 'forged',
      fileType: 'directory',
      version: 1,
      timestamp: NOW,
      txnSeq: identity.txnSeq,
      deleted: false,
      storageFormat: 'none',
      size: 0,
      sha256: null,
      factory: null,
      minEventTime: null,
      maxEventTime: null,
      attributes: null,
    },
  );
  const { checksum } = EMPTY_PLAN;
  const info = {
    operation: 'forged',
    cliArgs: [],
    planChecksum: checksum,
    plannerVersion: 1,
    suppressed: null,
  };
  const { version } = await must(writer.commit(info));
  const table = await must(
    openControlTable({ databases: betterSqlite, locks: sqliteLocks })(join(pond, 'control'), log.pondId, {
      create: false,
    }),
  );
  try {
    const { txnSeq, txnId, timestamp } = identity;
    const common = { txnSeq, txnId, basedOnSeq: last, timestamp };
    await must(
      table.recordBegin({
        ...common,
        transactionType: 'write',
        cliArgs: [],
        environment: {},
        traceParent: null,
      }),
    );
    await must(
      table.recordDataCommitted({
        ...common,
        dataFsVersion: version,
        durationMs: 0,
        plan: { checksum, plan: planJson(EMPTY_PLAN) },
        traceParent: null,
        tasks: [],
        claimedBy: null,
      }),
    );
  } finally {
    table.close();
  }
};
