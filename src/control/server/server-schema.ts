import { sha256 } from '../../domain/documents/sha256.js';
import { AFTER_ENDS } from './after-ends.js';
import { FOLLOWING } from './following-states.js';

/*
 * The control table's schema on a server, in PostgreSQL's words: what `schema/statements.ts` says, with what runners need
 * that live on many machines. Whoever changes it while a version is unreleased changes the statements; after that the
 * change is a further list in `MIGRATIONS`.
 */

/** Version of everything in a pond's schema. */
export const SERVER_SCHEMA_VERSION = 1;

const LOG = [
  // A function, which a session keeps: each statement that adds records would read again what stands in the table itself.
  `CREATE FUNCTION is_record(record_type TEXT, transaction_type TEXT, txn_seq BIGINT, parent_txn_seq BIGINT,
     execution_seq BIGINT, config_path TEXT, skip_cause TEXT, cli_args TEXT, environment TEXT, caused_by TEXT,
     report TEXT) RETURNS BOOLEAN LANGUAGE plpgsql IMMUTABLE AS $is$
   BEGIN
     RETURN record_type IN (
         'begin', 'intended', 'data_committed', 'completed', 'failed', 'post_commit_pending',
         'post_commit_started', 'post_commit_completed', 'post_commit_failed',
         'post_commit_skipped', 'post_commit_rolled_back', 'post_commit_dismissed',
         'gate_completed', 'gate_failed', 'firing_pending', 'firing_started', 'firing_completed',
         'firing_failed', 'firing_skipped', 'firing_dismissed', 'post_commit_cancelled', 'firing_cancelled')
       AND transaction_type IN ('read', 'write', 'post_commit', 'firing')
       AND (transaction_type = 'post_commit') = (record_type LIKE 'post\\_commit\\_%')
       AND (transaction_type = 'firing') = (record_type LIKE 'firing\\_%')
       AND (record_type <> 'data_committed' OR transaction_type = 'write')
       AND (transaction_type NOT IN ('post_commit', 'firing')
            OR (parent_txn_seq = txn_seq AND execution_seq IS NOT NULL AND config_path IS NOT NULL))
       AND (skip_cause IS NULL
            OR skip_cause IN ('dependency', 'run_when', 'superseded', 'configuration', 'rebuilt', 'missed'))
       AND (cli_args IS NULL OR cli_args::json IS NOT NULL)
       AND (environment IS NULL OR environment::json IS NOT NULL)
       AND (caused_by IS NULL OR caused_by::json IS NOT NULL)
       AND (report IS NULL OR report::json IS NOT NULL);
   END $is$`,
  `CREATE TABLE control_table (
     record_id        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     txn_seq          BIGINT NOT NULL,
     txn_id           TEXT NOT NULL,
     based_on_seq     BIGINT,
     record_type      TEXT NOT NULL,
     transaction_type TEXT NOT NULL,
     timestamp        BIGINT NOT NULL,
     cli_args         TEXT,
     environment      TEXT,
     data_fs_version  BIGINT,
     error_message    TEXT,
     duration_ms      DOUBLE PRECISION,
     parent_txn_seq   BIGINT,
     execution_seq    BIGINT,
     factory_name     TEXT,
     config_path      TEXT,
     attempt          BIGINT,
     trace_parent     TEXT,
     config_txn_seq   BIGINT,
     caused_by        TEXT,
     report           TEXT,
     not_before       BIGINT,
     skip_cause       TEXT,
     due_at           BIGINT,
     -- Who wrote the record: the claim under which it was made, and its runner; null where no task was run.
     token            BIGINT,
     runner_id        TEXT,
     CONSTRAINT is_a_record CHECK (is_record(record_type, transaction_type, txn_seq, parent_txn_seq, execution_seq,
       config_path, skip_cause, cli_args, environment, caused_by, report))
   )`,
  `CREATE FUNCTION keep_records() RETURNS trigger LANGUAGE plpgsql AS $keep$
   BEGIN
     IF TG_OP = 'DELETE' THEN
       IF OLD.transaction_type = 'read' THEN RETURN OLD; END IF;
       RAISE EXCEPTION 'only records of reads may be deleted';
     END IF;
     RAISE EXCEPTION 'control_table is append-only';
   END $keep$`,
  `CREATE TRIGGER control_table_keeps BEFORE UPDATE OR DELETE ON control_table
   FOR EACH ROW EXECUTE FUNCTION keep_records()`,
  `CREATE TRIGGER control_table_is_not_emptied BEFORE TRUNCATE ON control_table
   FOR EACH STATEMENT EXECUTE FUNCTION keep_records()`,
  'CREATE INDEX records_of_transaction ON control_table (txn_id, execution_seq)',
  `CREATE INDEX begun_by_type ON control_table (transaction_type, record_id) WHERE record_type = 'begin'`,
  `CREATE INDEX begun_at_seq ON control_table (txn_seq, record_id) WHERE record_type = 'begin'`,
  'CREATE INDEX caused_transactions ON control_table (txn_seq) WHERE caused_by IS NOT NULL',
  'CREATE UNIQUE INDEX firings_by_due ON control_table (config_path, due_at) WHERE due_at IS NOT NULL',
  'CREATE INDEX firings_in_order ON control_table (txn_seq, record_id) WHERE due_at IS NOT NULL',
  `CREATE UNIQUE INDEX commits ON control_table (txn_seq) WHERE record_type = 'data_committed'`,
];

