import * as t from 'io-ts';
import { exactType } from '../../domain/documents/exact-type.js';
import type { WaitOptions } from '../shapes/call-reports.js';
import type { HistoryQuery } from '../shapes/comparisons.js';
import type { PushOptions } from '../shapes/remote-reports.js';
import type { FsckOptions } from '../shapes/report.js';
import type { ReadOptions, TransactionOptions, WriteTransactionOptions } from '../shapes/transactions.js';
import type { LogReadingOptions, TransferOptions } from '../shapes/transfer-options.js';
import type {
  CancelOptions,
  DismissOptions,
  IncompleteOptions,
  MaintainOptions,
  RecoverOptions,
  RetryOptions,
} from '../shapes/upkeep.js';
import type { Steward } from '../steward.js';
import {
  Bytes,
  type CallArguments,
  Callback,
  Count,
  Micros,
  Milliseconds,
  type OptionTypes,
  optional,
  options,
  QueryParam,
  Signal,
  Texts,
  TxnSeq,
} from './argument-types.js';

const TRANSACTION: OptionTypes<TransactionOptions> = {
  describe: Callback,
  operation: t.string,
  signal: Signal,
};
export const CHECK: OptionTypes<FsckOptions> = { quick: t.boolean, plans: t.boolean, onProgress: Callback };
const PARAMS = t.record(t.string, QueryParam, 'an object');
const WRITTEN = exactType(
  'an object',
  { format: t.keyof({ csv: 0, json: 0, 'json-array': 0, parquet: 0, arrow: 0, 'arrow-stream': 0 }) },
  { like: t.string, compression: t.keyof({ zstd: 0, snappy: 0 }) },
);
const MODE = t.union([t.literal('InTransactionWriter'), t.literal('PostCommitReader')]);
const TRANSACTION_TYPE = t.union([t.literal('read'), t.literal('write')]);
/** Values of an option `tasks`. */
export const WHEN = t.union([t.literal('wait'), t.literal('background')]);
const TRANSFER: OptionTypes<TransferOptions> = { signal: Signal, onProgress: Callback };
const READING_LOG: OptionTypes<LogReadingOptions> = { ...TRANSFER, maxLogBytes: Count };
const SIGNAL: OptionTypes<{ readonly signal?: AbortSignal }> = { signal: Signal };
const INCOMPLETE = options<IncompleteOptions>({ failedTasks: Count });
const Asked = t.union([
  exactType('an object', { txnSeq: TxnSeq }, { executionSeq: TxnSeq }),
  exactType('an object', { firing: t.string }, { place: Count }),
]);

/** The options that a function of a pond takes as its argument of that place. */
type OptionsOf<F extends keyof Steward, Place extends number> = Steward[F] extends (
  ...args: infer Args
) => unknown
  ? NonNullable<Args[Place]>
  : never;

/** Functions of a pond that take something. */
type Taking = {
  readonly [F in keyof Steward]: Steward[F] extends (...args: infer Args) => unknown
    ? Args extends readonly []
      ? never
      : F
    : never;
}[keyof Steward];

