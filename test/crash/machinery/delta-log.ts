import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeFileSystem } from '../../../src/adapters/node/files/node-file-system.js';
import { packsOf, readEntryText } from '../../../src/tlogfs/log/entry-text.js';
import { tableLayout } from '../../../src/tlogfs/table-layout.js';

/**
 * A log entry, read as any reader of Delta tables would read it: by the protocol, without our own code. Those that were
 * packed, for which a checkpoint stands to other readers, are read as the product reads them.
 */
export interface DeltaEntry {
  readonly version: number;
  readonly adds: readonly string[];
  readonly removes: readonly string[];
  readonly commitInfo: Readonly<Record<string, unknown>>;
  /** Sequence number of our own transactions; null for a merge. */
  readonly txnSeq: number | null;
}

export const readDeltaLog = (pond: string): readonly DeltaEntry[] => {
  const folder = join(pond, 'data/_delta_log');
  const packed = packsOf(nodeFileSystem, tableLayout(join(pond, 'data'))).flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => `${first + index}.json`.padStart(25, '0')),
  );
  return [...new Set([...namesIn(folder), ...packed])]
    .filter((name) => /^\d{20}\.json$/.test(name))
    .sort()
    .map((name) => {
      const actions: readonly Record<string, Record<string, unknown>>[] = textOf(pond, name)
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      const paths = (kind: string) =>
        actions.flatMap(({ [kind]: action }) => (action === undefined ? [] : [String(action.path)]));
      const txn = actions.find((action) => action.txn !== undefined)?.txn?.version;
      return {
        version: Number(name.slice(0, 20)),
        adds: paths('add'),
        removes: paths('remove'),
        commitInfo: actions.find((action) => action.commitInfo !== undefined)?.commitInfo ?? {},
        txnSeq: typeof txn === 'number' ? txn : null,
      };
    });
};

const textOf = (pond: string, name: string): string => {
  const path = join(pond, 'data/_delta_log', name);
  if (existsSync(path)) return readFileSync(path, 'utf8');
  return Buffer.from(
    readEntryText(nodeFileSystem, tableLayout(join(pond, 'data')), Number(name.slice(0, 20))),
  ).toString();
};

/** The newest write transaction in the log; 0 where there is none. */
export const lastTxnSeq = (log: readonly DeltaEntry[]): number =>
  Math.max(0, ...log.map(({ txnSeq }) => txnSeq ?? 0));

/** What is wrong with a log: gaps, doubles, files that are missing, files that nothing names. */
export const faultsOfLog = (pond: string, mergedAway: 'kept' | 'may be gone' = 'kept'): readonly string[] => {
  const log = readDeltaLog(pond);
  const faults: string[] = [];
  log.forEach(({ version }, index) => {
    if (version !== index) faults.push(`log: version ${version} stands where ${index} should`);
  });
  const seqs = log.flatMap(({ txnSeq }) => (txnSeq === null ? [] : [txnSeq]));
  seqs.forEach((seq, index) => {
    if (seq !== index + 1) faults.push(`log: transaction ${seq} stands where ${index + 1} should`);
  });
  for (const { version, txnSeq, commitInfo } of log) {
    if (txnSeq !== null && commitInfo.txn_seq !== txnSeq) {
      faults.push(`log: version ${version} is transaction ${txnSeq} and ${commitInfo.txn_seq}`);
    }
  }
  const ids = log.flatMap(({ commitInfo: { txn_id } }) => (txn_id === undefined ? [] : [txn_id]));
  if (new Set(ids).size !== ids.length) faults.push('log: two commits of one transaction id');

  const named = new Set(log.flatMap(({ adds }) => adds));
  const there = namesIn(join(pond, 'data')).filter((name) => name.startsWith('part-'));
  const removed = new Set(mergedAway === 'kept' ? [] : log.flatMap(({ removes }) => removes));
  for (const name of named) {
    if (!there.includes(name) && !removed.has(name)) faults.push(`log: ${name} is missing`);
  }
  for (const name of there) if (!named.has(name)) faults.push(`left over: data/${name}`);
  return faults;
};

/** Names in a folder; none where it is missing. */
export const namesIn = (folder: string): readonly string[] => {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
};
