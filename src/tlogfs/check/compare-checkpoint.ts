import type { TableState } from '../log/table-state.js';
import type { Replay } from './log-replay.js';

/** Returns how a checkpoint differs from what the log up to its version adds up to; null where it does not. */
export const compareCheckpoint = (state: TableState, replay: Replay): string | null => {
  const { protocol, metaData } = replay;
  if (
    state.protocol.minReaderVersion !== protocol?.minReaderVersion ||
    state.protocol.minWriterVersion !== protocol.minWriterVersion
  ) {
    return 'another protocol';
  }
  if (state.metaData.id !== metaData?.id) return `the table ${state.metaData.id}`;
  if (state.metaData.schemaString !== metaData.schemaString) return 'another schema';
  const txnSeq = state.txns.get(state.metaData.id)?.version ?? 0;
  if (txnSeq !== replay.txnSeq) return `transaction ${txnSeq} instead of ${replay.txnSeq}`;
  for (const [path, file] of replay.files) {
    const stored = state.files.get(path);
    if (stored === undefined) return `${path} is missing`;
    if (stored.size !== file.size) return `${path} has ${stored.size} bytes instead of ${file.size}`;
    if (stored.stats !== file.stats) return `${path} has other statistics`;
  }
  for (const path of state.files.keys()) if (!replay.files.has(path)) return `${path} is too much`;
  for (const path of state.removed.keys()) {
    if (!replay.removed.has(path)) return `${path} was never removed`;
  }
  return null;
};
