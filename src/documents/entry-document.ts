import type { JsonObject } from '../domain/documents/json.js';
import { isoTime } from '../domain/text/iso-time.js';
import type { Forgetting } from '../domain/tree/node-row.js';
import type { Entry, Version } from '../tinyfs/tinyfs.js';

/** An entry as `list` and `describe` show it in JSON. */
export const entryDocument = (entry: Entry): JsonObject => ({
  path: entry.path,
  file_type: entry.entryType,
  size: entry.size,
  version: entry.version,
  txn_seq: entry.txnSeq,
  sha256: entry.sha256,
  factory: entry.factory,
  timestamp: entry.timestamp === 0 ? null : isoTime(entry.timestamp),
  link_target: entry.linkTarget,
  node_id: entry.nodeId,
});

/** A version of a content in JSON. Event times are microseconds since the epoch in the pond, ISO 8601 here. */
export const versionDocument = (version: Version): JsonObject => ({
  version: version.version,
  txn_seq: version.txnSeq,
  timestamp: isoTime(version.timestamp),
  size: version.size,
  sha256: version.sha256,
  min_event_time: version.minEventTime === null ? null : isoTime(version.minEventTime),
  max_event_time: version.maxEventTime === null ? null : isoTime(version.maxEventTime),
  ...(version.forgotten === undefined ? {} : { forgotten: forgettingDocument(version.forgotten) }),
});

/** The end of a content that is forgotten, in JSON. */
export const forgettingDocument = ({ since, before }: Forgetting): JsonObject => ({
  since: isoTime(since),
  before,
});
