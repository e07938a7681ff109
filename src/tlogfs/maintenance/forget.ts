import type { Forgetting, NodeRow } from '../../domain/tree/node-row.js';
import { nodeTree } from '../check/node-tree.js';
import { corrupt, run } from '../failure.js';
import type { DataFile } from '../log/log-entry.js';
import { withForgetting } from '../log/table-properties.js';
import { txnSeqOf } from '../log/table-state.js';
import type { OpLogRow } from '../rows/op-log-columns.js';
import type { ForgetOptions, Forgot, TLogError } from '../tlog.js';
import type { SnapshotSource } from '../transactions/snapshot.js';
import { changeMetaData } from './change-meta-data.js';
import { forgettableRows } from './forgettable.js';
import { groupsWithin } from './merge-selection.js';
import { rewriteFiles } from './rewrite-files.js';

/**
 * Forgets contents that no kept state shows: their rows are written again without them, file by file, each time as a
 * version of the table that replaces files by one with the same rows. `now`: microseconds since the epoch. Only under the
 * writer's lock.
 *
 * What is durable in which order: that the table no longer only grows, and that older versions of the product must not read
 * it; then each rewritten file with the entry that names it. Nothing is removed here: the replaced files, and blobs that no
 * row refers to any more, are what a sweep finds. So a crash at any step leaves a whole table in which some contents are
 * forgotten, and repeating it forgets the rest.
 */
export const forget = async (
  source: SnapshotSource,
  now: number,
  { before, alsoAt, paths, dryRun }: ForgetOptions,
): Promise<Forgot> => {
  const { files, layout, table, rowFiles } = source;
  const lastTxnSeq = txnSeqOf(table.known());
  if (!Number.isInteger(before) || before < 1 || before > lastTxnSeq) {
    throw { _tag: 'TransactionNotFound', txnSeq: before, lastTxnSeq } satisfies TLogError;
  }
  const rowsByFile = new Map<DataFile, readonly NodeRow[]>();
  for (const file of table.known().files.values()) rowsByFile.set(file, await rowFiles.select(file, {}));
  const all = [...rowsByFile.values()].flat();
  const rows = forgettableRows(nodeTree(all), { before, alsoAt, paths });
  const forgot: Forgot = { before, contents: rows.size, bytes: bytesOf(all, rows) };
  if (dryRun || rows.size === 0) return forgot;

  run(files.makeDirectories(layout.stagingDir));
  await changeMetaData(source, Math.floor(now / 1000), withForgetting(table.known().metaData));
  const chosen = new Set([...rows].map(keyOf));
  const forgotten: Forgetting = { since: now, before };
  const affected = [...rowsByFile].flatMap(([file, held]) =>
    held.some((row) => rows.has(row)) ? [file] : [],
  );
  for (const group of groupsWithin(affected)) {
    await rewriteFiles(source, group, Math.floor(now / 1000), {
      commitInfo: { operation: 'UPDATE', operationParameters: { forget_before: String(before) } },
      dataChange: true,
      rewritten: (stored) => (chosen.has(keyOf(stored.row)) ? without(stored, forgotten) : stored),
    });
  }
  return forgot;
};

const keyOf = ({ nodeId, version }: NodeRow): string => `${nodeId}@${version}`;

const without = ({ row }: OpLogRow, forgotten: Forgetting): OpLogRow => {
  if (row.sha256 === null) throw corrupt(keyOf(row), 'a content without a digest');
  return { row: { ...row, storageFormat: 'forgotten', forgotten }, content: null };
};

/** Bytes that nobody refers to any more: a content that is a file of its own counts once, and only where all its rows go. */
const bytesOf = (all: readonly NodeRow[], gone: ReadonlySet<NodeRow>): number => {
  const kept = new Set<string | null>();
  for (const row of all) if (row.storageFormat === 'external' && !gone.has(row)) kept.add(row.sha256);
  let bytes = 0;
  for (const { storageFormat, sha256, size } of gone) {
    if (storageFormat === 'external') {
      if (kept.has(sha256)) continue;
      kept.add(sha256);
    }
    bytes += size;
  }
  return bytes;
};