/** Arguments of each function of a pond that takes some. */
export const CALLS: Readonly<Record<Taking, CallArguments>> = {
  read: [
    ['body', Callback],
    ['options', optional(options<ReadOptions>({ ...TRANSACTION, at: TxnSeq }))],
  ],
  write: [
    ['body', Callback],
    [
      'options',
      optional(
        options<WriteTransactionOptions>({
          ...TRANSACTION,
          gates: t.boolean,
          tasks: WHEN,
          postCommit: t.boolean,
          repeatable: t.boolean,
        }),
      ),
    ],
  ],
  query: [
    ['sql', t.string],
    [
      'options',
      optional(
        options<OptionsOf<'query', 1>>({
          at: TxnSeq,
          params: PARAMS,
          maxRows: Count,
          maxCharacters: Count,
          signal: Signal,
        }),
      ),
    ],
  ],
  queryBytes: [
    ['sql', t.string],
    ['options', exactType('an object', { as: WRITTEN }, { at: TxnSeq, params: PARAMS, signal: Signal })],
  ],
  plan: [['txnSeq', optional(TxnSeq)]],
  gates: [['txnSeq', optional(TxnSeq)]],
  replay: [
    [
      'request',
      exactType(
        'an object',
        { files: t.readonlyArray(t.type({ name: t.string, bytes: Bytes }), 'a list'), last: Count },
        {},
      ),
    ],
  ],
  compare: [['range', exactType('an object', { from: TxnSeq }, { to: TxnSeq, path: t.string })]],
  compareRows: [
    [
      'range',
      exactType(
        'an object',
        { from: TxnSeq, path: t.string },
        { to: TxnSeq, key: Texts, maxRows: Count, signal: Signal },
      ),
    ],
  ],
  history: [
    ['path', t.string],
    ['query', optional(options<HistoryQuery>({ since: Micros, until: Micros, limit: Count }))],
  ],
  commitAt: [['timestamp', Micros]],
  fsck: [['options', optional(options<FsckOptions>(CHECK))]],
  run: [
    ['path', t.string],
    [
      'options',
      optional(
        options<OptionsOf<'run', 1>>({ args: Texts, mode: MODE, signal: Signal, onProgress: Callback }),
      ),
    ],
  ],
  recover: [
    [
      'options',
      optional(
        options<RecoverOptions>({
          dryRun: t.boolean,
          postCommitOnly: t.boolean,
          failed: t.boolean,
          currentConfig: t.boolean,
          txnSeq: TxnSeq,
          factory: t.string,
          adopt: t.boolean,
          signal: Signal,
        }),
      ),
    ],
  ],
  maintain: [
    [
      'options',
      optional(
        options<MaintainOptions>({
          dryRun: t.boolean,
          retentionMs: Milliseconds,
          forget: exactType('an object', { before: TxnSeq }, { paths: Texts }),
          signal: Signal,
        }),
      ),
    ],
  ],
  retry: [
    ['task', Asked],
    ['options', optional(options<RetryOptions>({ currentConfig: t.boolean, signal: Signal }))],
  ],
  cancel: [
    ['task', Asked],
    ['options', optional(options<CancelOptions>({ reason: t.string, signal: Signal }))],
  ],
  dismiss: [
    ['task', Asked],
    ['options', optional(options<DismissOptions>({ reason: t.string, signal: Signal }))],
  ],
  status: [['options', optional(INCOMPLETE)]],
  incomplete: [['options', optional(INCOMPLETE)]],
  transactions: [
    [
      'query',
      optional(
        options<OptionsOf<'transactions', 0>>({
          limit: t.union([Count, t.null], Count.name),
          txnSeq: t.union([TxnSeq, t.null], TxnSeq.name),
          transactionTypes: t.readonlyArray(TRANSACTION_TYPE, "a list of 'read' and 'write'"),
          before: t.string,
          search: t.string,
          failed: t.boolean,
          committed: t.boolean,
          empty: t.boolean,
        }),
      ),
    ],
  ],
  records: [
    ['of', optional(options<OptionsOf<'records', 0>>({ txnId: t.string, txnSeq: TxnSeq, limit: Count }))],
  ],
  firings: [['query', optional(options<OptionsOf<'firings', 0>>({ limit: Count }))]],
  firing: [['name', t.string]],
  derived: [['txnSeq', TxnSeq]],
  tasks: [['txnSeq', TxnSeq]],
  task: [['task', t.type({ parentTxnSeq: TxnSeq, executionSeq: TxnSeq })]],
  wait: [
    ['txnSeq', TxnSeq],
    ['options', optional(options<WaitOptions>({ timeoutMs: Milliseconds, signal: Signal }))],
  ],
  output: [
    ['task', t.type({ parentTxnSeq: Count, executionSeq: Count })],
    ['options', optional(options<OptionsOf<'output', 1>>({ attempt: TxnSeq }))],
  ],
  setSetting: [
    ['key', t.string],
    ['value', t.string],
  ],
  addRemote: [
    ['name', t.string],
    [
      'remote',
      exactType(
        'an object',
        { url: t.string },
        { endpoint: t.string, region: t.string, max_bytes: Count, max_requests: Count },
      ),
    ],
    ['options', optional(options<OptionsOf<'addRemote', 2>>({ replace: t.boolean }))],
  ],
  removeRemote: [['name', t.string]],
  probeRemote: [
    ['name', t.string],
    ['options', optional(options(SIGNAL))],
  ],
  push: [
    ['name', optional(t.union([t.string, t.null]))],
    [
      'options',
      optional(options<PushOptions>({ ...TRANSFER, maxBytes: Count, maxRequests: Count, prune: t.boolean })),
    ],
  ],
  pull: [['options', optional(options(READING_LOG))]],
  verify: [
    ['name', optional(t.union([t.string, t.null]))],
    ['options', optional(options(READING_LOG))],
  ],
  promote: [['options', optional(options(SIGNAL))]],
};
