import * as t from 'io-ts';
import { firingIn } from '../../domain/plans/firing.js';
import type { TaskId } from '../../domain/plans/task-id.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import type { SqlRow } from '../../ports/sql-database.js';
import type { Claim, ForeignRunner, RunnerInfo } from '../records/claim.js';
import { type ControlStore, decodeRow, refusal, unusable } from '../store/control-store.js';
import type { ControlTransaction, ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';

const ClaimRow = t.intersection([
  t.type({
    token: t.number,
    txn_id: t.string,
    parent_txn_seq: t.number,
    execution_seq: t.number,
    config_path: t.string,
    attempts: t.number,
    runner_id: t.string,
    running: t.number,
  }),
  // Claims that have just been made are not.
  t.partial({ cancelled: t.number }),
]);

/** A claim as it is stored, with whether its runner has begun an attempt. */
export interface StoredClaim extends Claim {
  readonly running: boolean;
  /** Tells whether its task was cancelled before it began, by somebody who does not hold it. */
  readonly isCancelled: boolean;
}

export const readClaim = (row: SqlRow): StoredClaim => {
  const columns = decodeRow(ClaimRow, row);
  return {
    token: columns.token,
    txnId: columns.txn_id,
    parentTxnSeq: columns.parent_txn_seq,
    executionSeq: columns.execution_seq,
    ...firingIn(columns.execution_seq, columns.txn_id),
    configPath: columns.config_path,
    attempts: columns.attempts,
    runnerId: columns.runner_id,
    running: columns.running === 1,
    isCancelled: columns.cancelled === 1,
  };
};

/** A stored claim as its holder knows it. */
export const toClaim = ({ running: _, isCancelled: __, ...claim }: StoredClaim): Claim => claim;

/** The claim on a task, whoever holds it. */
export function* claimOn(
  read: ReadRows,
  { parentTxnSeq, executionSeq }: TaskId,
): Coroutine<StoredClaim | null> {
  const [row] = yield* read(
    'SELECT * FROM claims WHERE parent_txn_seq = @parent_txn_seq AND execution_seq = @execution_seq',
    { parent_txn_seq: parentTxnSeq, execution_seq: executionSeq },
  );
  return row === undefined ? null : readClaim(row);
}

/**
 * Gives a task to a runner under a token of its own. Who held a claim on it before holds nothing any more; a
 * process group that was recorded under that claim stays recorded until it is ended.
 */
export function* takeClaim(
  transaction: ControlTransaction,
  runnerId: string,
  task: Omit<Claim, 'runnerId' | 'token'>,
  options?: ClaimOptions,
): Coroutine<Claim> {
  yield* transaction.run(
    'DELETE FROM claims WHERE parent_txn_seq = @parent_txn_seq AND execution_seq = @execution_seq',
    { parent_txn_seq: task.parentTxnSeq, execution_seq: task.executionSeq },
  );
  return yield* newClaim(transaction, runnerId, task, options);
}

interface ClaimOptions {
  readonly leftByOther: boolean;
  readonly waitsFor: number | null;
}

const TokenRow = t.type({ token: t.number });

/** The same for a task that nobody can have claimed, because it has just come to be. */
export function* newClaim(
  transaction: ControlTransaction,
  runnerId: string,
  { parentTxnSeq, executionSeq, txnId, configPath, attempts }: Omit<Claim, 'runnerId' | 'token'>,
  options: ClaimOptions = { leftByOther: false, waitsFor: null },
): Coroutine<Claim> {
  const [row] = yield* transaction.all(
    `INSERT INTO claims (txn_id, parent_txn_seq, execution_seq, config_path, attempts, runner_id, left_by_other, waits_for)
     VALUES (@txn_id, @parent_txn_seq, @execution_seq, @config_path, @attempts, @runner_id, @left_by_other, @waits_for)
     RETURNING token`,
    {
      txn_id: txnId,
      parent_txn_seq: parentTxnSeq,
      execution_seq: executionSeq,
      config_path: configPath,
      attempts,
      runner_id: runnerId,
      left_by_other: options.leftByOther ? 1 : 0,
      waits_for: options.waitsFor,
    },
  );
  const { token } = decodeRow(TokenRow, row);
  return {
    parentTxnSeq,
    executionSeq,
    txnId,
    configPath,
    attempts,
    runnerId,
    token,
    ...firingIn(executionSeq, txnId),
  };
}

/**
 * Refuses who holds a claim no longer: it was given back, or another runner took it over. A database that has failed over to a server that lacks
 * the last records may give a token a second time, so that it alone does not say whose claim it is.
 */
export function* mustHold(read: ReadRows, claim: Claim): Coroutine<StoredClaim> {
  const held = yield* claimOn(read, claim);
  if (held?.token === claim.token && held.runnerId === claim.runnerId) return held;
  throw refusal({ _tag: 'StaleToken', task: printTaskId(claim), token: claim.token });
}

export function* dropClaim(
  transaction: ControlTransaction,
  { token }: Pick<Claim, 'token'>,
): Coroutine<void> {
  yield* transaction.run('DELETE FROM claims WHERE token = @token', { token });
}

/** Notes that an attempt of a claim has begun: whoever else wants to begin one of its path waits. */
export function* markRunning(transaction: ControlTransaction, { token }: Claim): Coroutine<void> {
  yield* transaction.run('UPDATE claims SET running = 1, left_by_other = 0 WHERE token = @token', { token });
}

const RunnerRow = t.type({ runner_id: t.string, pid: t.number, command: t.string });

export const readRunner = (row: SqlRow): RunnerInfo => {
  const { runner_id, pid, command } = decodeRow(RunnerRow, row);
  return { runnerId: runner_id, pid, command };
};

/** A dead runner's row with the reason why it was made elsewhere; null where it was made here. */
export const madeElsewhere = ({ seals }: Pick<ControlStore, 'seals'>, row: SqlRow): ForeignRunner | null => {
  const runner = readRunner(row);
  const { origin } = decodeRow(OriginRow, row);
  const why = seals.elsewhere(runner, origin);
  return why === null ? null : { ...runner, why };
};

const OriginRow = t.type({ origin: t.union([t.string, t.null]) });

/** A runner's row; null when it has ended. */
export function* findRunner(read: ReadRows, runnerId: string): Coroutine<RunnerInfo | null> {
  const [row] = yield* read('SELECT runner_id, pid, command FROM runners WHERE runner_id = @runner_id', {
    runner_id: runnerId,
  });
  return row === undefined ? null : readRunner(row);
}

/** The runner of a claim: it cannot be missing, since claims refer to it. */
export function* runnerOf(read: ReadRows, { runnerId }: Pick<Claim, 'runnerId'>): Coroutine<RunnerInfo> {
  const runner = yield* findRunner(read, runnerId);
  if (runner === null) throw unusable(`a claim of the runner ${runnerId}, which is not there`);
  return runner;
}
