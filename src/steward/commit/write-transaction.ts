import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Suppression } from '../../domain/plans/suppression.js';
import { steps } from '../../effects/steps.js';
import { type Call, type Closable, untilClosed } from '../../effects/until-closed.js';
import type { Registry } from '../../factories/registry/registry.js';
import type { Span } from '../../ports/telemetry.js';
import { ATTRIBUTE, SPAN } from '../../ports/telemetry-names.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { PondWriter } from '../../tinyfs/tinyfs.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import { inSpan } from '../pond/in-span.js';
import { type Surroundings, surroundingsOf } from '../pond/inside/surroundings.js';
import type { HeldWriterLock, Pond } from '../pond/pond.js';
import { startStopwatch } from '../pond/stopwatch.js';
import type { WriteOutcome, WriteTransaction } from '../shapes/transactions.js';
import { begin, judgeBase, recordFailure, type Transaction, type WriteOptions } from './begin-write.js';
import { commitWrite } from './commit-write.js';
import { finishWrite, type Landed } from './finish-write.js';
import { type Refused, recordRefused } from './record-refused.js';
import { rollForward } from './rolling-forward/roll-forward.js';
import { runBody } from './run-body.js';
import { refuseInsideWrite, withinWrite } from './writers/inside-write.js';
import { besideFirstTry, withLockOfWrite } from './writers/writer-lock.js';

/**
 * A write transaction, in the order on which everything else relies:
 *
 *   0. What might run after it is approved by this user, or the write is refused.
 *   1. `begin` is recorded.
 *   2. The body runs; what it changes of the configuration is approved, durably; the gates of `/etc/gate.d` are asked, and
 *      what they say is recorded: one that refuses ends the transaction; discovery and planning on the transaction's own
 *      view.
 *   3. Blobs, the Parquet file, and beside them the plan, stored as prepared; all of it is durable before the log entry: the commit
 *      point. Before it nothing happened.
 *   4. In one control transaction: `data_committed`, the plan is active, every task pending and claimed, and started where all of
 *      them are to run at once.
 *   5. The lock is released; the tasks are run.
 *   6. `completed`.
 *
 * The writer's lock is held from before 1 until after 4. A crash before 3 leaves a write that the next writer
 * records as failed; a crash between 3 and 4 one that it rolls forward; a later one leaves tasks to `recover`.
 */
export const writeTransaction =
  (pond: Pond) =>
  <E, A>(
    body: (transaction: RegisteredWrite) => TE.TaskEither<E, A>,
    options: WriteOptions = {},
  ): TE.TaskEither<PondError | E, WriteOutcome<A>> => {
    const attributes = { [ATTRIBUTE.pondId]: pond.tlog.pondId };
    return steps(async ({ run }) => {
      await run(refuseInsideWrite(pond));
      return run(
        besideFirstTry<PondError | E, Surroundings, WriteOutcome<A>>(
          pond,
          surroundingsOf(pond),
          (around, first) => {
            const start = { name: SPAN.commit, parent: around.trace, attributes };
            const locked: UnderLock = (signal, use) => withLockOfWrite(pond, signal, use, first);
            return inSpan(
              pond.ports.telemetry,
              start,
            )((span) =>
              orRecordRefused(pond, span, options, (onBegin) =>
                write(pond, { span, around }, body, { onBegin, ...options }, locked),
              ),
            );
          },
        ),
      );
    });
  };

/** A write that fails before there is a record of it is recorded as refused. */
const orRecordRefused = <E, A>(
  pond: Pond,
  span: Span,
  { about, describe }: WriteOptions,
  work: (onBegin: () => void) => TE.TaskEither<PondError | E, A>,
): TE.TaskEither<PondError | E, A> => {
  const stopwatch = startStopwatch(pond.ports.clock);
  let hasBegun = false;
  const refused: Refused = {
    transactionType: 'write',
    stopwatch,
    traceParent: span.context.traceParent,
    ...(about === undefined ? {} : { about }),
    ...(describe === undefined ? {} : { describe }),
  };
  return pipe(
    work(() => {
      hasBegun = true;
    }),
    TE.orElse((error) => (hasBegun ? TE.left(error) : recordRefused(pond, refused, error))),
  );
};

