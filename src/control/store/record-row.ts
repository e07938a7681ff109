import * as t from 'io-ts';
import { ChainCodec } from '../../domain/plans/chain.js';
import type { SqlRow } from '../../ports/sql-database.js';
import type { ControlRecord, NewRecord } from '../records/control-record.js';
import { decodeRow } from './control-store.js';
import type { ControlTransaction } from './control-transaction.js';
import type { Coroutine } from './coroutine.js';
import { jsonObject, jsonText, jsonValue } from './json-text.js';

const number = t.union([t.number, t.null]);
const text = t.union([t.string, t.null]);

const RecordRow = t.type(
  {
    record_id: t.number,
    txn_seq: t.number,
    txn_id: t.string,
    based_on_seq: number,
    record_type: t.keyof({
      begin: null,
      intended: null,
      data_committed: null,
      completed: null,
      failed: null,
      post_commit_pending: null,
      post_commit_started: null,
      post_commit_completed: null,
      post_commit_failed: null,
      post_commit_skipped: null,
      post_commit_rolled_back: null,
      post_commit_dismissed: null,
      post_commit_cancelled: null,
      gate_completed: null,
      gate_failed: null,
      firing_pending: null,
      firing_started: null,
      firing_completed: null,
      firing_failed: null,
      firing_skipped: null,
      firing_dismissed: null,
      firing_cancelled: null,
    }),
    transaction_type: t.keyof({ read: null, write: null, post_commit: null, firing: null }),
    timestamp: t.number,
    cli_args: t.union([t.null, jsonText(t.array(t.string))]),
    environment: t.union([t.null, jsonText(jsonObject)]),
    data_fs_version: number,
    error_message: text,
    duration_ms: number,
    parent_txn_seq: number,
    execution_seq: number,
    factory_name: text,
    config_path: text,
    attempt: number,
    trace_parent: text,
    config_txn_seq: number,
    caused_by: t.union([t.null, jsonText(ChainCodec)]),
    report: t.union([t.null, jsonText(jsonValue)]),
    not_before: number,
    skip_cause: t.union([
      t.null,
      t.keyof({
        dependency: null,
        run_when: null,
        superseded: null,
        configuration: null,
        rebuilt: null,
        missed: null,
      }),
    ]),
    due_at: number,
  },
  'ControlRecord',
);

/** A row of `control_table` as a record. */
export const readRecord = (row: SqlRow): ControlRecord => {
  const columns = isPlain(row) ? row : decodeRow(RecordRow, row);
  return {
    recordId: columns.record_id,
    txnSeq: columns.txn_seq,
    txnId: columns.txn_id,
    basedOnSeq: columns.based_on_seq,
    recordType: columns.record_type,
    transactionType: columns.transaction_type,
    timestamp: columns.timestamp,
    cliArgs: columns.cli_args,
    environment: columns.environment,
    dataFsVersion: columns.data_fs_version,
    errorMessage: columns.error_message,
    durationMs: columns.duration_ms,
    parentTxnSeq: columns.parent_txn_seq,
    executionSeq: columns.execution_seq,
    factoryName: columns.factory_name,
    configPath: columns.config_path,
    attempt: columns.attempt,
    traceParent: columns.trace_parent,
    configTxnSeq: columns.config_txn_seq,
    causedBy: columns.caused_by,
    report: columns.report,
    notBefore: columns.not_before,
    skipCause: columns.skip_cause,
    dueAt: columns.due_at,
  };
};

/** Decodes most rows as the codec does, which have no JSON, at a tenth of its cost: a commit of many tasks has many records. */
const isPlain = (row: SqlRow): row is SqlRow & t.TypeOf<typeof RecordRow> =>
  NUMBERS.every((column) => typeof row[column] === 'number') &&
  TEXTS.every((column) => typeof row[column] === 'string') &&
  NUMBERS_OR_NULL.every((column) => row[column] === null || typeof row[column] === 'number') &&
  TEXTS_OR_NULL.every((column) => row[column] === null || typeof row[column] === 'string') &&
  NULLS.every((column) => row[column] === null) &&
  RecordRow.props.record_type.is(row.record_type) &&
  RecordRow.props.transaction_type.is(row.transaction_type);

/** Kind of value in each column of most rows. A column that is forgotten does not compile: it would not be looked at. */
const PLAIN: Readonly<
  Record<keyof typeof RecordRow.props, 'number' | 'text' | 'number?' | 'text?' | 'null'>
