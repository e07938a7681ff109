import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { DEFAULT_QUEUE } from '../../domain/plans/task-place.js';
import type { SqlRow } from '../../ports/sql-database.js';
import type { ControlError } from '../control-error.js';
import type { BegunAttempt, Claim, CommitClaim } from '../records/claim.js';
import type { BeginningAttempt, CommitRecord, PendingTask, StoredPlan } from '../records/commit-record.js';
import type { NewRecord } from '../records/control-record.js';
import { claimOn, findRunner, markRunning, newClaim } from '../runners/claim-rows.js';
import { type ControlStore, illegal, transact } from '../store/control-store.js';
import type { ControlTransaction, ReadRows } from '../store/control-transaction.js';
import { type Coroutine, inOrder } from '../store/coroutine.js';
import { append } from '../store/record-row.js';
import { endOfRemoved, UNENDED_EPISODES } from '../tasks/episodes.js';
import { heldAtStart } from '../tasks/held-claim.js';
import type { HeldHistories } from '../tasks/held-histories.js';
import { askForPlan, begunTransaction, keepPlan } from './transaction-records.js';

/**
 * Step 4 of a commit. The log entry is durable already; a crash before this transaction leaves a commit that the
 * next writer finds in the log and records here by the same call; a crash after it leaves tasks that are pending.
 */
export const recordDataCommitted =
  (
    store: ControlStore,
    known: HeldHistories,
    commit: CommitRecord,
  ): TE.TaskEither<ControlError, readonly CommitClaim[]> =>
  async () => {
    const recorded = await record(store, commit)();
    if (!isLeft(recorded)) keepHistories(known, commit, recorded.right);
    return recorded;
  };

/** Keeps what this process knows of the tasks that it has claimed, so that it need not ask for it. */
const keepHistories = (known: HeldHistories, commit: CommitRecord, claimed: readonly CommitClaim[]): void => {
  const tasks = new Map(commit.tasks.map((task) => [task.executionSeq, task]));
  for (const claim of claimed) {
    const task = tasks.get(claim.executionSeq);
    if (task === undefined || claim.runnerId !== commit.claimedBy) continue;
    known.keep(claim, null, pendingRecord(commit, task));
    const asked = claim.begun === undefined ? undefined : beginningOf(commit, claim);
    const pending = asked === undefined ? null : known.take(claim, 'pending');
    if (asked !== undefined && pending !== null)
      known.keep(claim, pending, startedRecord(commit, task, asked));
  }
};

const beginningOf = ({ beginning = [] }: CommitRecord, { executionSeq }: Claim) =>
  beginning.find((asked) => asked.executionSeq === executionSeq);

const record = (
  store: ControlStore,
  commit: CommitRecord,
): TE.TaskEither<ControlError, readonly CommitClaim[]> => {
  const whole = transact(store, 'durable', (transaction) => recordOn(store, transaction, commit));
  const { plain } = store;
  if (plain === null || commit.tasks.length > 0) return whole;
  const records = [dataCommittedRecord(commit), completedRecord(commit, commit.timestamp)];
  return pipe(
    transact(store, 'durable', (transaction) => plain.commit(transaction, commit, commit.plan, records)),
    TE.flatMap((isRecorded) => (isRecorded ? TE.right([]) : whole)),
  );
};

function* recordOn(
  store: ControlStore,
  transaction: ControlTransaction,
  commit: CommitRecord,
): Coroutine<readonly CommitClaim[]> {
  const { txnSeq, txnId, timestamp, claimedBy, tasks } = commit;
  const entries = commit.entries ?? null;
  const unended = entries === null ? null : yield* transaction.ahead(UNENDED_EPISODES);
  const known = yield* askForPlan(transaction, commit.plan);
  const begun = yield* begunTransaction(transaction.all, txnId);
  if (begun.txnSeq !== txnSeq)
    throw illegal(`transaction ${txnId} has begun as ${begun.txnSeq}, not ${txnSeq}`);
  yield* append(transaction, dataCommittedRecord(commit));
  yield* activatePlan(transaction, commit, commit.plan, yield* known());
  const pending = tasks.flatMap((task) => pendingRecords(commit, task));
  if (store.appendAll !== null) yield* store.appendAll(transaction, pending);
  else for (const record of pending) yield* append(transaction, record);
  if (store.keepPlaces !== null)
    yield* store.keepPlaces(transaction, txnSeq, {
      places: commit.places ?? [],
      setup: commit.setup ?? null,
    });
  if (entries !== null && unended !== null) yield* endOfRemoved(transaction, entries, yield* unended());
  const runnable = tasks.filter(({ rejected }) => rejected === null);
  if (runnable.length === 0) yield* append(transaction, completedRecord(commit, timestamp));
  const deferredTo = commit.deferredTo ?? null;
  const runnerId = deferredTo === null ? claimedBy : yield* runnerOfTask(store, transaction.all, deferredTo);
  if (runnerId === null) return [];
  const elsewhere = new Set(
    (commit.places ?? [])
      .filter(({ queue }) => queue !== DEFAULT_QUEUE)
      .map(({ executionSeq }) => executionSeq),
  );
  // A queue with a name has workers of its own.
  const own = runnable.filter(({ executionSeq }) => !elsewhere.has(executionSeq));
  const claims = yield* inOrder(own, ({ executionSeq, configPath }) =>
    newClaim(
      transaction,
      runnerId,
      { parentTxnSeq: txnSeq, executionSeq, txnId, configPath, attempts: 0 },
      { leftByOther: deferredTo !== null, waitsFor: deferredTo?.task.parentTxnSeq ?? null },
    ),
  );
  return (commit.beginning ?? []).length === 0 ? claims : yield* begin(transaction, commit, claims);
}

