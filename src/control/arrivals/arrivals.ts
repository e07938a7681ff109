import * as t from 'io-ts';
import { isEscaped } from '../../domain/text/escaped-bytes.js';
import type { SqlRow } from '../../ports/sql-database.js';
import type {
  Arrival,
  EndedBatch,
  LearntArrivals,
  WatchBatch,
  WatchStatus,
} from '../records/arrival-record.js';
import { ALL, ask, type ControlStore, decodeRow, transact, unusable } from '../store/control-store.js';
import type { ControlTransaction, ReadRows } from '../store/control-transaction.js';
import { type Coroutine, inOrder } from '../store/coroutine.js';
import type { WatchMethods } from '../watch-methods.js';

/** Batches of a watch that are kept, and those and refusals that are shown. */
const BATCHES_KEPT = 100;
const SHOWN = 20;
/** Files that are remembered although they are not in the folder any more. */
const ABSENT_KEPT = 10_000;

/**
 * Memory of watched folders. What was taken in stands in the data, too, and is learnt from there: this table is the faster
 * way to know it, and the only one to know what was unchanged or refused.
 */
export const arrivals = (store: ControlStore): WatchMethods => ({
  arrivalsOf: (watch, paths) =>
    ask(store, function* (read) {
      const rows = yield* inOrder([...new Set(paths)], (path) =>
        read('SELECT * FROM arrivals WHERE watch = @watch AND path = @path', { watch, path: stored(path) }),
      );
      return rows.flat().map(readArrival);
    }),
  knownArrivals: (watch) =>
    ask(store, function* (read) {
      const [row] = yield* read('SELECT known_txn_seq FROM watch_states WHERE watch = @watch', { watch });
      return row === undefined ? 0 : decodeRow(t.type({ known_txn_seq: t.number }), row).known_txn_seq;
    }),
  learnArrivals: (learnt) => transact(store, 'durable', (transaction) => learn(transaction, learnt)),
  recordBatch: (batch) => transact(store, 'durable', (transaction) => record(transaction, batch)),
  settleArrivals: (watch, settled) =>
    transact(store, 'durable', function* (transaction) {
      for (const { path, aside } of settled)
        yield* transaction.run(
          `UPDATE arrivals SET settled = 1, aside = coalesce(@aside, aside)
           WHERE watch = @watch AND path = @path`,
          { watch, path: stored(path), aside: aside === null ? null : stored(aside) },
        );
    }),
  forgetArrivals: (watch, isThere) =>
    transact(store, 'relaxed', function* (transaction) {
      for (const row of yield* transaction.all(
        `SELECT path FROM arrivals WHERE watch = @watch AND settled = 1
         ORDER BY arrived_at DESC LIMIT @all OFFSET @kept`,
        { watch, all: ALL, kept: ABSENT_KEPT },
      )) {
        const path = String(row.path);
        if (!isThere(read(path)))
          yield* transaction.run('DELETE FROM arrivals WHERE watch = @watch AND path = @path', {
            watch,
            path,
          });
      }
    }),
  setWatchProblem: (watch, problem, at) =>
    transact(store, 'relaxed', function* (transaction) {
      const [known] = yield* transaction.all('SELECT problem FROM watch_states WHERE watch = @watch', {
        watch,
      });
      if ((known?.problem ?? null) === problem) return false;
      yield* transaction.run(
        `INSERT INTO watch_states (watch, problem, problem_since) VALUES (@watch, @problem, @since)
         ON CONFLICT (watch) DO UPDATE SET problem = excluded.problem,
           problem_since = CASE WHEN excluded.problem IS NULL THEN NULL
                                ELSE coalesce(watch_states.problem_since, excluded.problem_since) END`,
        { watch, problem, since: problem === null ? null : at },
      );
      return true;
    }),
  watchStatus: (watch) => ask(store, (read) => statusOf(read, watch)),
});

/** Remembers what commits took in; what those took in that are not in the data any more has not arrived. */
function* learn(
  transaction: ControlTransaction,
  { watch, knownTxnSeq, arrivals: learnt }: LearntArrivals,
): Coroutine<void> {
  yield* transaction.run(
    `DELETE FROM arrivals WHERE watch = @watch AND outcome = 'taken'
       AND txn_seq IN (SELECT txn_seq FROM gone_commits WHERE replaced = 0)`,
    { watch },
  );
  for (const arrival of learnt) {
    const [known] = yield* transaction.all(
      'SELECT txn_seq FROM arrivals WHERE watch = @watch AND path = @path AND txn_seq >= @txn_seq',
      { watch, path: stored(arrival.path), txn_seq: arrival.txnSeq },
    );
    if (known === undefined) yield* put(transaction, watch, arrival);
  }
  yield* transaction.run(
    `INSERT INTO watch_states (watch, known_txn_seq) VALUES (@watch, @known)
     ON CONFLICT (watch) DO UPDATE SET known_txn_seq = excluded.known_txn_seq
       WHERE watch_states.known_txn_seq < excluded.known_txn_seq`,
    { watch, known: knownTxnSeq },
  );
}