const DERIVED = [
  `CREATE TABLE open_transactions (
     txn_id TEXT PRIMARY KEY, txn_seq BIGINT NOT NULL, based_on_seq BIGINT,
     transaction_type TEXT NOT NULL, started_at BIGINT NOT NULL, begin_id BIGINT NOT NULL,
     data_committed INTEGER NOT NULL DEFAULT 0
   )`,
  // Beside what SQLite has: what decides which task a worker may take next. `needs_left` counts the unfinished tasks that it waits
  // for by name or by order; those of earlier stages are told by `stage`. Tasks with an equal `setup` are run alike.
  `CREATE TABLE task_states (
     parent_txn_seq BIGINT NOT NULL, execution_seq BIGINT NOT NULL, txn_id TEXT NOT NULL,
     config_path TEXT NOT NULL, state TEXT NOT NULL, skip_cause TEXT,
     factory_name TEXT, attempts BIGINT NOT NULL DEFAULT 0, not_before BIGINT,
     needs_left INTEGER NOT NULL DEFAULT 0, stage INTEGER NOT NULL DEFAULT 0,
     side_by_side INTEGER, queue TEXT, host TEXT, config_txn_seq BIGINT, reopened BOOLEAN NOT NULL DEFAULT FALSE,
     setup TEXT,
     PRIMARY KEY (parent_txn_seq, execution_seq)
   )`,
  `CREATE TABLE task_needs (
     parent_txn_seq BIGINT NOT NULL, execution_seq BIGINT NOT NULL, needs BIGINT NOT NULL,
     PRIMARY KEY (parent_txn_seq, execution_seq, needs)
   )`,
  'CREATE INDEX needed_tasks ON task_needs (parent_txn_seq, needs)',
  `CREATE INDEX ready_tasks ON task_states (parent_txn_seq, execution_seq)
   WHERE state IN ('pending', 'started') AND needs_left = 0`,
  `CREATE INDEX started_of_path ON task_states (config_path, parent_txn_seq) WHERE state = 'started'`,
  `CREATE INDEX unfinished_of_stage ON task_states (txn_id, stage)
   WHERE state IN ('pending', 'started')`,
  // With what tells which of them are ready, so that whichever of the two the planner takes goes through ready ones alone.
  `CREATE INDEX unfinished_tasks ON task_states (parent_txn_seq, execution_seq, needs_left)
   WHERE state IN ('pending', 'started')`,
  `CREATE INDEX failed_tasks ON task_states (parent_txn_seq, execution_seq)
   WHERE state IN ('failed', 'rolled_back')`,
  `CREATE INDEX ended_tasks ON task_states (config_path, parent_txn_seq)
   WHERE state NOT IN ('pending', 'started')`,
  // All unfinished tasks are at this place or behind it, all claims have this token or a later one: what is looked for again and again is not looked
  // for among the ended ones, which stay there dead until the server has cleaned up, and nothing is cleaned up that anybody's long transaction may see.
  `CREATE TABLE unfinished_from (
     parent_txn_seq BIGINT NOT NULL, execution_seq BIGINT NOT NULL, token BIGINT NOT NULL,
     moved_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp()
   )`,
  'INSERT INTO unfinished_from (parent_txn_seq, execution_seq, token) VALUES (0, 0, 0)',
  // Whoever holds the claim writes the record: that was made sure of in the same transaction.
  `CREATE FUNCTION sign_record() RETURNS trigger LANGUAGE plpgsql AS $sign$
   BEGIN
     SELECT claims.token, claims.runner_id INTO NEW.token, NEW.runner_id FROM claims
     WHERE claims.parent_txn_seq = NEW.parent_txn_seq AND claims.execution_seq = NEW.execution_seq;
     RETURN NEW;
   END $sign$`,
  `CREATE TRIGGER records_are_signed BEFORE INSERT ON control_table
   FOR EACH ROW WHEN (NEW.token IS NULL AND NEW.transaction_type IN ('post_commit', 'firing'))
   EXECUTE FUNCTION sign_record()`,
  ...FOLLOWING,
  AFTER_ENDS,
];

