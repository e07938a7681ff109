import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import type * as T from 'fp-ts/lib/Task.js';
import type { Change } from '../../domain/tree/change.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { StoredStream } from '../../tinyfs/persistence.js';
import type { Transaction } from './begin-write.js';

/** Versions that are appended to a series until they are joined: this many of the newest may be in no block. */
const JOINED_EVERY = 16;

/**
 * Joins small versions, after the commit that has appended them, to the blocks that are kept for those who read the series, once so
 * many have come together. Null: there is nothing to join. Its contents are those of the transaction, which has them in memory.
 * It is work that whoever reads the series does otherwise, so that nothing depends on it.
 */
export const joinSeries = (
  { pond, fs, persistence, identity }: Pick<Transaction, 'pond' | 'fs' | 'persistence' | 'identity'>,
  changes: readonly Change[],
): T.Task<void> | null => {
  // What lies in a store may have to be fetched first.
  if (pond.shared !== null || !changes.some(isOfSeries)) return null;
  const due = dueSeries(persistence.written());
  if (due.size === 0) return null;
  return async () => {
    for (const { path } of changes.filter(isOfSeries)) {
      try {
        const entry = await fs.stat(path)();
        const count = isRight(entry) ? due.get(entry.right.nodeId ?? '') : undefined;
        if (count === undefined) continue;
        const whole = await fs.read(path)();
        if (isLeft(whole)) continue;
        const series: StoredStream = whole.right;
        await series.joinNewest?.(count + JOINED_EVERY - 1);
      } catch (thrown) {
        pond.ports.logger.log('warn', 'series_not_joined', {
          txn_seq: identity.txnSeq,
          path,
          error: thrown instanceof Error ? thrown.message : String(thrown),
        });
      }
    }
  };
};

const isOfSeries = ({ kind, entryType }: Change): boolean => entryType === 'series' && kind !== 'deleted';

/** Series of which the number of versions has come past a multiple, and how many they were given. */
const dueSeries = (rows: readonly NodeRow[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, { readonly newest: number; readonly count: number }>();
  for (const { fileType, storageFormat, nodeId, version } of rows) {
    if (fileType !== 'series' || storageFormat !== 'inline') continue;
    const known = counts.get(nodeId) ?? { newest: 0, count: 0 };
    counts.set(nodeId, { newest: Math.max(known.newest, version), count: known.count + 1 });
  }
  const due = new Map<string, number>();
  for (const [nodeId, { newest, count }] of counts)
    if (Math.floor(newest / JOINED_EVERY) > Math.floor((newest - count) / JOINED_EVERY))
      due.set(nodeId, count);
  return due;
};