function* record(
  transaction: ControlTransaction,
  { watch, endedAt, txnSeq, arrivals: ended }: EndedBatch,
): Coroutine<void> {
  for (const arrival of ended) {
    const [known] = yield* transaction.all(
      'SELECT txn_seq FROM arrivals WHERE watch = @watch AND path = @path',
      { watch, path: stored(arrival.path) },
    );
    // What is unchanged has arrived by the commit before.
    const before =
      arrival.outcome === 'unchanged' && typeof known?.txn_seq === 'number' ? known.txn_seq : null;
    yield* put(transaction, watch, { ...arrival, txnSeq: arrival.txnSeq ?? before });
  }
  const count = (outcome: Arrival['outcome']) =>
    ended.filter((arrival) => arrival.outcome === outcome).length;
  yield* transaction.run(
    `INSERT INTO watch_batches (watch, ended_at, txn_seq, taken, unchanged, refused)
     VALUES (@watch, @ended_at, @txn_seq, @taken, @unchanged, @refused)`,
    {
      watch,
      ended_at: endedAt,
      txn_seq: txnSeq,
      taken: count('taken'),
      unchanged: count('unchanged'),
      refused: count('refused'),
    },
  );
  yield* transaction.run(
    `DELETE FROM watch_batches WHERE watch = @watch AND batch_id NOT IN (
       SELECT batch_id FROM watch_batches WHERE watch = @watch ORDER BY batch_id DESC LIMIT @kept)`,
    { watch, kept: BATCHES_KEPT },
  );
}

function* put(transaction: ControlTransaction, watch: string, arrival: Arrival): Coroutine<void> {
  yield* transaction.run(
    `INSERT INTO arrivals
       (watch, path, size, modified_at, sha256, outcome, reason, txn_seq, arrived_at, aside, settled)
     VALUES (@watch, @path, @size, @modified_at, @sha256, @outcome, @reason, @txn_seq, @arrived_at, @aside, @settled)
     ON CONFLICT (watch, path) DO UPDATE SET size = excluded.size, modified_at = excluded.modified_at,
       sha256 = excluded.sha256, outcome = excluded.outcome, reason = excluded.reason, txn_seq = excluded.txn_seq,
       arrived_at = excluded.arrived_at, aside = excluded.aside, settled = excluded.settled`,
    {
      watch,
      path: stored(arrival.path),
      size: arrival.size,
      modified_at: arrival.modifiedAt,
      sha256: arrival.sha256,
      outcome: arrival.outcome,
      reason: arrival.reason,
      txn_seq: arrival.txnSeq,
      arrived_at: arrival.arrivedAt,
      aside: arrival.aside === null ? null : stored(arrival.aside),
      settled: arrival.isSettled ? 1 : 0,
    },
  );
}

function* statusOf(readRows: ReadRows, watch: string): Coroutine<WatchStatus> {
  const [state] = yield* readRows('SELECT problem, problem_since FROM watch_states WHERE watch = @watch', {
    watch,
  });
  const known = state === undefined ? null : decodeRow(StateRow, state);
  return {
    watch,
    problem:
      known === null || known.problem === null || known.problem_since === null
        ? null
        : { message: known.problem, since: known.problem_since },
    batches: (yield* readRows(
      'SELECT * FROM watch_batches WHERE watch = @watch ORDER BY batch_id DESC LIMIT @shown',
      { watch, shown: SHOWN },
    )).map(readBatch),
    refused: (yield* readRows(
      `SELECT * FROM arrivals WHERE watch = @watch AND outcome = 'refused'
       ORDER BY arrived_at DESC, path LIMIT @shown`,
      { watch, shown: SHOWN },
    )).map(readArrival),
  };
}

const numberOrNull = t.union([t.number, t.null]);
const textOrNull = t.union([t.string, t.null]);

const StateRow = t.type({ problem: textOrNull, problem_since: numberOrNull });

const BatchRow = t.type({
  ended_at: t.number,
  txn_seq: numberOrNull,
  taken: t.number,
  unchanged: t.number,
  refused: t.number,
});

const readBatch = (row: SqlRow): WatchBatch => {
  const { ended_at: endedAt, txn_seq: txnSeq, taken, unchanged, refused } = decodeRow(BatchRow, row);
  return { endedAt, txnSeq, taken, unchanged, refused };
};

const ArrivalRow = t.type({
  path: t.string,
  size: t.number,
  modified_at: t.number,
  sha256: textOrNull,
  outcome: t.keyof({ taken: null, unchanged: null, refused: null }),
  reason: textOrNull,
  txn_seq: numberOrNull,
  arrived_at: t.number,
  aside: textOrNull,
  settled: t.number,
});

const readArrival = (row: SqlRow): Arrival => {
  const { path, size, modified_at, sha256, outcome, reason, txn_seq, arrived_at, aside, settled } = decodeRow(
    ArrivalRow,
    row,
  );
  return {
    path: read(path),
    size,
    modifiedAt: modified_at,
    sha256,
    outcome,
    reason,
    txnSeq: txn_seq,
    arrivedAt: arrived_at,
    aside: aside === null ? null : read(aside),
    isSettled: settled === 1,
  };
};

/** A path whose bytes are not UTF-8 is stored as JSON, which begins with a quotation mark and not with a slash. */
const stored = (path: string): string => (isEscaped(path) ? JSON.stringify(path) : path);

const read = (text: string): string => {
  if (!text.startsWith('"')) return text;
  try {
    return decodeRow(t.string, JSON.parse(text));
  } catch {
    throw unusable('column path: not readable');
  }
};