/** The place of a write: its span, and inside what it is made. */
interface Place {
  readonly span: Span;
  readonly around: Surroundings;
}

/** The same with what is told as soon as there is a record of the transaction. */
interface BegunOptions extends WriteOptions {
  readonly onBegin?: () => void;
}

/** Takes the lock of a write, and lets go of it at the end of what is done under it; null: it is held already. */
type UnderLock = <E, A>(
  signal: AbortSignal,
  use: (lock: HeldWriterLock | null) => TE.TaskEither<E, A>,
) => TE.TaskEither<PondError | E, A>;

/** The same inside a span that is there, under a lock that `underLock` takes. */
export const write = <E, A>(
  pond: Pond,
  place: Place,
  body: (transaction: RegisteredWrite) => TE.TaskEither<E, A>,
  options: BegunOptions,
  underLock: UnderLock,
): TE.TaskEither<PondError | E, WriteOutcome<A>> =>
  steps(async (s) => {
    const signal = options.signal ?? new AbortController().signal;
    const landed = await s.run(
      repeated(
        pond,
        options,
        underLock(signal, (lock) => writeUnderLock(pond, place, body, { lock, signal }, options)),
      ),
    );
    return landed._tag === 'Unchanged' ? landed : s.run(finishWrite(pond, landed, signal));
  });

/** Times that a write is made again because somebody committed who did not have the lock, or because its own lock was lost. */
const TRIES = 5;

/**
 * Makes a write again, from taking the lock on, where another has become the version that it was to be, so that what it has read is no longer
 * the newest, or where its lock was lost before its commit point. Its failure is recorded by then, each try is a transaction of its own.
 */
const repeated = <E, A>(
  pond: Pond,
  { repeatable = true, about }: WriteOptions,
  work: TE.TaskEither<PondError | E, A>,
): TE.TaskEither<PondError | E, A> =>
  steps<PondError | E, A>(async ({ take, fail }) => {
    for (let tries = 1; ; tries += 1) {
      const done = await work();
      const error = isLeft(done) ? aboutCommit(pond, done.left) : null;
      if (error === null || error._tag === 'CommitUnclear') return take(done);
      if (repeatable && about === undefined && tries < TRIES) continue;
      const { path, version } = error;
      return fail(error._tag === 'LockLost' ? error : { _tag: 'Conflict', path, version });
    }
  });

type CommitError = Extract<PondError, { _tag: 'VersionTaken' | 'LockLost' | 'CommitUnclear' }>;

/** The error as one about a commit of this pond in its store; null where it is another, or one that the body speaks of. */
const aboutCommit = ({ shared }: Pond, error: unknown): CommitError | null =>
  shared !== null && isCommitError(error) && error.path.startsWith(`${shared.store.url}/`) ? error : null;

const isCommitError = (error: unknown): error is CommitError =>
  typeof error === 'object' &&
  error !== null &&
  '_tag' in error &&
  ['VersionTaken', 'LockLost', 'CommitUnclear'].some((tag) => tag === error._tag);

/** Steps 1 to 4. */
const writeUnderLock = <E, A>(
  pond: Pond,
  { span, around }: Place,
  body: (transaction: RegisteredWrite) => TE.TaskEither<E, A>,
  { lock, signal }: { readonly lock: HeldWriterLock | null; readonly signal: AbortSignal },
  { operation, postCommit, gates, tasks, approves = true, about, describe, onBegin }: BegunOptions,
): TE.TaskEither<PondError | E, Landed<A> | Unchanged<A>> =>
  steps(async (s) => {
    const suppressed = suppressionOf(pond, postCommit);
    const asksGates = pond.options.asksGates && gates !== false;
    const trusted = await s.run(judgeBase(pond, suppressed, around, asksGates));
    const before = await s.run(rollForward(pond, 'beforeWrite', lock?.seen ?? null));
    const asked = { tasks: tasks ?? pond.options.tasks, approves, asksGates, about, describe };
    const begun = { pond, span, around, signal, suppressed, trusted, onBegin, ...asked };
    const transaction = await s.run(begin(begun, before));
    const performed = await perform(transaction, body, operation ?? 'write')();
    if (!isLeft(performed)) return performed.right;
    // It may have landed: whoever has the lock next finds out, and records what is true.
    if (aboutCommit(pond, performed.left)?._tag === 'CommitUnclear') return s.fail(performed.left);
    return s.run(giveUp(transaction, performed.left));
  });