> = {
  record_id: 'number',
  txn_seq: 'number',
  txn_id: 'text',
  based_on_seq: 'number?',
  record_type: 'text',
  transaction_type: 'text',
  timestamp: 'number',
  cli_args: 'null',
  environment: 'null',
  data_fs_version: 'number?',
  error_message: 'text?',
  duration_ms: 'number?',
  parent_txn_seq: 'number?',
  execution_seq: 'number?',
  factory_name: 'text?',
  config_path: 'text?',
  attempt: 'number?',
  trace_parent: 'text?',
  config_txn_seq: 'number?',
  caused_by: 'null',
  report: 'null',
  not_before: 'number?',
  skip_cause: 'null',
  due_at: 'number?',
};

const columnsWith = (plain: (typeof PLAIN)[keyof typeof PLAIN]): readonly string[] =>
  Object.entries(PLAIN).flatMap(([column, kind]) => (kind === plain ? [column] : []));

const NUMBERS = columnsWith('number');
const TEXTS = columnsWith('text');
const NUMBERS_OR_NULL = columnsWith('number?');
const TEXTS_OR_NULL = columnsWith('text?');
const NULLS = columnsWith('null');

/** A record as it will be read, without the id that the table gives it. Column by column: every start and end of a task makes one. */
export const withoutGaps = (record: NewRecord): Omit<ControlRecord, 'recordId'> => ({
  txnSeq: record.txnSeq,
  txnId: record.txnId,
  basedOnSeq: record.basedOnSeq ?? null,
  recordType: record.recordType,
  transactionType: record.transactionType,
  timestamp: record.timestamp,
  cliArgs: record.cliArgs ?? null,
  environment: record.environment ?? null,
  dataFsVersion: record.dataFsVersion ?? null,
  errorMessage: record.errorMessage ?? null,
  durationMs: record.durationMs ?? null,
  parentTxnSeq: record.parentTxnSeq ?? null,
  executionSeq: record.executionSeq ?? null,
  factoryName: record.factoryName ?? null,
  configPath: record.configPath ?? null,
  attempt: record.attempt ?? null,
  traceParent: record.traceParent ?? null,
  configTxnSeq: record.configTxnSeq ?? null,
  causedBy: record.causedBy ?? null,
  report: record.report ?? null,
  notBefore: record.notBefore ?? null,
  skipCause: record.skipCause ?? null,
  dueAt: record.dueAt ?? null,
});

/** Adds a record to the log. */
export function* append(transaction: ControlTransaction, record: NewRecord): Coroutine<void> {
  yield* transaction.send(INSERT, columnsOf(record));
}

/** Columns of a record to be: its id is the table's to give. */
type Inserted = Exclude<keyof typeof RecordRow.props, 'record_id'>;

/** A record to be as the table's columns have it. */
export const columnsOf = (record: NewRecord): Readonly<Record<Inserted, string | number | null>> => ({
  txn_seq: record.txnSeq,
  txn_id: record.txnId,
  based_on_seq: record.basedOnSeq ?? null,
  record_type: record.recordType,
  transaction_type: record.transactionType,
  timestamp: record.timestamp,
  cli_args: record.cliArgs == null ? null : JSON.stringify(record.cliArgs),
  environment: record.environment == null ? null : JSON.stringify(record.environment),
  data_fs_version: record.dataFsVersion ?? null,
  error_message: record.errorMessage ?? null,
  duration_ms: record.durationMs ?? null,
  parent_txn_seq: record.parentTxnSeq ?? null,
  execution_seq: record.executionSeq ?? null,
  factory_name: record.factoryName ?? null,
  config_path: record.configPath ?? null,
  attempt: record.attempt ?? null,
  trace_parent: record.traceParent ?? null,
  config_txn_seq: record.configTxnSeq ?? null,
  caused_by: record.causedBy == null ? null : JSON.stringify(record.causedBy),
  report: record.report == null ? null : JSON.stringify(record.report),
  not_before: record.notBefore ?? null,
  skip_cause: record.skipCause ?? null,
  due_at: record.dueAt ?? null,
});

/** Columns of a record, but for its id, which the table gives it. */
export const INSERTED = Object.keys(RecordRow.props).filter((column) => column !== 'record_id');
const INSERT = `INSERT INTO control_table (${INSERTED.join(', ')})
  VALUES (${INSERTED.map((column) => `@${column}`).join(', ')})`;
