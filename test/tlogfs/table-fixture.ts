import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { type NodeRow, ROOT_ID } from '../../src/domain/tree/node-row.js';
import type { FileSystem } from '../../src/ports/file-system.js';
import type { ByteStream, StoredContent } from '../../src/tinyfs/persistence.js';
import { initTLog } from '../../src/tlogfs/init-tlog.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import type { TLog, TLogWriter } from '../../src/tlogfs/tlog.js';

type Task<E, A> = () => Promise<
  { readonly _tag: 'Left'; readonly left: E } | { readonly _tag: 'Right'; readonly right: A }
>;

/** The value of a task that must succeed. */
export const ok = async <E, A>(task: Task<E, A>): Promise<A> => {
  const outcome = await task();
  if (outcome._tag === 'Left') throw new Error(JSON.stringify(outcome.left));
  return outcome.right;
};

/** The error of a task that must fail. */
export const failure = async <E, A>(task: Task<E, A>): Promise<E> => {
  const outcome = await task();
  if (outcome._tag === 'Right') throw new Error('it succeeded');
  return outcome.left;
};

export const POND_ID = '01890a5d-ac96-774b-bcce-b302099a8057';
export const START = 1_700_000_000_000_000;
export const INFO = {
  operation: 'WRITE',
  cliArgs: ['copy', 'a', '/a'],
  planChecksum: 'c'.repeat(64),
  plannerVersion: 1,
  suppressed: null,
} as const;

/** An empty place that is gone after the test. */
export const temporaryDataDir = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'tlogfs-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, 'pond', 'data');
};

export const identityOf = (txnSeq: number) => ({
  txnSeq,
  txnId: uuidIds.uuidV7(),
  timestamp: START + txnSeq * 1_000_123,
});

/** A new table whose first transaction wrote `/etc`. */
export const newTable = async (
  dataDir = temporaryDataDir(),
  files: FileSystem = nodeFileSystem,
): Promise<{ readonly dataDir: string; readonly log: TLog }> => {
  const first = await ok(
    initTLog({ files })(dataDir, { pondId: POND_ID, birthplace: 'here', identity: identityOf(1) }),
  );
  first.put(rowOf({ txnSeq: 1, name: 'etc', fileType: 'directory' }), null);
  await ok(first.commit({ ...INFO, operation: 'CREATE TABLE' }));
  return { dataDir, log: await ok(openTLog({ files })(dataDir)) };
};

export const rowOf = (
  given: Partial<NodeRow> & { readonly txnSeq: number },
  content: StoredContent | null = null,
): NodeRow => ({
  partId: ROOT_ID,
  nodeId: uuidIds.uuidV7(),
  name: 'file',
  fileType: 'file',
  version: 1,
  timestamp: START + given.txnSeq * 1_000_123,
  deleted: false,
  storageFormat: content?.storageFormat ?? 'none',
  size: content?.size ?? 0,
  sha256: content?.sha256 ?? null,
  factory: null,
  minEventTime: null,
  maxEventTime: null,
  attributes: null,
  ...given,
});

/** Begins the next write transaction. */
export const begin = async (log: TLog): Promise<TLogWriter> => {
  const { txnSeq } = await ok(log.head());
  return ok(log.beginWrite(identityOf(txnSeq + 1)));
};

/** Puts one row with a content into a transaction. */
export const putFile = async (
  writer: TLogWriter,
  content: Uint8Array | ByteStream | string,
  given: Partial<NodeRow> = {},
): Promise<NodeRow> => {
  const stored = await ok(
    writer.store(typeof content === 'string' ? Buffer.from(content) : content, 'by-size'),
  );
  const row = rowOf({ txnSeq: writer.txnSeq, ...given }, stored);
  writer.put(row, stored);
  return row;
};

/** One commit with one file. */
export const commitFile = async (
  log: TLog,
  content: Uint8Array | ByteStream | string,
  given: Partial<NodeRow> = {},
): Promise<NodeRow> => {
  const writer = await begin(log);
  const row = await putFile(writer, content, given);
  await ok(writer.commit(INFO));
  return row;
};

export const bytesOf = async (stream: ByteStream): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

export const textOf = async (stream: ByteStream): Promise<string> => (await bytesOf(stream)).toString();

/** The actions of a log entry as they are on disk. */
export const actionsOf = (dataDir: string, version: number): readonly Record<string, unknown>[] =>
  readFileSync(logEntry(dataDir, version), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

export const logEntry = (dataDir: string, version: number): string =>
  join(dataDir, '_delta_log', `${String(version).padStart(20, '0')}.json`);

/** All files below a directory, sorted, relative to it. */
export const filesBelow = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .sort();
