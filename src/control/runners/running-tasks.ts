import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import type { SqlRow } from '../../ports/sql-database.js';
import type { ControlError } from '../control-error.js';
import type { RunningTask } from '../records/claim.js';
import { ask, type ControlStore, decodeRow } from '../store/control-store.js';
import type { ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { readClaim, readRunner, toClaim } from './claim-rows.js';

/**
 * Tasks that live runners are running now: whoever starts processes inside a task is one of these. A runner none of whose
 * attempts has begun prepares its tasks, and their code runs, too.
 */
export const runningTasks = (store: ControlStore): TaskEither<ControlError, readonly RunningTask[]> =>
  ask(store, (read) => liveTasks(store, read));

function* liveTasks(store: ControlStore, read: ReadRows): Coroutine<readonly RunningTask[]> {
  // A runner of version 0.1.0 says no more than its pid; nobody else writes or runs anything while it lives.
  if (store.version < 2) return [];
  const isLive = store.signs.liveness(read);
  const live: RunningTask[] = [];
  for (const running of (yield* read(RUNNING)).map(readRunningTask))
    if (yield* isLive(running.runner.runnerId)) live.push(running);
  return live;
}

const RUNNING = `SELECT claims.*, runners.pid, runners.command, runners.boot_id, runners.pid_namespace, process_groups.pgid
  FROM claims JOIN runners ON runners.runner_id = claims.runner_id
  LEFT JOIN process_groups ON process_groups.token = claims.token
  WHERE running = 1 OR left_by_other = 0 AND NOT EXISTS (
    SELECT 1 FROM claims AS begun WHERE begun.runner_id = claims.runner_id AND begun.running = 1)
  ORDER BY claims.token`;

const text = t.union([t.string, t.null]);

const PlaceRow = t.type({ boot_id: text, pid_namespace: text, pgid: t.union([t.number, t.null]) });

const readRunningTask = (row: SqlRow): RunningTask => {
  const { boot_id: bootId, pid_namespace: pidNamespace, pgid: group } = decodeRow(PlaceRow, row);
  return {
    claim: toClaim(readClaim(row)),
    runner: { ...readRunner(row), bootId, pidNamespace },
    group,
  };
};