const BESIDE = [
  'CREATE TABLE plans (checksum TEXT PRIMARY KEY, plan TEXT NOT NULL)',
  `CREATE TABLE commit_plans (
     txn_id TEXT PRIMARY KEY, txn_seq BIGINT NOT NULL, checksum TEXT NOT NULL REFERENCES plans,
     state TEXT NOT NULL CHECK (state IN ('prepared', 'active'))
   )`,
  // Counts how often the writer's lock was taken, by anybody.
  'CREATE SEQUENCE writer_turns',
  // A runner lives as long as its session holds the lock of its name, and until its lease ends, by this clock.
  `CREATE TABLE runners (
     runner_id TEXT PRIMARY KEY, pid BIGINT NOT NULL, command TEXT NOT NULL, started_at BIGINT NOT NULL,
     boot_id TEXT, pid_namespace TEXT, background INTEGER NOT NULL DEFAULT 0,
     origin TEXT CHECK (origin IS NULL OR origin::json IS NOT NULL),
     -- Of a worker: where it is, the queues that it takes tasks of (JSON), and how many tasks it runs side by side.
     host TEXT, queues TEXT, concurrency INTEGER,
     lease_until TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp() + interval '15 s'
   )`,
  `CREATE TABLE gone_commits (
     txn_id TEXT PRIMARY KEY, txn_seq BIGINT NOT NULL, noticed_at BIGINT NOT NULL,
     replaced INTEGER NOT NULL DEFAULT 0
   )`,
  `CREATE TABLE claims (
     token BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     txn_id TEXT NOT NULL, parent_txn_seq BIGINT NOT NULL, execution_seq BIGINT NOT NULL,
     config_path TEXT NOT NULL, attempts BIGINT NOT NULL, runner_id TEXT NOT NULL REFERENCES runners,
     running INTEGER NOT NULL DEFAULT 0, left_by_other INTEGER NOT NULL DEFAULT 0, waits_for BIGINT,
     cancelled INTEGER NOT NULL DEFAULT 0,
     UNIQUE (parent_txn_seq, execution_seq)
   )`,
  'CREATE INDEX claims_of_path ON claims (config_path, token)',
  'CREATE INDEX claims_of_runner ON claims (runner_id)',
  'CREATE INDEX claims_of_transaction ON claims (txn_id)',
  // Tasks that a worker cannot or may not run; 0: all of the commit. A while later it looks again.
  `CREATE TABLE refusals (
     runner_id TEXT NOT NULL REFERENCES runners ON DELETE CASCADE, parent_txn_seq BIGINT NOT NULL,
     execution_seq BIGINT NOT NULL, reason TEXT NOT NULL,
     refused_at TIMESTAMPTZ NOT NULL DEFAULT clock_timestamp(),
     PRIMARY KEY (runner_id, parent_txn_seq, execution_seq)
   )`,
  `CREATE TABLE cancellations (
     parent_txn_seq BIGINT NOT NULL, execution_seq BIGINT NOT NULL, attempt BIGINT NOT NULL,
     message TEXT NOT NULL, PRIMARY KEY (parent_txn_seq, execution_seq)
   )`,
  `CREATE TABLE outputs (
     parent_txn_seq BIGINT NOT NULL, execution_seq BIGINT NOT NULL, attempt BIGINT NOT NULL,
     kept_at BIGINT NOT NULL, lines TEXT NOT NULL, PRIMARY KEY (parent_txn_seq, execution_seq, attempt)
   )`,
  `CREATE TABLE process_groups (
     token BIGINT PRIMARY KEY, config_path TEXT NOT NULL, pgid BIGINT NOT NULL, marker TEXT NOT NULL,
     origin TEXT CHECK (origin IS NULL OR origin::json IS NOT NULL)
   )`,
  'CREATE INDEX groups_of_path ON process_groups (config_path)',
  `CREATE TABLE episodes (
     episode_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, notifier TEXT NOT NULL, watched TEXT NOT NULL,
     first_txn_seq BIGINT NOT NULL, first_execution_seq BIGINT NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('beginning', 'open', 'closed')),
     telling_txn_seq BIGINT, telling_execution_seq BIGINT,
     begun_txn_seq BIGINT, begun_execution_seq BIGINT, ended_txn_seq BIGINT, ended_execution_seq BIGINT,
     ended_by TEXT CHECK (ended_by IN ('notice', 'dismissal')),
     CHECK ((state = 'closed') = (ended_by IS NOT NULL)),
     CHECK ((state = 'beginning') = (begun_txn_seq IS NULL))
   )`,
  `CREATE UNIQUE INDEX unended_episodes ON episodes (notifier, watched) WHERE state <> 'closed'`,
  'CREATE INDEX episodes_of_watched ON episodes (watched, notifier, first_txn_seq)',
  `CREATE INDEX episodes_being_told ON episodes (telling_txn_seq, telling_execution_seq)
   WHERE telling_txn_seq IS NOT NULL`,
  `CREATE TABLE watch_states (
     watch TEXT PRIMARY KEY, known_txn_seq BIGINT NOT NULL DEFAULT 0,
     problem TEXT, problem_since BIGINT,
     CHECK ((problem IS NULL) = (problem_since IS NULL))
   )`,
  `CREATE TABLE arrivals (
     watch TEXT NOT NULL, path TEXT NOT NULL, size BIGINT NOT NULL, modified_at DOUBLE PRECISION NOT NULL,
     sha256 TEXT, outcome TEXT NOT NULL CHECK (outcome IN ('taken', 'unchanged', 'refused')),
     reason TEXT, txn_seq BIGINT, arrived_at BIGINT NOT NULL, aside TEXT, settled INTEGER NOT NULL DEFAULT 0,
     PRIMARY KEY (watch, path), CHECK ((outcome = 'refused') = (reason IS NOT NULL))
   )`,
  'CREATE INDEX arrivals_in_order ON arrivals (watch, outcome, arrived_at)',
  `CREATE TABLE watch_batches (
     batch_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, watch TEXT NOT NULL, ended_at BIGINT NOT NULL,
     txn_seq BIGINT, taken BIGINT NOT NULL, unchanged BIGINT NOT NULL, refused BIGINT NOT NULL
   )`,
  'CREATE INDEX batches_of_watch ON watch_batches (watch, batch_id)',
];

