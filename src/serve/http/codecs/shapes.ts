import * as t from 'io-ts';
import { named, orNull } from './schema-of.js';

/** The shapes of answers about commits, tasks and the pond. Fields may be added to them, none is renamed. */

const time = orNull(t.string);
const milliseconds = orNull(t.number);

export const Task = named(
  'Task',
  t.intersection([
    t.type({
      task: t.string,
      execution_seq: t.number,
      factory_name: orNull(t.string),
      config_path: t.string,
      state: t.string,
      attempts: t.number,
      started_at: time,
      completed_at: time,
      duration_ms: milliseconds,
      error_message: orNull(t.string),
      config_txn_seq: orNull(t.number),
      trace_id: orNull(t.string),
      skip_cause: orNull(t.string),
      not_before: time,
      report: t.unknown,
    }),
    t.partial({ firing: t.string, due_at: time }),
  ]),
);

/** Output of an attempt of a task. */
export const Output = named(
  'Output',
  t.type({
    task: t.string,
    config_path: t.string,
    state: t.string,
    attempt: t.number,
    attempts_kept: t.array(t.number),
    lines: t.array(
      t.type({
        number: t.number,
        time: t.string,
        level: t.string,
        event: t.string,
        fields: t.record(t.string, t.unknown),
      }),
    ),
  }),
);

const Gate = named(
  'Gate',
  t.type({
    config_path: t.string,
    factory_name: orNull(t.string),
    state: t.string,
    completed_at: t.string,
    duration_ms: milliseconds,
    error_message: orNull(t.string),
    report: t.unknown,
  }),
);

export const Transaction = named(
  'Transaction',
  t.intersection([
    t.type({
      txn_seq: t.number,
      txn_id: t.string,
      transaction_type: t.keyof({ read: null, write: null }),
      status: t.keyof({ committed: null, completed: null, failed: null, incomplete: null }),
      cli_args: t.array(t.string),
      started_at: t.string,
      duration_ms: milliseconds,
      data_fs_version: orNull(t.number),
      error_message: orNull(t.string),
      plan_checksum: orNull(t.string),
      trace_id: orNull(t.string),
      factory_name: orNull(t.string),
      config_path: orNull(t.string),
      tasks: t.array(Task),
    }),
    t.partial({ gone: t.boolean, caused_by: t.array(t.unknown), gates: t.array(Gate) }),
  ]),
);

export const Plan = named(
  'Plan',
  t.type({
    txn_seq: t.number,
    checksum: t.string,
    recorded_checksum: t.string,
    schedule: t.unknown,
    changes_total: t.number,
    changes: t.array(
      t.intersection([
        t.type({ kind: t.string, path: t.string, file_type: t.string }),
        t.partial({ from: t.string }),
      ]),
    ),
    tasks: t.array(
      t.type({
        execution_seq: t.number,
        name: t.string,
        config_path: t.string,
        factory: t.string,
        depends_on: t.array(t.string),
        batch: t.number,
      }),
    ),
    batches: t.array(t.array(t.number)),
    edges: t.array(t.unknown),
    skipped: t.array(t.type({ path: t.string, reason: t.string, reason_tag: t.string })),
    rejected: t.array(t.type({ path: t.string, errors: t.array(t.string) })),
    warnings: t.array(t.string),
  }),
);

const Attempt = t.type({
  attempt: t.number,
  state: t.string,
  pending_at: time,
  started_at: time,
  ended_at: time,
  duration_ms: milliseconds,
  error_message: orNull(t.string),
  report: t.unknown,
});

const TracedCommit = t.type({
  txn_seq: t.number,
  txn_id: t.string,
  status: t.string,
  cli_args: t.array(t.string),
  started_at: t.string,
  completed_at: time,
  duration_ms: milliseconds,
  trace_id: orNull(t.string),
  tasks: t.array(
    t.type({
      task: t.string,
      config_path: t.string,
      state: t.string,
      runner: t.unknown,
      attempts: t.array(Attempt),
    }),
  ),
});

export const Trace = named(
  'Trace',
  t.intersection([
    TracedCommit,
    t.type({ pond_id: t.string, trace_url: orNull(t.string) }),
    t.partial({ derived: t.array(TracedCommit), firing: t.string, due_at: time }),
  ]),
);

const Unfinished = named(
  'Unfinished',
  t.type({
    transactions: t.array(t.type({ txn_seq: t.number, txn_id: t.string, is_running: t.boolean })),
    tasks: t.array(t.intersection([Task, t.type({ runner: t.unknown, command: t.string })])),
    failed_tasks: t.array(t.intersection([Task, t.type({ command: t.string })])),
  }),
);

/** A task of a firing also has `firing` and `due_at`. */
export const Firing = named(
  'Firing',
  t.type({ firing: t.string, config_path: t.string, due_at: t.string, tasks: t.array(Task) }),
);

