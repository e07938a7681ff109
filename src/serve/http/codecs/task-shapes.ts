import * as t from 'io-ts';
import { named, orNull } from './schema-of.js';

/** The shapes of answers about tasks and what sets them off. Fields may be added to them, none is renamed. */

export const time = orNull(t.string);

export const milliseconds = orNull(t.number);

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
