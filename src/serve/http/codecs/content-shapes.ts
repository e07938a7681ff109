import * as t from 'io-ts';
import { named, orNull } from './schema-of.js';
import { time } from './task-shapes.js';

/** The shapes of answers about what is in the pond. Fields may be added to them, none is renamed. */

export const Entry = named(
  'Entry',
  t.type({
    path: t.string,
    file_type: t.string,
    size: orNull(t.number),
    version: t.number,
    txn_seq: t.number,
    sha256: orNull(t.string),
    factory: orNull(t.string),
    timestamp: time,
    link_target: orNull(t.string),
    node_id: orNull(t.string),
  }),
);

export const Version = named(
  'Version',
  t.type({
    version: t.number,
    txn_seq: t.number,
    timestamp: t.string,
    size: t.number,
    sha256: orNull(t.string),
    min_event_time: time,
    max_event_time: time,
  }),
);

const State = t.type({
  file_type: t.string,
  size: orNull(t.number),
  version: t.number,
  txn_seq: t.number,
  sha256: orNull(t.string),
  factory: orNull(t.string),
});

export const Differences = named(
  'Differences',
  t.type({
    from: t.number,
    to: t.number,
    total: t.number,
    differences: t.array(
      t.intersection([
        t.type({ kind: t.string, path: t.string, before: orNull(State), after: orNull(State) }),
        t.partial({ from: t.string, has_new_content: t.boolean }),
      ]),
    ),
  }),
);

export const PathHistory = named(
  'PathHistory',
  t.type({
    path: t.string,
    commits: t.array(
      t.type({
        txn_seq: t.number,
        timestamp: t.string,
        operation: t.string,
        kind: t.string,
        path: t.string,
        from: orNull(t.string),
        version: t.number,
        size: t.number,
        cli_args: t.array(t.string),
      }),
    ),
  }),
);

export const QueryResult = named(
  'QueryResult',
  t.type({
    columns: t.array(t.string),
    rows: t.array(t.array(t.unknown)),
    is_cut: t.boolean,
  }),
);
