import type { Arrival, WatchBatch } from '../control/records/arrival-record.js';
import type { JsonObject } from '../domain/documents/json.js';
import { ROOT } from '../domain/paths/pond-path.js';
import { isoTime, isoTimeOrNull } from '../domain/text/iso-time.js';
import type { IntoPlace } from '../domain/watches/watch-words.js';
import type { WatchedFolder, WatchPreview } from '../steward/shapes/background-reports.js';

/** A watched folder as JSON shows it. */
export const watchDocument = ({
  path,
  description,
  isEnabled,
  host,
  words,
  problem,
  batches,
  refused,
}: WatchedFolder): JsonObject => ({
  path,
  description,
  enabled: isEnabled,
  host,
  folder: words?.folder ?? null,
  pattern: words?.pattern ?? null,
  into: words === null ? null : intoText(words.into),
  as: words?.as ?? null,
  settle_ms: words?.settleMs ?? null,
  after: words === null ? null : words.after._tag.toLowerCase(),
  move_to: words?.after._tag === 'Move' ? words.after.directory : null,
  refused_to: words?.refused ?? null,
  problem: problem === null ? null : { message: problem.message, since: isoTimeOrNull(problem.since) },
  last_batch: batches[0] === undefined ? null : batchDocument(batches[0]),
  batches: batches.map(batchDocument),
  refused: refused.map(refusalDocument),
});

/** Files that would be taken in from a watched folder, as JSON shows it. */
export const previewDocument = ({
  path,
  words,
  problem,
  waiting,
  unfinished,
  known,
  passedOver,
}: WatchPreview): JsonObject => ({
  path,
  folder: words?.folder ?? null,
  problem,
  waiting: waiting.map((file) => ({
    file: file.path,
    size: file.size,
    modified_at: isoTime(file.modifiedAt),
    target: file.target,
  })),
  unfinished,
  known,
  passed_over: passedOver.map(({ name, why }) => ({ file: name, why })),
});

/** The place as it is written in a configuration. */
export const intoText = ({ path, isDirectory }: IntoPlace): string =>
  isDirectory && path !== ROOT ? `${path}/` : path;

const batchDocument = ({ endedAt, txnSeq, taken, unchanged, refused }: WatchBatch): JsonObject => ({
  at: isoTime(endedAt),
  txn_seq: txnSeq,
  taken,
  unchanged,
  refused,
});

const refusalDocument = ({ path, size, modifiedAt, arrivedAt, reason, aside }: Arrival): JsonObject => ({
  file: path,
  size,
  modified_at: isoTime(modifiedAt),
  at: isoTime(arrivedAt),
  reason: reason ?? '',
  moved_to: aside,
});
