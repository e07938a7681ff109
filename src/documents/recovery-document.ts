import type { JsonObject } from '../domain/documents/json.js';
import type { RecoveryReport } from '../steward/shapes/upkeep.js';
import { recoveredDocument } from './recovered-document.js';
import { taskDocument } from './task-document.js';
import { incompleteDocument } from './transaction-document.js';

/** Report of a recovery in JSON. */
export const recoveryDocument = (report: RecoveryReport): JsonObject => ({
  dry_run: report.dryRun,
  rolled_forward: report.rolledForward.map(({ txnSeq, txnId }) => ({ txn_seq: txnSeq, txn_id: txnId })),
  failed: report.failed.map(({ txnId, transactionType }) => ({
    txn_id: txnId,
    transaction_type: transactionType,
  })),
  rebuilt: report.rebuilt,
  gone: report.gone.map(({ txnSeq, txnId }) => ({ txn_seq: txnSeq, txn_id: txnId })),
  host_plans: report.hostPlans.map(recoveredDocument),
  host_plans_problem: report.hostPlansProblem,
  export_contents: report.exportContents,
  process_groups: report.processGroups.map(({ configPath, pgid, processes }) => ({
    config_path: configPath,
    pgid,
    processes: processes.map(({ pid, command }) => ({ pid, command })),
  })),
  made_elsewhere: report.madeElsewhere.map(({ kind, name, why }) => ({ kind, name, why })),
  tasks: report.tasks.map(taskDocument),
  remaining: incompleteDocument(report.remaining),
});
