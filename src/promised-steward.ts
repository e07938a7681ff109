import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { describeAnyError } from './steward/describe-any-error.js';
import type { PondError } from './steward/errors.js';
import type {
  ReadOptions,
  ReadTransaction,
  WriteOutcome,
  WriteTransaction,
  WriteTransactionOptions,
} from './steward/shapes/transactions.js';
import type { Steward as OpenSteward } from './steward/steward.js';
import type { PondReader, PondWriter } from './tinyfs/tinyfs.js';

/** A {@link PondError} as an exception: its message in words, `_tag` to tell which, `error` with all of its fields. */
export class PondFailure extends Error {
  override readonly name = 'PondFailure';
  readonly _tag: PondError['_tag'];

  constructor(readonly error: PondError) {
    super(describeAnyError(error));
    this._tag = error._tag;
  }
}

/** A function that returns a `TaskEither`, as one that returns a promise. */
export type Promised<F> = F extends (...args: infer Args) => TE.TaskEither<infer _E, infer A>
  ? (...args: Args) => Promise<A>
  : F;

/** A record of such functions; what is not a function stays as it is. */
export type PromisedRecord<R> = { readonly [K in keyof R]: Promised<R[K]> };

/** The pond's filesystem, read only, as promises. */
export type PromisedReader = PromisedRecord<PondReader>;

/** The pond's filesystem inside a write transaction, as promises. */
export type PromisedWriter = PromisedRecord<PondWriter>;

/** An open pond and its steward, as promises. */
export interface PromisedSteward extends Omit<PromisedRecord<OpenSteward>, 'read' | 'write'> {
  /** Runs `body` in a read transaction. What it throws is thrown. */
  readonly read: <A>(
    body: (transaction: Omit<ReadTransaction, 'fs'> & { readonly fs: PromisedReader }) => Promise<A>,
    options?: ReadOptions,
  ) => Promise<A>;
  /** Runs `body` in a write transaction. What it throws is thrown, and then nothing was changed. */
  readonly write: <A>(
    body: (transaction: Omit<WriteTransaction, 'fs'> & { readonly fs: PromisedWriter }) => Promise<A>,
    options?: WriteTransactionOptions,
  ) => Promise<WriteOutcome<A>>;
}

/** Makes promises of what an open pond's functions return. */
export const promisedSteward = (steward: OpenSteward): PromisedSteward => ({
  ...promised(steward),
  read: (body, options) =>
    settle(
      steward.read(
        whereFunction(body, (transaction) =>
          thrownAsLeft(() => body({ ...transaction, fs: promised(transaction.fs) })),
        ),
        options,
      ),
    ),
  write: (body, options) =>
    settle(
      steward.write(
        whereFunction(body, (transaction) =>
          thrownAsLeft(() => body({ ...transaction, fs: promised(transaction.fs) })),
        ),
        options,
      ),
    ),
});

/** Calls a body; one that is not a function is handed on as it is, for the steward to refuse. */
const whereFunction = <F>(body: unknown, calling: F): F =>
  typeof body === 'function' ? calling : (body as F);

/** An exception on its way through a `TaskEither`. */
interface Thrown {
  readonly _tag: 'Thrown';
  readonly thrown: unknown;
}

const thrownAsLeft = <A>(body: () => Promise<A>): TE.TaskEither<Thrown | Error, A> =>
  TE.tryCatch(
    async () => body(),
    (thrown) => (thrown instanceof Error ? thrown : { _tag: 'Thrown', thrown }),
  );

/** A promise of what work returns, which rejects with its error. */
export const settle = async <A>(work: TE.TaskEither<PondError | Thrown | Error, A>): Promise<A> => {
  const result = await work();
  if (!isLeft(result)) return result.right;
  const error = result.left;
  if (error instanceof Error) throw error;
  throw error._tag === 'Thrown' ? error.thrown : new PondFailure(error);
};

/** Every function of a record that returns a `TaskEither`, as one that returns a promise. */
const promised = <R extends object>(record: R): PromisedRecord<R> =>
  Object.fromEntries(
    Object.entries(record).map(([name, member]) => [
      name,
      typeof member === 'function' ? (...args: readonly unknown[]) => settle(member(...args)) : member,
    ]),
  ) as PromisedRecord<R>;
