import type { JsonObject } from '../domain/documents/json.js';
import type { Difference, EntryState } from '../domain/tree/difference.js';

/** A difference between two states as JSON. */
export const differenceDocument = (difference: Difference): JsonObject => ({
  kind: difference.kind,
  path: difference.path,
  ...(difference.kind === 'renamed'
    ? { from: difference.from, has_new_content: difference.hasNewContent }
    : {}),
  before: difference.before === null ? null : stateDocument(difference.before),
  after: difference.after === null ? null : stateDocument(difference.after),
});

const stateDocument = (state: EntryState): JsonObject => ({
  file_type: state.entryType,
  size: state.size,
  version: state.version,
  txn_seq: state.txnSeq,
  sha256: state.sha256,
  factory: state.factory,
});
