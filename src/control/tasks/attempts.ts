import { type Either, isRight, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Task } from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { AttemptOutcome, AttemptRecord } from '../attempt-record.js';
import type { StartOutcome } from '../claim.js';
import type { ControlError } from '../control-error.js';
import {
  type ControlStore,
  isBusy,
  PATIENCE_OF_ENDS,
  type RecordedPlain,
  transact,
} from '../control-store.js';
import type { ControlTable } from '../control-table.js';
import type { ControlTransaction } from '../control-transaction.js';
import type { Coroutine } from '../coroutine.js';
import type { ClaimOrder } from '../fleet-table.js';
import type { IsLive } from '../signs-of-life.js';
import { endAttempt } from './attempt-end.js';
import { startAttempt } from './attempt-start.js';
import type { HeldHistories } from './held-histories.js';

type Attempts = Pick<
  ControlTable,
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
    recordAttempts: (records) => together(store, records),
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
 * Records attempts in their order in one transaction: each sees those before it, and a crash leaves all of them or none.
 * Where one is refused, or cannot be written, nothing of them is, and each is recorded by itself, so that a stale claim
 * costs nobody else's record.
 */
const together =
  (
    store: Recording,
    records: readonly AttemptRecord[],
  ): Task<readonly Either<ControlError, AttemptOutcome>[]> =>
  async () => {
    const hasEnds = records.some(({ _tag }) => _tag !== 'Started');
    const order = hasEnds ? store.order.current : null;
    const recorded = await transact(
      store,
      'durable',
      (transaction) => writeAll(store, transaction, records, order),
      hasEnds ? PATIENCE_OF_ENDS : undefined,
    )();
    // Claims are there once the transaction has committed, and not before.
    if (isRight(recorded)) order?.deliver(recorded.right.claims, recorded.right.isAll);
    else order?.deliver([], false);
    if (isRight(recorded)) return recorded.right.outcomes.map(right);
    if (records.length === 1 || isBusy(recorded)) return records.map(() => recorded);
    const outcomes: Either<ControlError, AttemptOutcome>[] = [];
    for (const record of records) outcomes.push(await alone(store, record)());
    return outcomes;
  };

const alone = (store: Recording, record: AttemptRecord): TE.TaskEither<ControlError, AttemptOutcome> =>
  transact(
    store,
    'durable',
    function* (transaction) {
      const { outcomes } = yield* writeAll(store, transaction, [record], null);
      return outcomes[0] ?? RECORDED;
    },
    record._tag === 'Started' ? undefined : PATIENCE_OF_ENDS,
  );

function* writeAll(
  store: Recording,
  transaction: ControlTransaction,
  records: readonly AttemptRecord[],
  order: ClaimOrder | null,
): Coroutine<Omit<RecordedPlain, 'outcomes'> & { readonly outcomes: readonly AttemptOutcome[] }> {
  const isLive = store.signs.liveness(transaction.all);
  const plain =
    store.recordPlain === null ? NOTHING_PLAIN : yield* store.recordPlain(transaction, records, order);
  const outcomes: AttemptOutcome[] = [];
  for (const [place, record] of records.entries()) {
    const done = plain.outcomes[place];
    if (done !== undefined) store.known.forget(record.claim);
    outcomes.push(done ?? (yield* write(transaction, store.known, isLive, record)));
  }
  return { ...plain, outcomes };
}

const NOTHING_PLAIN: RecordedPlain = { outcomes: [], claims: [], isAll: false };

function* write(
  transaction: ControlTransaction,
  known: HeldHistories,
  isLive: IsLive,
  record: AttemptRecord,
): Coroutine<AttemptOutcome> {
  if (record._tag === 'Started') return yield* startAttempt(transaction, isLive, record, known);
  yield* endAttempt(transaction, record, known);
  return RECORDED;
}

const RECORDED: AttemptOutcome = { _tag: 'Recorded' };
