import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { type KeyError, keyErrors } from '../../domain/documents/decode-error.js';
import { exactType } from '../../domain/documents/exact-type.js';
import type { InvalidArgument } from '../../domain/invalid-argument.js';
import type { Logger } from '../../ports/logger.js';
import type { HistoryQuery } from '../comparisons.js';
import type { PondError } from '../errors.js';
import type { OpenOptions } from '../open-options.js';
import type { PushOptions } from '../remote-reports.js';
import type { FsckOptions } from '../report.js';
import type { Steward, WaitOptions } from '../steward.js';
import type { ReadOptions, TransactionOptions, WriteTransactionOptions } from '../transactions.js';
import type { LogReadingOptions, TransferOptions } from '../transfer-options.js';
import type {
  CancelOptions,
  DismissOptions,
  MaintainOptions,
  RecoverOptions,
  RetryOptions,
} from '../upkeep.js';

const checked = <A>(name: string, is: (input: unknown) => input is A): t.Type<A, A, unknown> =>
  new t.Type(
    name,
    is,
    (input, context) => (is(input) ? t.success(input) : t.failure(input, context)),
    t.identity,
  );

const isWhole =
  (least: number) =>
  (input: unknown): input is number =>
    Number.isSafeInteger(input) && Number(input) >= least;

const TxnSeq = checked('the number of a transaction, from 1', isWhole(1));
const Count = checked('a whole number from 0', isWhole(0));
const Milliseconds = checked(
  'a number of milliseconds from 0',
  (input): input is number => typeof input === 'number' && input >= 0,
);
const Signal = checked('an AbortSignal', (input): input is AbortSignal => input instanceof AbortSignal);
const Callback = checked('a function', (input): input is () => unknown => typeof input === 'function');
const Bytes = checked('a Uint8Array', (input): input is Uint8Array => input instanceof Uint8Array);
const Texts = t.readonlyArray(t.string, 'a list of strings');

/** The type of each option, none forgotten. */
type OptionTypes<O> = { readonly [K in keyof Required<O>]: t.Mixed };

/** Options of a call. A key that is not one of them is an error: a misspelt option would do nothing. */
const options = <O extends object>(props: OptionTypes<O>): t.Mixed => exactType('an object', {}, props);

/** The same type, or nothing. */
const optional = (type: t.Mixed): t.Mixed =>
  new t.Type<unknown>(
    type.name,
    (input): input is unknown => input === undefined || type.is(input),
    (input, context) => (input === undefined ? t.success(input) : type.validate(input, context)),
    t.identity,
  );

/** The arguments of a function, in order, each with the name that its errors say. */
type Parameters = readonly (readonly [name: string, type: t.Mixed])[];

const TRANSACTION: OptionTypes<TransactionOptions> = {
  describe: Callback,
  operation: t.string,
  signal: Signal,
};
const CHECK: OptionTypes<FsckOptions> = { quick: t.boolean, plans: t.boolean, onProgress: Callback };
const MODE = t.union([t.literal('InTransactionWriter'), t.literal('PostCommitReader')]);
const TRANSACTION_TYPE = t.union([t.literal('read'), t.literal('write')]);
const WHEN = t.union([t.literal('wait'), t.literal('background')]);
const TRANSFER: OptionTypes<TransferOptions> = { signal: Signal, onProgress: Callback };
const READING_LOG: OptionTypes<LogReadingOptions> = { ...TRANSFER, maxLogBytes: Count };
const SIGNAL: OptionTypes<{ readonly signal?: AbortSignal }> = { signal: Signal };
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

const PARAMETERS: Partial<Readonly<Record<keyof Steward, Parameters>>> = {
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
          params: t.record(t.string, t.unknown),
          maxRows: Count,
          signal: Signal,
        }),
      ),
    ],
  ],
  queryBytes: [
    ['sql', t.string],
    [
      'options',
      exactType(
        'an object',
        { as: t.type({ format: t.string }) },
        { at: TxnSeq, params: t.record(t.string, t.unknown), signal: Signal },
      ),
    ],
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
    ['query', optional(options<HistoryQuery>({ since: t.number, until: t.number, limit: Count }))],
  ],
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

/** Returns what is wrong with the arguments of a call; no errors: nothing. */
const wrongWith = (parameters: Parameters, given: readonly unknown[]): readonly KeyError[] =>
  parameters.flatMap(([name, type], index) => {
    const decoded = type.decode(given[index]);
    return isLeft(decoded) ? keyErrors(decoded.left, name) : [];
  });

/** The same steward, which refuses what its functions cannot take before anything happens. */
export const checkArguments = (steward: Steward): Steward =>
  Object.fromEntries(
    Object.entries(steward).map(([name, member]) => {
      const parameters = PARAMETERS[name as keyof Steward];
      if (typeof member !== 'function' || parameters === undefined) return [name, member];
      return [
        name,
        (...given: readonly unknown[]) => {
          const errors = wrongWith(parameters, given);
          return errors.length === 0
            ? (member as (...given: readonly unknown[]) => TE.TaskEither<PondError, unknown>)(...given)
            : TE.left<InvalidArgument, never>({ _tag: 'InvalidArgument', call: name, errors });
        },
      ];
    }),
  ) as unknown as Steward;

const DIRECTORY = checked(
  'the path of a directory',
  (input): input is string => typeof input === 'string' && input !== '' && !input.includes('\0'),
);

/** Options of everything that is done with a pond's directory. */
const OPENING: OptionTypes<OpenOptions & { readonly logger?: Logger }> = {
  postCommit: t.union([t.literal('run'), t.literal('suppress')]),
  tasks: WHEN,
  gates: t.union([t.literal('ask'), t.literal('skip')]),
  lockTimeoutMs: Milliseconds,
  taskWaitMs: Milliseconds,
  factories: t.UnknownArray,
  factoryModules: Texts,
  trust: t.union([t.literal('approved'), t.literal('all')]),
  cliArgs: Texts,
  control: t.string,
  endpoint: t.string,
  region: t.string,
  cache: t.string,
  logger: checked('a logger', (input): input is object => typeof input === 'object' && input !== null),
};

/** Options of making a pond, besides. */
interface InitOptions {
  readonly birthplace?: string;
  readonly sharedWith?: number;
}

const DIRECTORY_OPTIONS = {
  init: options<typeof OPENING & InitOptions>({ ...OPENING, birthplace: t.string, sharedWith: t.number }),
  open: options<typeof OPENING>(OPENING),
  fsck: options<typeof OPENING & FsckOptions>({ ...OPENING, ...CHECK }),
};

/** Refuses a directory and options by which no pond can be made or opened. */
export const checkOpening = (
  call: keyof typeof DIRECTORY_OPTIONS,
  ...given: readonly unknown[]
): TE.TaskEither<InvalidArgument, void> => {
  const errors = wrongWith(
    [
      ['directory', DIRECTORY],
      ['options', optional(DIRECTORY_OPTIONS[call])],
    ],
    given,
  );
  return errors.length === 0 ? TE.right(undefined) : TE.left({ _tag: 'InvalidArgument', call, errors });
};
