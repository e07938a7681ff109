import { join } from 'node:path';
import * as fc from 'fast-check';
import { isLeft, isRight } from 'fp-ts/lib/Either.js';
import { expect } from 'vitest';
import { betterSqlite } from '../src/adapters/sqlite/better-sqlite.js';
import type { ControlRecord, RecordType } from '../src/control/records/control-record.js';
import type { TaskState } from '../src/control/records/task-status.js';
import { installSchema } from '../src/control/schema/migrate.js';
import { insideOf } from '../src/control/schema/sqlite-connection.js';
import { runAtOnce } from '../src/control/store/coroutine.js';
import { append } from '../src/control/store/record-row.js';
import { foldTask } from '../src/control/tasks/task-state.js';
import { type TurnState, turnsOf } from '../src/control/tasks/task-turns.js';
import { foldTransaction } from '../src/control/transactions/transaction-state.js';
import { temporaryDirectory } from '../test/control/table.js';
import { prop } from '../test/support/prop.js';
import { times } from '../test/support/times.js';

/**
 * Planted faults that these laws caught when they were written: the fold without its check of attempts; `failed`
 * after `failed` allowed; the view's `completed_at` also set for started tasks; `started_at` of the first attempt; the
 * turn of an attempt after an interrupted one taken for that one's.
 */

interface Move {
  readonly type: RecordType;
  readonly attempt: number | null;
}

interface Model {
  readonly state: TaskState | null;
  readonly attempts: number;
  /** The newest record closed an attempt by `failed`. */
  readonly closed: boolean;
}

const NEW: Model = { state: null, attempts: 0, closed: false };

/** What may follow, written down a second time, record by record. */
const moves = ({ state, attempts, closed }: Model): readonly Move[] => {
  const pending: Move = { type: 'post_commit_pending', attempt: null };
  const started: Move = { type: 'post_commit_started', attempt: attempts + 1 };
  const dismissed: Move = { type: 'post_commit_dismissed', attempt: null };
  const cancelled: Move = { type: 'post_commit_cancelled', attempt: null };
  const skipped: Move = { type: 'post_commit_skipped', attempt: null };
  if (state === null || state === 'skipped' || state === 'dismissed' || state === 'completed')
    return [pending];
  if (state === 'rolled_back' || state === 'cancelled') return [pending, dismissed];
  if (state === 'failed') {
    return closed
      ? [pending, { ...pending, attempt: attempts + 1 }, started, skipped, dismissed]
      : [pending, dismissed];
  }
  if (state === 'pending') {
    return [started, skipped, { type: 'post_commit_failed', attempt: 0 }, dismissed, cancelled];
  }
  const ends = ['completed', 'failed', 'rolled_back', 'cancelled'] as const;
  return ends.map((step) => ({ type: `post_commit_${step}`, attempt: attempts }));
};

const TO: Partial<Record<RecordType, TaskState>> = {
  post_commit_pending: 'pending',
  post_commit_started: 'started',
  post_commit_completed: 'completed',
  post_commit_failed: 'failed',
  post_commit_skipped: 'skipped',
  post_commit_rolled_back: 'rolled_back',
  post_commit_dismissed: 'dismissed',
  post_commit_cancelled: 'cancelled',
};

const after = (model: Model, { type, attempt }: Move): Model => ({
  state: TO[type] ?? null,
  attempts: type === 'post_commit_started' ? model.attempts + 1 : model.attempts,
  closed: type === 'post_commit_failed' && attempt !== 0,
});

const record = (recordId: number, { type, attempt }: Move, executionSeq = 1): ControlRecord => ({
  recordId,
  txnSeq: 1,
  txnId: 'txn-1',
  basedOnSeq: null,
  recordType: type,
  transactionType: TO[type] === undefined ? 'write' : 'post_commit',
  // Clocks may run backwards; the order of records is that of their ids.
  timestamp: 1_000_000 + ((recordId * 7919) % 101),
  cliArgs: null,
  environment: null,
  dataFsVersion: null,
  errorMessage:
    type === 'post_commit_failed' || type === 'post_commit_skipped' ? `because ${recordId}` : null,
  durationMs: TO[type] === undefined || type === 'post_commit_pending' ? null : recordId % 17,
  parentTxnSeq: 1,
  executionSeq,
  factoryName: 'f',
  configPath: `/etc/system.d/${executionSeq}`,
  attempt,
  traceParent: null,
  configTxnSeq: 1,
  causedBy: null,
  report: null,
  notBefore: null,
  skipCause: null,
  dueAt: null,
});

/** A legal sequence, and where it leads. */
const walk = fc.array(fc.nat({ max: 5 }), { maxLength: 14 }).map((choices) => {
  let model = NEW;
  const taken: Move[] = [];
  for (const choice of choices) {
    const open = moves(model);
    const move = open[choice % Math.max(1, open.length)];
    if (move === undefined) break;
    taken.push(move);
    model = after(model, move);
  }
  return { moves: taken, model };
});

