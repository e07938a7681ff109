import * as t from 'io-ts';
import { named, orNull } from './schema-of.js';
import { milliseconds, Schedule, Task, time } from './task-shapes.js';

/** The shapes of answers about the pond as a whole, and of failures. Fields may be added to them, none is renamed. */

const Unfinished = named(
  'Unfinished',
  t.type({
    transactions: t.array(t.type({ txn_seq: t.number, txn_id: t.string, is_running: t.boolean })),
    tasks: t.array(t.intersection([Task, t.type({ runner: t.unknown, command: t.string })])),
    failed_tasks: t.array(t.intersection([Task, t.type({ command: t.string })])),
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
