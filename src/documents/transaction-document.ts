import type { ControlRecord } from '../control/records/control-record.js';
import type { TransactionSummary } from '../control/records/transaction-summary.js';
import type { Json, JsonObject } from '../domain/documents/json.js';
import { isoTime } from '../domain/text/iso-time.js';
import { snakeCase } from '../domain/text/snake-case.js';
import type { Incomplete } from '../steward/shapes/upkeep.js';
import { gatesDocument } from './gate-document.js';
import { taskDocument, traceIdOf } from './task-document.js';
import { commandFor } from './task-ends.js';

/** A transaction as JSON shows it. */
export const transactionDocument = (transaction: TransactionSummary): JsonObject => ({
  txn_seq: transaction.txnSeq,
  txn_id: transaction.txnId,
  transaction_type: transaction.transactionType,
  status: transaction.status,
  cli_args: transaction.cliArgs,
  started_at: isoTime(transaction.startedAt),
  duration_ms: transaction.durationMs,
  data_fs_version: transaction.dataFsVersion,
  error_message: transaction.errorMessage,
  plan_checksum: transaction.planChecksum,
  trace_id: traceIdOf(transaction.traceParent),
  ...(transaction.isGone ? { gone: true } : {}),
  ...(transaction.causedBy.length === 0 ? {} : { caused_by: transaction.causedBy }),
  factory_name: transaction.factoryName,
  config_path: transaction.configPath,
  ...gatesDocument(transaction.gates),
  tasks: transaction.tasks.map(taskDocument),
});

/** Every column of a record; its time as ISO 8601. */
export const recordDocument = ({ timestamp, ...columns }: ControlRecord): JsonObject => ({
  ...Object.fromEntries(
    Object.entries(columns).map(([name, value]): [string, Json] => [snakeCase(name), value]),
  ),
  timestamp: isoTime(timestamp),
});

/** Returns what is unfinished or failed, each with the command that deals with it. */
export const incompleteDocument = ({ transactions, tasks, failedTasks }: Incomplete): JsonObject => ({
  transactions: transactions.map(openTransactionDocument),
  tasks: tasks.map((task) => ({
    ...taskDocument(task),
    runner: task.runner === null ? null : { pid: task.runner.pid, command: task.runner.command },
    command: commandFor(task),
  })),
  failed_tasks: failedTasks.map((task) => ({ ...taskDocument(task), command: commandFor(task) })),
});

const openTransactionDocument = (transaction: Incomplete['transactions'][number]): JsonObject => ({
  txn_seq: transaction.txnSeq,
  txn_id: transaction.txnId,
  transaction_type: transaction.transactionType,
  status: 'incomplete',
  cli_args: transaction.cliArgs,
  started_at: isoTime(transaction.startedAt),
  data_committed: transaction.dataCommitted,
  environment: transaction.environment,
  is_running: transaction.isRunning,
  command: transaction.isRunning ? null : 'pond recover',
});
