import type { JsonObject } from '../domain/documents/json.js';
import { printTaskId } from '../domain/plans/task-id.js';
import { isoTimeOrNull } from '../domain/text/iso-time.js';
import type { PondStatus } from '../steward/shapes/call-reports.js';
import type { RemoteLag } from '../steward/shapes/remote-reports.js';
import { queueDocument } from './fleet-document.js';
import { scheduleDocument } from './schedule-document.js';
import { incompleteDocument } from './transaction-document.js';
import { watchDocument } from './watch-document.js';

/** The state of a pond in JSON; `withTasks`: with every unfinished and failed task. */
export const statusDocument = (
  status: PondStatus,
  { withTasks }: { readonly withTasks: boolean },
): JsonObject => ({
  pond_id: status.pondId,
  birthplace: status.birthplace,
  last_txn_seq: status.lastTxnSeq,
  data_fs_version: status.dataFsVersion,
  incomplete: {
    transactions: status.incomplete.transactions.filter(({ isRunning }) => !isRunning).length,
    tasks: status.incomplete.tasks.filter(({ runner }) => runner === null).length,
  },
  running: {
    transactions: status.incomplete.transactions.filter(({ isRunning }) => isRunning).length,
    tasks: status.incomplete.tasks.filter(({ runner }) => runner !== null).length,
  },
  failed_tasks: status.incomplete.failed.tasks,
  queue: queueDocument(status.fleet.queue),
  workers: status.fleet.workers.length,
  ...(status.remotes.length === 0 ? {} : { remotes: status.remotes.map(remoteDocument) }),
  ...(status.replicaOf === null
    ? {}
    : {
        replica_of: {
          url: status.replicaOf.url,
          pulled_at: isoTimeOrNull(status.replicaOf.pulledAt),
        },
      }),
  ...(status.schedules.length === 0 ? {} : { schedules: status.schedules.map(scheduleDocument) }),
  ...(status.watches.length === 0 ? {} : { watches: status.watches.map(watchDocument) }),
  ...(status.untaken.length === 0
    ? {}
    : {
        untaken: status.untaken.map(({ configPath, reasons, ...task }) => ({
          task: printTaskId(task),
          config_path: configPath,
          reasons,
        })),
      }),
  ...(withTasks ? { post_commit: incompleteDocument(status.incomplete) } : {}),
});

/** A remote in JSON, and how far behind it is as far as is known here. */
export const remoteDocument = ({ name, url, pushedTxnSeq, behind, pushedAt }: RemoteLag): JsonObject => ({
  name,
  url,
  pushed_txn_seq: pushedTxnSeq,
  behind,
  pushed_at: isoTimeOrNull(pushedAt),
});
