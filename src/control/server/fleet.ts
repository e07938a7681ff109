import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import type { ControlError } from '../control-error.js';
import type { FleetTable, WorkerPlace } from '../fleet-table.js';
import type { Claim } from '../records/claim.js';
import type { PlanText } from '../records/commit-record.js';
import type { ControlRecord } from '../records/control-record.js';
import { untakenTasks } from '../records/untaken-tasks.js';
import { dropClaim, mustHold } from '../runners/claim-rows.js';
import { ask, type ControlStore, decodeRow, isBusy, transact } from '../store/control-store.js';
import type { ControlTransaction, Question, ReadRows } from '../store/control-transaction.js';
import { type Coroutine, inOrder } from '../store/coroutine.js';
import { readRecord } from '../store/record-row.js';
import { checkServer } from './check-server.js';
import { claimReady } from './claim-ready.js';
import { deadHolders, liveWorkers } from './live-runners.js';
import { askedAboutNothing } from './plain-attempts.js';
import { putServerAside } from './put-aside.js';
import { hasMore } from './ready-tasks.js';
import { unclaimedTasks } from './unclaimed-tasks.js';
import { mayMoveOn, moveOn } from './unfinished-from.js';

/** Tasks one by one, out of the tables that are kept for it beside the records; see `server-schema.ts`. */
export const fleetTable = (
  store: ControlStore,
  place: { readonly schema: string; readonly pondId: string },
): FleetTable => ({
  putAside: (gone, noticedAt) => putServerAside(store, place, gone, noticedAt),
  commonTime: () => ask(store, commonTime),
  announceWorker: (worker) => transact(store, 'relaxed', (transaction) => announce(transaction, worker)),
  rehearse: (worker) => rehearse(store, worker),
  claimReady: (worker, asked) => claimReady(store, worker, asked),
  claimWithEnds: (order) => {
    store.order.current = order;
  },
  hasMore: (worker, now) => ask(store, (read) => hasMore(read, worker, now)),
  nextBeginning: (now) => ask(store, (read) => nextBeginning(read, now)),
  refuse: (claim, why) => transact(store, 'relaxed', (transaction) => refuse(transaction, claim, why)),
  sweep: () => sweep(store),
  check: () => ask(store, checkServer),
  staleRefused: () => ask(store, staleRefused),
  recordsOfTasks: (txnId, executionSeqs) => ask(store, (read) => recordsOfTasks(read, txnId, executionSeqs)),
  openingOf: (txnId) => ask(store, (read) => openingOf(read, txnId)),
  untaken: (now) =>
    ask(store, function* (read) {
      return untakenTasks(yield* unclaimedTasks(read, now), yield* liveWorkers(store, read));
    }),
  refused: (now) =>
    ask(store, function* (read) {
      return (yield* unclaimedTasks(read, now)).filter(({ refusals }) => refusals.length > 0);
    }),
});

/** Connections on which a worker's statements are planned before it is in a hurry: that of its tasks, and one beside it. */
const REHEARSING = 2;

const rehearse =
  (store: ControlStore, worker: WorkerPlace): TaskEither<ControlError, void> =>
  async () => {
    const once = transact(store, 'relaxed', ({ atOnce }) => atOnce(askedAboutNothing(worker), null));
    const [first] = await Promise.all(Array.from({ length: REHEARSING }, () => once()));
    return first !== undefined && isLeft(first) ? first : right(undefined);
  };

function* announce(
  { run }: ControlTransaction,
  { runnerId, host, queues, concurrency }: Parameters<FleetTable['announceWorker']>[0],
): Coroutine<void> {
  yield* run(
    `UPDATE runners SET host = @host, queues = @queues, concurrency = @concurrency::integer
     WHERE runner_id = @runner_id`,
    { runner_id: runnerId, host, queues: JSON.stringify(queues), concurrency },
  );
}

function* refuse(
  transaction: ControlTransaction,
  claim: Claim,
  { reason, all }: { readonly reason: string; readonly all: boolean },
): Coroutine<void> {
  yield* mustHold(transaction.all, claim);
  yield* transaction.run(
    `INSERT INTO refusals (runner_id, parent_txn_seq, execution_seq, reason)
     VALUES (@runner_id, @parent_txn_seq, @execution_seq, @reason)
     ON CONFLICT (runner_id, parent_txn_seq, execution_seq)
       DO UPDATE SET reason = excluded.reason, refused_at = clock_timestamp()`,
    {
      runner_id: claim.runnerId,
      parent_txn_seq: claim.parentTxnSeq,
      reason,
      execution_seq: all && claim.firing === undefined ? 0 : claim.executionSeq,
    },
  );
  yield* dropClaim(transaction, claim);
  yield* tellWorkers(transaction);
}