/** One row per task, of a commit or of a firing: the part that both views have in common. */
const tasksOf = (type: 'post_commit' | 'firing', columns: string): string => `
   WITH history AS (
     SELECT txn_id, execution_seq, max(record_id) AS last_id, max(due_at) AS due_at,
            max(record_id) FILTER (WHERE record_type = '${type}_started') AS started_id,
            count(*) FILTER (WHERE record_type = '${type}_started') AS attempts
     FROM control_table WHERE transaction_type = '${type}' GROUP BY txn_id, execution_seq
   )
   SELECT ${columns},
          last.factory_name, last.config_path, substr(last.record_type, ${type.length + 2}) AS state, history.attempts,
          started.timestamp AS started_at,
          CASE WHEN last.record_type NOT IN ('${type}_pending', '${type}_started') THEN last.timestamp END AS completed_at,
          last.duration_ms, last.error_message
   FROM history
   JOIN control_table AS last ON last.record_id = history.last_id
   LEFT JOIN control_table AS started ON started.record_id = history.started_id`;

const VIEWS = [
  'CREATE VIEW transactions AS SELECT * FROM control_table',
  `CREATE VIEW post_commit_tasks AS ${tasksOf(
    'post_commit',
    `last.parent_txn_seq || '.' || last.execution_seq AS task, last.parent_txn_seq, last.execution_seq, last.txn_id`,
  )}`,
  `CREATE VIEW firings AS ${tasksOf(
    'firing',
    'last.txn_id AS firing, last.execution_seq % 1048576 AS place, history.due_at',
  )}`,
];

/** Everything that is in a pond's schema, in an order in which it can be made. */
export const SERVER_STATEMENTS: readonly string[] = [
  // `stale_refused`: ends of tasks that somebody wanted to record who held them no longer. `made_by`: digest of these statements.
  `CREATE TABLE meta (
     pond_id TEXT NOT NULL, schema_version INTEGER NOT NULL, made_by TEXT NOT NULL,
     stale_refused BIGINT NOT NULL DEFAULT 0
   )`,
  ...LOG,
  ...DERIVED,
  ...BESIDE,
  ...VIEWS,
];

/** Tells the schema of this version from one that a build before its release has left under the same number. */
export const MADE_BY = sha256(SERVER_STATEMENTS.join(';'));

/** Statements that bring a schema of version n to version n + 1, beginning with version 1. */
export const MIGRATIONS: readonly (readonly string[])[] = [];