/** Context of the steward's own bodies: its registry, which can also run factories. */
type RegisteredWrite = Omit<WriteTransaction, 'factories'> & {
  readonly factories: T.Task<Registry>;
  /** The transaction whose state it begins with. */
  readonly basedOnSeq: number;
};

/** Reason why nothing is run after the commit: the process's, or that this write is to be followed by nothing. */
const suppressionOf = (pond: Pond, postCommit: boolean | undefined): Suppression | null =>
  pond.options.suppressed ?? (postCommit === false ? 'no-post-commit' : null);

type Unchanged<A> = Extract<WriteOutcome<A>, { _tag: 'Unchanged' }>;

/** Steps 2 to 4; where the body has changed something, `commitWrite` does the rest. An error means that nothing was committed. */
const perform = <E, A>(
  transaction: Transaction,
  body: (transaction: RegisteredWrite) => TE.TaskEither<E, A>,
  operation: string,
): TE.TaskEither<PondError | E, Landed<A> | Unchanged<A>> => {
  const { pond, persistence, identity, registry, signal, span } = transaction;
  return steps(async (s) => {
    const { open: fs, close } = filesystemOfBody(transaction.fs);
    const asked = {
      txnSeq: identity.txnSeq,
      basedOnSeq: persistence.base.txnSeq,
      txnId: identity.txnId,
      fs,
      factories: registry,
      signal,
      trace: span.context,
    };
    const ended = await withinWrite(
      pond,
      runBody(() => body(asked)),
    )();
    const calls = close().map(callInWords);
    const value = s.take(ended);
    if (calls.length > 0) return s.fail({ _tag: 'CallsNotAwaited', calls });
    if (signal.aborted) return s.fail({ _tag: 'Interrupted', call: operation });
    return persistence.written().length === 0
      ? s.run(endUnchanged(transaction, value))
      : s.run(commitWrite(transaction, value, operation));
  });
};

/** The filesystem that a body is given: with its end nothing can be called any more, so that no change is lost unseen. */
const filesystemOfBody = (fs: PondWriter): Closable<PondWriter> =>
  untilClosed(
    fs,
    ({ name, about }): TinyFsError => ({ _tag: 'TransactionEnded', call: name, path: about }),
    (name, result) => (name === 'withWorkingDirectory' ? (result as PondWriter) : null),
  );

const callInWords = ({ name, about }: Call): string => (about === null ? name : `${name} ${about}`);

const endUnchanged = <A>(
  { pond, persistence, identity, baseVersion, ended }: Transaction,
  value: A,
): TE.TaskEither<PondError, Unchanged<A>> =>
  pipe(
    persistence.abort(),
    TE.flatMap(() => pond.control.recordCompleted(identity.txnId, ended())),
    TE.map(() => ({
      _tag: 'Unchanged',
      value,
      txnSeq: persistence.base.txnSeq,
      txnId: identity.txnId,
      dataFsVersion: baseVersion,
    })),
  );

/** Removes what was staged and records why; the first error is the one that is returned. */
const giveUp = <E>(transaction: Transaction, error: PondError | E): TE.TaskEither<PondError | E, never> =>
  pipe(
    transaction.persistence.abort(),
    TE.orElse((second): TE.TaskEither<never, void> => {
      transaction.pond.ports.logger.log('error', 'leftovers_not_removed', { error: describeError(second) });
      return TE.right(undefined);
    }),
    TE.flatMap(() => recordFailure(transaction, error)),
  );