/** Looks without a transaction first: mostly nobody is dead. */
const sweep =
  (store: ControlStore): TaskEither<ControlError, number> =>
  async () => {
    const looked = await ask(store, function* (read) {
      return { dead: yield* deadHolders(store, read), mayMoveOn: yield* mayMoveOn(read) };
    })();
    if (isLeft(looked)) return looked;
    const moved = looked.right.mayMoveOn ? await transact(store, 'relaxed', moveOn)() : right(undefined);
    // Where the database is busy it moves on at the next look.
    if (isLeft(moved) && !isBusy(moved)) return moved;
    if (looked.right.dead.length === 0) return right(0);
    return transact(store, 'relaxed', function* (transaction) {
      const freed = yield* inOrder(yield* deadHolders(store, transaction.all), (runnerId) =>
        transaction.run('DELETE FROM claims WHERE runner_id = @runner_id', { runner_id: runnerId }),
      );
      yield* tellWorkers(transaction);
      return freed.reduce((sum, rows) => sum + rows, 0);
    })();
  };

/** Tells whoever listens that something was freed. */
function* tellWorkers(transaction: ControlTransaction): Coroutine<void> {
  yield* transaction.all(`SELECT pg_notify(current_schema(), '')`);
}

function* nextBeginning(read: ReadRows, now: number): Coroutine<number | null> {
  const [row] = yield* read(
    `SELECT min(not_before) AS at FROM task_states WHERE state IN ('pending', 'started') AND not_before > @now
       AND (parent_txn_seq, execution_seq) >= (SELECT parent_txn_seq, execution_seq FROM unfinished_from)`,
    { now },
  );
  return decodeRow(t.type({ at: t.union([t.number, t.null]) }), row).at;
}

function* commonTime(read: ReadRows): Coroutine<number> {
  const [row] = yield* read('SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now');
  return decodeRow(t.type({ now: t.number }), row).now;
}

function* staleRefused(read: ReadRows): Coroutine<number> {
  const [row] = yield* read('SELECT stale_refused FROM meta');
  return decodeRow(t.type({ stale_refused: t.number }), row).stale_refused;
}

function* recordsOfTasks(
  read: ReadRows,
  txnId: string,
  executionSeqs: readonly number[],
): Coroutine<readonly ControlRecord[]> {
  const rows = yield* read(
    `SELECT * FROM control_table WHERE txn_id = @txn_id
       AND execution_seq IN (SELECT value FROM json_each(@seqs)) ORDER BY record_id`,
    { txn_id: txnId, seqs: JSON.stringify(executionSeqs) },
  );
  return rows.map(readRecord);
}

/** Records of the commit itself are few, and before those of its tasks. In the order of an index of the transaction's: in that of all records it would be looked for among all of them. */
const firstTrace = (among: string): string => `(
    SELECT trace_parent FROM control_table WHERE txn_id = @txn_id AND ${among} AND trace_parent IS NOT NULL
    ORDER BY execution_seq, record_id LIMIT 1)`;

const OPENING = `SELECT traced.trace_parent, kept.checksum, kept.plan FROM (
    SELECT coalesce(${firstTrace('execution_seq IS NULL')}, ${firstTrace('execution_seq IS NOT NULL')}) AS trace_parent) AS traced
  LEFT JOIN (
    SELECT commit_plans.checksum, plan FROM commit_plans JOIN plans ON plans.checksum = commit_plans.checksum
    WHERE txn_id = @txn_id) AS kept ON TRUE`;

/** The question for what a worker opens a commit with. */
export const openingQuestion = (txnId: string): Question => [OPENING, { txn_id: txnId }];

const OpeningRow = t.intersection([
  t.type({ trace_parent: t.union([t.string, t.null]) }),
  t.union([t.type({ checksum: t.null, plan: t.null }), t.type({ checksum: t.string, plan: t.string })]),
]);

function* openingOf(
  read: ReadRows,
  txnId: string,
): Coroutine<{ readonly traceParent: string | null; readonly plan: PlanText | null }> {
  const [row] = yield* read(...openingQuestion(txnId));
  const { trace_parent: traceParent, checksum, plan: text } = decodeRow(OpeningRow, row);
  return { traceParent, plan: checksum === null ? null : { checksum, text } };
}