/** Begins those attempts that are to begin with the commit, where nothing stands in the way of them. */
function* begin(
  transaction: ControlTransaction,
  commit: CommitRecord,
  claims: readonly Claim[],
): Coroutine<readonly CommitClaim[]> {
  const tasks = new Map(commit.tasks.map((task) => [task.executionSeq, task]));
  return yield* inOrder(claims, function* (claim): Coroutine<CommitClaim> {
    const [asked, task] = [beginningOf(commit, claim), tasks.get(claim.executionSeq)];
    if (asked === undefined || task === undefined) return claim;
    const { isAlone } = yield* heldAtStart(transaction.all, claim);
    if (!isAlone) return claim;
    yield* append(transaction, startedRecord(commit, task, asked));
    yield* markRunning(transaction, claim);
    return { ...claim, begun: { ...FIRST_ATTEMPT, traceParent: asked.traceParent } };
  });
}

/** Facts that a first attempt finds which waits for nothing and begins with its commit. */
const FIRST_ATTEMPT: Omit<BegunAttempt, 'traceParent'> = {
  _tag: 'Started',
  attempt: 1,
  supersededBy: null,
  outcomes: [],
  nothingDerived: true,
};

/**
 * The live runner that runs a task now, or ran it when a commit inside it began; null where it has died or ended. It ends
 * in a transaction of its own: either it finds what is left to it here, or it is gone here.
 */
function* runnerOfTask(
  store: ControlStore,
  read: ReadRows,
  { task, runnerId }: NonNullable<CommitRecord['deferredTo']>,
): Coroutine<string | null> {
  const isLive = store.signs.liveness(read);
  for (const id of [(yield* claimOn(read, task))?.runnerId, runnerId]) {
    if (id === null || id === undefined) continue;
    if ((yield* findRunner(read, id)) !== null && (yield* isLive(id))) return id;
  }
  return null;
}

/** Fields that the records of one commit have in common. */
export type CommitFacts = Pick<
  CommitRecord,
  'txnSeq' | 'txnId' | 'basedOnSeq' | 'timestamp' | 'dataFsVersion' | 'durationMs' | 'traceParent'
>;

export const dataCommittedRecord = (commit: CommitFacts): NewRecord => {
  const { txnSeq, txnId, basedOnSeq, timestamp, dataFsVersion, durationMs, traceParent } = commit;
  return {
    txnSeq,
    txnId,
    basedOnSeq,
    timestamp,
    dataFsVersion,
    durationMs,
    traceParent,
    recordType: 'data_committed',
    transactionType: 'write',
  };
};

export const completedRecord = (
  { txnSeq, txnId, basedOnSeq, durationMs }: CommitFacts,
  timestamp: number,
): NewRecord => ({
  txnSeq,
  txnId,
  basedOnSeq,
  timestamp,
  durationMs,
  recordType: 'completed',
  transactionType: 'write',
});

export function* activatePlan(
  transaction: ControlTransaction,
  commit: CommitFacts,
  plan: StoredPlan,
  known: readonly SqlRow[],
): Coroutine<void> {
  yield* keepPlan(transaction, plan, known);
  yield* transaction.send(
    `INSERT INTO commit_plans (txn_id, txn_seq, checksum, state) VALUES (@txn_id, @txn_seq, @checksum, 'active')
     ON CONFLICT (txn_id) DO UPDATE SET txn_seq = excluded.txn_seq, checksum = excluded.checksum, state = excluded.state`,
    { txn_id: commit.txnId, txn_seq: commit.txnSeq, checksum: plan.checksum },
  );
}

export function* appendPending(
  transaction: ControlTransaction,
  commit: CommitFacts,
  task: PendingTask,
): Coroutine<void> {
  for (const record of pendingRecords(commit, task)) yield* append(transaction, record);
}

/** `pending`; for a rejected entry `failed`, too. */
const pendingRecords = (commit: CommitFacts, task: PendingTask): readonly NewRecord[] => {
  const pending = pendingRecord(commit, task);
  const { rejected } = task;
  if (rejected === null) return [pending];
  const failed = { recordType: 'post_commit_failed', attempt: 0, errorMessage: rejected } as const;
  return [pending, { ...pending, traceParent: null, ...failed }];
};

const pendingRecord = (
  { txnSeq, txnId, timestamp, traceParent }: CommitFacts,
  { executionSeq, factoryName, configPath }: PendingTask,
): NewRecord => ({
  txnSeq,
  txnId,
  timestamp,
  executionSeq,
  factoryName,
  configPath,
  traceParent,
  parentTxnSeq: txnSeq,
  configTxnSeq: txnSeq,
  recordType: 'post_commit_pending',
  transactionType: 'post_commit',
});

const startedRecord = (
  commit: CommitFacts,
  task: PendingTask,
  { timestamp, traceParent }: BeginningAttempt,
): NewRecord => ({
  ...pendingRecord(commit, task),
  timestamp,
  traceParent,
  attempt: 1,
  recordType: 'post_commit_started',
});
