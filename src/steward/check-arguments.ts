import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { type KeyError, keyErrors } from '../domain/documents/decode-error.js';
import type { InvalidArgument } from '../domain/invalid-argument.js';
import type { PondError } from './errors.js';
import type { Steward } from './steward.js';

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
const Body = checked('a function', (input): input is () => unknown => typeof input === 'function');
const Signal = checked('an AbortSignal', (input): input is AbortSignal => input instanceof AbortSignal);
const Bytes = checked('a Uint8Array', (input): input is Uint8Array => input instanceof Uint8Array);
const Texts = t.readonlyArray(t.string, 'a list of strings');

/** An object in which every key may be missing or undefined; what is not named here is not looked at. */
const options = (props: t.Props): t.Mixed => {
  const record = t.partial(props, 'an object');
  return checked('an object', (input): input is object => typeof input === 'object' && input !== null).pipe(
    record as t.Type<object, object, object>,
  );
};
const optional = (type: t.Mixed): t.Mixed => t.union([type, t.undefined], type.name);

/** The arguments of a function, in order, each with the name that its errors say. */
type Parameters = readonly (readonly [name: string, type: t.Mixed])[];

const TRANSACTION = { operation: t.string, signal: Signal };
const MODE = t.union([t.literal('InTransactionWriter'), t.literal('PostCommitReader')]);
const TRANSACTION_TYPE = t.union([t.literal('read'), t.literal('write')]);

const PARAMETERS: Partial<Readonly<Record<keyof Steward, Parameters>>> = {
  read: [
    ['body', Body],
    ['options', optional(options({ ...TRANSACTION, at: TxnSeq }))],
  ],
  write: [
    ['body', Body],
    ['options', optional(options({ ...TRANSACTION, postCommit: t.boolean }))],
  ],
  query: [
    ['sql', t.string],
    [
      'options',
      optional(
        options({ at: TxnSeq, params: t.record(t.string, t.unknown), maxRows: Count, signal: Signal }),
      ),
    ],
  ],
  plan: [['txnSeq', optional(TxnSeq)]],
  replay: [
    [
      'request',
      t.type({ files: t.readonlyArray(t.type({ name: t.string, bytes: Bytes }), 'a list'), last: Count }),
    ],
  ],
  compareRows: [
    [
      'range',
      t.intersection([
        t.type({ from: TxnSeq, path: t.string }),
        options({ to: TxnSeq, key: Texts, maxRows: Count, signal: Signal }),
      ]),
    ],
  ],
  fsck: [['options', optional(options({ quick: t.boolean }))]],
  run: [
    ['path', t.string],
    ['options', optional(options({ args: Texts, mode: MODE, signal: Signal }))],
  ],
  recover: [
    [
      'options',
      optional(
        options({
          dryRun: t.boolean,
          postCommitOnly: t.boolean,
          failed: t.boolean,
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
        options({
          dryRun: t.boolean,
          retentionMs: Milliseconds,
          forget: t.intersection([t.type({ before: TxnSeq }), t.partial({ paths: Texts })]),
          signal: Signal,
        }),
      ),
    ],
  ],
  retry: [
    [
      'task',
      t.union([
        t.intersection([t.type({ txnSeq: TxnSeq }), t.partial({ executionSeq: TxnSeq })]),
        t.intersection([t.type({ firing: t.string }), t.partial({ place: Count })]),
      ]),
    ],
    ['options', optional(options({ currentConfig: t.boolean, signal: Signal }))],
  ],
  transactions: [
    [
      'query',
      optional(
        options({
          limit: t.union([Count, t.null], Count.name),
          txnSeq: t.union([TxnSeq, t.null], TxnSeq.name),
          transactionTypes: t.readonlyArray(TRANSACTION_TYPE, "a list of 'read' and 'write'"),
          before: t.string,
          search: t.string,
          failed: t.boolean,
        }),
      ),
    ],
  ],
  records: [['of', optional(options({ txnId: t.string, txnSeq: TxnSeq, limit: Count }))]],
  tasks: [['txnSeq', TxnSeq]],
  task: [['task', t.type({ parentTxnSeq: TxnSeq, executionSeq: TxnSeq })]],
  setSetting: [
    ['key', t.string],
    ['value', t.string],
  ],
  addRemote: [
    ['name', t.string],
    [
      'remote',
      t.intersection([
        t.type({ url: t.string }),
        options({ endpoint: t.string, region: t.string, max_bytes: Count, max_requests: Count }),
      ]),
    ],
  ],
  removeRemote: [['name', t.string]],
  probeRemote: [
    ['name', t.string],
    ['options', optional(options({ signal: Signal }))],
  ],
  push: [
    ['name', optional(t.union([t.string, t.null]))],
    ['options', optional(options({ maxBytes: Count, maxRequests: Count, prune: t.boolean, signal: Signal }))],
  ],
  pull: [['options', optional(options({ signal: Signal }))]],
  verify: [
    ['name', optional(t.union([t.string, t.null]))],
    ['options', optional(options({ signal: Signal }))],
  ],
  promote: [['options', optional(options({ signal: Signal }))]],
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

const OPENING: Parameters = [
  [
    'directory',
    checked(
      'the path of a directory',
      (input): input is string => typeof input === 'string' && input !== '' && !input.includes('\0'),
    ),
  ],
  [
    'options',
    optional(
      options({
        postCommit: t.union([t.literal('run'), t.literal('suppress')]),
        lockTimeoutMs: Milliseconds,
        taskWaitMs: Milliseconds,
        factories: t.UnknownArray,
        factoryModules: Texts,
        trust: t.union([t.literal('approved'), t.literal('all')]),
        cliArgs: Texts,
        birthplace: t.string,
        sharedWith: t.number,
      }),
    ),
  ],
];

/** Refuses a directory and options by which no pond can be made or opened. */
export const checkOpening = (
  call: string,
  ...given: readonly unknown[]
): TE.TaskEither<InvalidArgument, void> => {
  const errors = wrongWith(OPENING, given);
  return errors.length === 0 ? TE.right(undefined) : TE.left({ _tag: 'InvalidArgument', call, errors });
};
