import { type Either, isLeft, isRight, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Task } from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { SERVER_UNSEEN } from '../../ports/sql-server.js';
import type { ControlError } from '../control-error.js';
import type { ClaimOrder } from '../fleet-table.js';
import type { AttemptOutcome, AttemptRecord } from '../records/attempt-record.js';
import type { StartOutcome } from '../records/claim.js';
import { type ControlStore, isBusy, PATIENCE_OF_ENDS, transact } from '../store/control-store.js';
import type { ControlTransaction } from '../store/control-transaction.js';
import { type Coroutine, inOrder } from '../store/coroutine.js';
import type { IsLive } from '../store/signs-of-life.js';
import type { TaskMethods } from '../task-methods.js';
import { endAttempt } from './attempt-end.js';
import { startAttempt } from './attempt-start.js';
import type { EndedTask, HeldHistories } from './held-histories.js';

type Attempts = Pick<
  TaskMethods,
  | 'recordAttempts'
  | 'recordPostCommitStarted'
  | 'recordPostCommitCompleted'
  | 'recordPostCommitFailed'
  | 'recordPostCommitRolledBack'
>;

/** The beginnings and ends of attempts, several of them in one transaction or one by itself. */
export const attempts = (control: ControlStore, known: HeldHistories): Attempts => {
  const store: Recording = { ...control, known };
  const ended = (record: AttemptRecord): TE.TaskEither<ControlError, void> =>
    pipe(alone(store, record), TE.asUnit);
  return {
    recordAttempts: (records, onClaimed) =>
      together(store, records, hasEnds(records) ? store.order.current : null, onClaimed),
    recordPostCommitStarted: (claim, attempt) =>
      pipe(
        alone(store, { _tag: 'Started', claim, attempt }),
        TE.map((outcome) => outcome as StartOutcome),
      ),
    recordPostCommitCompleted: (claim, end) => ended({ _tag: 'Completed', claim, end }),
    recordPostCommitFailed: (claim, end) => ended({ _tag: 'Failed', claim, end }),
    recordPostCommitRolledBack: (claim, end) => ended({ _tag: 'RolledBack', claim, end }),
  };
};

interface Recording extends Pick<ControlStore, 'connection' | 'clock' | 'signs' | 'recordPlain' | 'order'> {
  readonly known: HeldHistories;
}

/**
 * Records attempts: first, in a transaction of their own, those that are plain, where the table tells these apart, then the others in their order in
 * one transaction, so that each sees those before it.
 */
const together =
  (
    store: Recording,
    records: readonly AttemptRecord[],
    order: ClaimOrder | null,
    onClaimed?: () => void,
  ): Task<readonly Either<ControlError, AttemptOutcome>[]> =>
  async () => {
    const plain = await recordPlain(store, records, order, onClaimed);
    const left = records.filter((_, place) => plain[place] === undefined);
    const others = left.length === 0 ? [] : await inOneTransaction(store, left);
    return records.map((record, place) => plain[place] ?? others[left.indexOf(record)] ?? right(RECORDED));
  };

/** Records what is plain, and claims with it what the order of this process's worker wants; undefined: it is not plain. */
const recordPlain = async (
  store: Recording,
  records: readonly AttemptRecord[],
  order: ClaimOrder | null,
  onClaimed?: () => void,
): Promise<readonly (Either<ControlError, AttemptOutcome> | undefined)[]> => {
  const { recordPlain: record } = store;
  if (record === null) return [];
  const recorded = await transact(
    store,
    'durable',
    (transaction) => record(transaction, records, order),
    patienceFor(records),
  )();
  // Claims are there once the transaction has committed, and not before.
  if (isRight(recorded)) {
    order?.deliver(recorded.right.claims, recorded.right.isAll);
    if (recorded.right.claims.length > 0) onClaimed?.();
  } else order?.deliver([], false);
  if (isLeft(recorded)) {
    if (records.length === 1 || mayHaveHappened(recorded) || isBusy(recorded))
      return records.map(() => recorded);
    return recordEach(records, (record) => together(store, [record], null));
  }
  for (const { claim } of records) store.known.forget(claim);
  return recorded.right.outcomes.map((outcome) => (outcome === null ? undefined : right(outcome)));
};

/**
 * Records attempts in their order: a crash leaves all of them or none. Where one is refused, or cannot be written, nothing of them is, and each is
 * recorded by itself, so that a stale claim costs nobody else's record.
 */
const inOneTransaction = async (
  store: Recording,
  records: readonly AttemptRecord[],
): Promise<readonly Either<ControlError, AttemptOutcome>[]> => {
  const recorded = await transact(
    store,
    'durable',
    (transaction) => writeAll(transaction, store, records),
    patienceFor(records),
  )();
  if (isRight(recorded))
    return recorded.right.map(({ outcome, ended }) => {
      if (ended !== null) store.known.end(ended);
      return right(outcome);
    });
  if (records.length === 1 || isBusy(recorded)) return records.map(() => recorded);
  return recordEach(records, (record) => () => inOneTransaction(store, [record]));
};

const recordEach = async (
  records: readonly AttemptRecord[],
  work: (record: AttemptRecord) => Task<readonly Either<ControlError, AttemptOutcome>[]>,
): Promise<readonly Either<ControlError, AttemptOutcome>[]> => {
  const outcomes: Either<ControlError, AttemptOutcome>[] = [];
  for (const record of records) outcomes.push(...(await work(record)()));
  return outcomes;
};

/** Tells whether something may have been written of which nothing is known here: whoever writes it again would meet it. */
const mayHaveHappened = (recorded: Either<ControlError, unknown>): boolean =>
  isLeft(recorded) && recorded.left._tag === 'ControlFailed' && recorded.left.code === SERVER_UNSEEN;

const hasEnds = (records: readonly AttemptRecord[]): boolean =>
  records.some(({ _tag }) => _tag !== 'Started');

const patienceFor = (records: readonly AttemptRecord[]): number | undefined =>
  hasEnds(records) ? PATIENCE_OF_ENDS : undefined;

const alone = (store: Recording, record: AttemptRecord): TE.TaskEither<ControlError, AttemptOutcome> =>
  pipe(
    TE.fromTask(together(store, [record], null)),
    TE.flatMapEither(([outcome]) => outcome ?? right(RECORDED)),
  );

function* writeAll(
  transaction: ControlTransaction,
  { signs, known }: Recording,
  records: readonly AttemptRecord[],
): Coroutine<readonly Written[]> {
  const isLive = signs.liveness(transaction.all);
  return yield* inOrder(records, (record) => write(transaction, known, isLive, record));
}

function* write(
  transaction: ControlTransaction,
  known: HeldHistories,
  isLive: IsLive,
  record: AttemptRecord,
): Coroutine<Written> {
  if (record._tag === 'Started')
    return { outcome: yield* startAttempt(transaction, isLive, record, known), ended: null };
  return { outcome: RECORDED, ended: yield* endAttempt(transaction, record, known) };
}

interface Written {
  readonly outcome: AttemptOutcome;
  readonly ended: EndedTask | null;
}

const RECORDED: AttemptOutcome = { _tag: 'Recorded' };