prop([walk])(
  'the fold of any legal record sequence is legal and leads where the sequence leads',
  ({ moves: taken, model }) => {
    const folded = foldTask(taken.map((move, index) => record(index + 1, move)));
    expect(isRight(folded)).toBe(true);
    const status = isRight(folded) ? folded.right?.status : undefined;
    expect([status?.state ?? null, status?.attempts ?? 0]).toEqual([model.state, model.attempts]);
  },
);

const STATE_OF_TURN: Readonly<Record<TurnState, TaskState>> = {
  waiting: 'pending',
  running: 'started',
  completed: 'completed',
  failed: 'failed',
  rolled_back: 'rolled_back',
  interrupted: 'failed',
  skipped: 'skipped',
  dismissed: 'dismissed',
  cancelled: 'cancelled',
  rejected: 'failed',
};

prop([walk])(
  'the turns of a legal sequence have every attempt once, in order, and end where its fold ends',
  ({ moves: taken, model }) => {
    const turns = turnsOf(taken.map((move, index) => record(index + 1, move)));
    const attempts = turns.flatMap(({ attempt }) => (attempt === null ? [] : [attempt]));
    expect(attempts).toEqual(Array.from({ length: model.attempts }, (_, index) => index + 1));
    const last = turns.at(-1);
    expect(last === undefined ? null : STATE_OF_TURN[last.state]).toBe(model.state);
    // Only the last turn can still be open.
    const open = turns.slice(0, -1).filter(({ state }) => state === 'waiting' || state === 'running');
    expect(open).toEqual([]);
  },
);

const RECORD_TYPES: readonly RecordType[] = [
  ...(['begin', 'data_committed', 'completed', 'failed', 'post_commit_pending'] as const),
  ...(['post_commit_started', 'post_commit_completed', 'post_commit_failed'] as const),
  ...(['post_commit_skipped', 'post_commit_rolled_back', 'post_commit_dismissed'] as const),
];

prop([walk])('any record that may not follow is refused', ({ moves: taken, model }) => {
  const records = taken.map((move, index) => record(index + 1, move));
  for (const type of RECORD_TYPES) {
    for (const attempt of [null, 0, 1, model.attempts, model.attempts + 1, model.attempts + 2]) {
      const legal = moves(model).some((move) => move.type === type && move.attempt === attempt);
      const folded = foldTask([...records, record(99, { type, attempt })]);
      expect([type, attempt, isRight(folded)]).toEqual([type, attempt, legal]);
    }
  }
});

const OWN = { b: 'begin', d: 'data_committed', c: 'completed', f: 'failed' } as const;

prop([fc.array(fc.constantFrom('b', 'd', 'c', 'f'), { maxLength: 4 })], times(500))(
  'exactly the documented sequences of a transaction fold',
  (letters) => {
    const records = letters.map((letter, index) => record(index + 1, { type: OWN[letter], attempt: null }));
    const legal = ['', 'b', 'bd', 'bdc', 'bc', 'bf'].includes(letters.join(''));
    expect(isRight(foldTransaction(records))).toBe(legal);
  },
);

prop([fc.array(walk, { minLength: 1, maxLength: 4 }), fc.infiniteStream(fc.nat())])(
  'the view post_commit_tasks and the derived states agree with the fold, whatever the interleaving',
  (walks, picks) => {
    const waiting = walks.map(({ moves: taken }) => [...taken]);
    const written: ControlRecord[] = [];
    while (waiting.some((rest) => rest.length > 0)) {
      const index = (picks.next().value ?? 0) % waiting.length;
      const move = waiting[index]?.shift();
      if (move !== undefined) written.push(record(written.length + 1, move, index + 1));
    }
    const { view, states } = asTables(written);
    const folded = walks.flatMap((_, index) => {
      const history = foldTask(written.filter(({ executionSeq }) => executionSeq === index + 1));
      return isRight(history) && history.right !== null ? [history.right.status] : [];
    });
    expect(view).toEqual(
      folded.map((status) => ({
        task: `1.${status.executionSeq}`,
        parent_txn_seq: status.parentTxnSeq,
        execution_seq: status.executionSeq,
        txn_id: status.txnId,
        factory_name: status.factoryName,
        config_path: status.configPath,
        state: status.state,
        attempts: status.attempts,
        started_at: status.startedAt,
        completed_at: status.completedAt,
        duration_ms: status.durationMs,
        error_message: status.errorMessage,
      })),
    );
    expect(states).toEqual(folded.map(({ executionSeq, state }) => ({ execution_seq: executionSeq, state })));
  },
);

let databases = 0;

const asTables = (records: readonly ControlRecord[]) => {
  databases += 1;
  const opened = betterSqlite.open(join(temporaryDirectory(), `${databases}.db`), { create: true })();
  if (isLeft(opened)) throw new Error(opened.left.code);
  const written = opened.right.transaction('relaxed', (transaction) => {
    installSchema(transaction, 'pond');
    for (const one of records) runAtOnce(append(insideOf(transaction), one));
    return {
      view: transaction.all('SELECT * FROM post_commit_tasks ORDER BY execution_seq'),
      states: transaction.all('SELECT execution_seq, state FROM task_states ORDER BY execution_seq'),
    };
  })();
  opened.right.close();
  if (isLeft(written)) throw new Error(written.left.message);
  return written.right;
};