const FiringOutcome = t.type({
  firing: t.string,
  due_at: t.string,
  state: t.string,
  started_at: time,
  completed_at: time,
  duration_ms: milliseconds,
  error_message: orNull(t.string),
});

export const Schedule = named(
  'Schedule',
  t.type({
    path: t.string,
    schedule: orNull(t.string),
    timezone: orNull(t.string),
    missed: orNull(t.string),
    problem: orNull(t.string),
    next_due: time,
    last: orNull(FiringOutcome),
    failures: t.number,
    failing_since: time,
    firings: t.array(FiringOutcome),
  }),
);

const Batch = t.type({
  at: t.string,
  txn_seq: orNull(t.number),
  taken: t.number,
  unchanged: t.number,
  refused: t.number,
});

export const Watch = named(
  'Watch',
  t.type({
    path: t.string,
    description: orNull(t.string),
    enabled: t.boolean,
    host: orNull(t.string),
    folder: orNull(t.string),
    pattern: orNull(t.string),
    into: orNull(t.string),
    as: orNull(t.string),
    settle_ms: milliseconds,
    after: orNull(t.string),
    move_to: orNull(t.string),
    refused_to: orNull(t.string),
    problem: orNull(t.type({ message: t.string, since: time })),
    last_batch: orNull(Batch),
    batches: t.array(Batch),
    refused: t.array(
      t.type({
        file: t.string,
        size: t.number,
        modified_at: t.string,
        at: t.string,
        reason: t.string,
        moved_to: orNull(t.string),
      }),
    ),
  }),
);

/** Tasks that have not begun. */
const Queue = named('Queue', t.type({ pending: t.number, oldest_at: time, oldest_age_ms: orNull(t.number) }));

/** Processes that run tasks, and what waits for them. */
export const Fleet = named(
  'Fleet',
  t.type({
    workers: t.array(
      t.type({
        runner_id: t.string,
        host: orNull(t.string),
        pid: t.number,
        command: t.string,
        started_at: time,
        background: t.boolean,
        queues: orNull(t.array(t.string)),
        concurrency: orNull(t.number),
        running: t.array(
          t.type({ task: t.string, config_path: t.string, attempt: t.number, started_at: time }),
        ),
        waiting: t.number,
        lacks: t.array(t.type({ task: t.string, config_path: t.string, reason: t.string })),
      }),
    ),
    queue: Queue,
  }),
);

export const Status = named(
  'Status',
  t.intersection([
    t.type({
      pond_id: t.string,
      birthplace: t.string,
      last_txn_seq: t.number,
      data_fs_version: t.number,
      incomplete: t.type({ transactions: t.number, tasks: t.number }),
      running: t.type({ transactions: t.number, tasks: t.number }),
      failed_tasks: t.number,
      queue: Queue,
      workers: t.number,
    }),
    t.partial({
      remotes: t.array(t.unknown),
      replica_of: t.unknown,
      schedules: t.array(Schedule),
      watches: t.array(Watch),
      untaken: t.array(t.type({ task: t.string, config_path: t.string, reasons: t.array(t.string) })),
      post_commit: Unfinished,
    }),
  ]),
);

/** An entry by what its tasks have come to. */
export const EntryStanding = named(
  'EntryStanding',
  t.type({
    config_path: t.string,
    factory_name: orNull(t.string),
    last: orNull(Task),
    failing_since: time,
    failures: t.number,
    outcomes: t.array(t.type({ task: t.string, state: t.string, at: time })),
  }),
);

export const Write = named(
  'Write',
  t.intersection([
    t.type({
      txn_seq: t.number,
      txn_id: t.string,
      data_fs_version: t.number,
      status: t.keyof({ committed: null, completed: null }),
      tasks: t.array(Task),
    }),
    t.partial({ suppressed: t.string, deferred_to: t.string, durability: t.string, recorded: t.boolean }),
  ]),
);

export const Recovery = named(
  'Recovery',
  t.type({
    dry_run: t.boolean,
    rolled_forward: t.array(t.unknown),
    failed: t.array(t.unknown),
    rebuilt: t.number,
    host_plans: t.array(t.unknown),
    host_plans_problem: orNull(t.string),
    process_groups: t.array(t.unknown),
    tasks: t.array(Task),
    remaining: Unfinished,
  }),
);

export const Factory = named(
  'Factory',
  t.type({ name: t.string, description: t.string, kind: t.string, modes: t.array(t.string) }),
);

export const FactoryReference = named(
  'FactoryReference',
  t.intersection([
    Factory,
    t.type({
      run_when: t.string,
      keys: t.array(t.type({ name: t.string, needed: t.unknown, meaning: t.string })),
      example: orNull(t.string),
    }),
  ]),
);

export const Failure = named(
  'Error',
  t.type({
    error: t.intersection([
      t.type({ tag: t.string, message: t.string, remedy: orNull(t.string) }),
      t.record(t.string, t.unknown),
    ]),
  }),
);
