import type { JsonObject } from '../domain/documents/json.js';
import { isoTime } from '../domain/text/iso-time.js';
import type { PathCommit } from '../steward/shapes/comparisons.js';
import { forgettingDocument } from './entry-document.js';

/** The commits that touched a path in JSON, one row for each change. */
export const pathHistoryDocument = (path: string, commits: readonly PathCommit[]): JsonObject => ({
  path,
  commits: commits.flatMap(({ txnSeq, timestamp, operation, cliArgs, changes }) =>
    changes.map((change) => ({
      txn_seq: txnSeq,
      timestamp: isoTime(timestamp),
      operation,
      kind: change.kind,
      path: change.path,
      from: change.kind === 'renamed' ? change.from : null,
      version: change.version,
      size: change.size,
      cli_args: [...cliArgs],
      ...(change.forgotten === undefined ? {} : { forgotten: forgettingDocument(change.forgotten) }),
    })),
  ),
});
