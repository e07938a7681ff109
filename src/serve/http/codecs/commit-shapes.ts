import * as t from 'io-ts';
import { named, orNull } from './schema-of.js';
import { milliseconds, Task, time } from './task-shapes.js';

/** The shapes of answers about commits, their plans and their traces. Fields may be added to them, none is renamed. */

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
