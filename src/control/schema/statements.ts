/*
 * The control database as this version makes it, statement by statement. Whoever changes it while a version is
 * unreleased only changes the statements: an older database is migrated to what they say (`migrate.ts`), so a new
 * column of an old table is nullable or has a default. A released version's statements are kept as digests in
 * `released-schemas.ts`, and the next change raises {@link SCHEMA_VERSION}.
 */

/** Version of everything in `control.db`. A newer one is refused; older ones are read as they are and migrated by the first command that writes. */
export const SCHEMA_VERSION = 2;

/**
 * A condition that a column has one of some values. An IN of more than two is a table that SQLite makes again for every row
 * that it checks.
 */
const oneOf = (column: string, values: readonly string[]): string =>
  values.map((value) => `${column} = '${value}'`).join(' OR ');

const RECORD_TYPES = [
  ...['begin', 'intended', 'data_committed', 'completed', 'failed'],
  ...['post_commit_pending', 'post_commit_started', 'post_commit_completed', 'post_commit_failed'],
  ...['post_commit_skipped', 'post_commit_rolled_back', 'post_commit_dismissed'],
  ...['gate_completed', 'gate_failed'],
  ...['firing_pending', 'firing_started', 'firing_completed'],
  ...['firing_failed', 'firing_skipped', 'firing_dismissed'],
  ...['post_commit_cancelled', 'firing_cancelled'],
];

const SKIP_CAUSES = ['dependency', 'run_when', 'superseded', 'configuration', 'rebuilt', 'missed'];

/** The log itself. Rows are only ever added; those of reads may be deleted, too. */
const LOG = [
  `CREATE TABLE control_table (
     record_id        INTEGER PRIMARY KEY AUTOINCREMENT,
     txn_seq          INTEGER NOT NULL,
     txn_id           TEXT NOT NULL,
     based_on_seq     INTEGER,
     record_type      TEXT NOT NULL CHECK (${oneOf('record_type', RECORD_TYPES)}),
     transaction_type TEXT NOT NULL CHECK (${oneOf('transaction_type', ['post_commit', 'firing', 'read', 'write'])}),
     timestamp        INTEGER NOT NULL,
     cli_args         TEXT CHECK (cli_args IS NULL OR json_valid(cli_args)),
     environment      TEXT CHECK (environment IS NULL OR json_valid(environment)),
     data_fs_version  INTEGER,
     error_message    TEXT,
     duration_ms      INTEGER,
     parent_txn_seq   INTEGER,
     execution_seq    INTEGER,
     factory_name     TEXT,
     config_path      TEXT,
     attempt          INTEGER,
     trace_parent     TEXT,
     config_txn_seq   INTEGER,
     caused_by        TEXT CHECK (caused_by IS NULL OR json_valid(caused_by)),
     report           TEXT CHECK (report IS NULL OR json_valid(report)),
     not_before       INTEGER,
     skip_cause       TEXT CHECK (skip_cause IS NULL OR ${oneOf('skip_cause', SKIP_CAUSES)}),
     due_at           INTEGER,
     CHECK ((transaction_type = 'post_commit') = (record_type GLOB 'post_commit_*')),
     CHECK ((transaction_type = 'firing') = (record_type GLOB 'firing_*')),
     CHECK (record_type <> 'data_committed' OR transaction_type = 'write'),
     CHECK (transaction_type NOT IN ('post_commit', 'firing')
            OR (parent_txn_seq = txn_seq AND execution_seq IS NOT NULL AND config_path IS NOT NULL))
   )`,
  `CREATE TRIGGER control_table_keeps BEFORE UPDATE ON control_table
   BEGIN SELECT RAISE(ABORT, 'control_table is append-only'); END`,
  // INSERT OR REPLACE deletes without delete triggers.
  `CREATE TRIGGER control_table_replaces_nothing BEFORE INSERT ON control_table
   WHEN EXISTS (SELECT 1 FROM control_table WHERE record_id = NEW.record_id)
   BEGIN SELECT RAISE(ABORT, 'control_table is append-only'); END`,
  `CREATE TRIGGER control_table_forgets_reads_only BEFORE DELETE ON control_table
   WHEN OLD.transaction_type <> 'read'
   BEGIN SELECT RAISE(ABORT, 'only records of reads may be deleted'); END`,
  // A transaction with its tasks, and one task.
  'CREATE INDEX records_of_transaction ON control_table (txn_id, execution_seq)',
  // The newest transactions of a type: an index ends with the record's id.
  `CREATE INDEX begun_by_type ON control_table (transaction_type) WHERE record_type = 'begin'`,
  `CREATE INDEX begun_at_seq ON control_table (txn_seq) WHERE record_type = 'begin'`,
  `CREATE INDEX caused_transactions ON control_table (txn_seq) WHERE caused_by IS NOT NULL`,
  // A firing is recorded once: its first record says when it was due.
  `CREATE UNIQUE INDEX firings_by_due ON control_table (config_path, due_at) WHERE due_at IS NOT NULL`,
  // The newest firings, whatever they are of.
  `CREATE INDEX firings_in_order ON control_table (txn_seq) WHERE due_at IS NOT NULL`,
  // No two commits share a sequence number.
  `CREATE UNIQUE INDEX commits ON control_table (txn_seq) WHERE record_type = 'data_committed'`,
];

/**
 * Tables that the log's records add up to, as far as it must be found without reading the log: transactions without a
 * terminal record, and the state of each task. Kept by triggers, so that it cannot drift from the log.
 */
const DERIVED = [
  `CREATE TABLE open_transactions (
     txn_id TEXT PRIMARY KEY, txn_seq INTEGER NOT NULL, based_on_seq INTEGER,
     transaction_type TEXT NOT NULL, started_at INTEGER NOT NULL, begin_id INTEGER NOT NULL,
     data_committed INTEGER NOT NULL DEFAULT 0
   ) WITHOUT ROWID`,
  `CREATE TRIGGER transaction_opens AFTER INSERT ON control_table WHEN NEW.record_type = 'begin' BEGIN
     INSERT INTO open_transactions (txn_id, txn_seq, based_on_seq, transaction_type, started_at, begin_id)
     VALUES (NEW.txn_id, NEW.txn_seq, NEW.based_on_seq, NEW.transaction_type, NEW.timestamp, NEW.record_id);
   END`,
  `CREATE TRIGGER transaction_commits AFTER INSERT ON control_table WHEN NEW.record_type = 'data_committed' BEGIN
     UPDATE open_transactions SET data_committed = 1 WHERE txn_id = NEW.txn_id;
   END`,
  `CREATE TRIGGER transaction_closes AFTER INSERT ON control_table
   WHEN NEW.record_type IN ('completed', 'failed') BEGIN
     DELETE FROM open_transactions WHERE txn_id = NEW.txn_id;
   END`,
  `CREATE TABLE task_states (
     parent_txn_seq INTEGER NOT NULL, execution_seq INTEGER NOT NULL, txn_id TEXT NOT NULL,
     config_path TEXT NOT NULL, state TEXT NOT NULL, skip_cause TEXT,
     PRIMARY KEY (parent_txn_seq, execution_seq)
   ) WITHOUT ROWID`,
  `CREATE INDEX unfinished_tasks ON task_states (parent_txn_seq, execution_seq)
   WHERE state IN ('pending', 'started')`,
  `CREATE INDEX failed_tasks ON task_states (parent_txn_seq, execution_seq)
   WHERE state IN ('failed', 'rolled_back')`,
  // What became of an entry, commit by commit.
  `CREATE INDEX ended_tasks ON task_states (config_path, parent_txn_seq)
   WHERE state NOT IN ('pending', 'started')`,
  `CREATE TRIGGER task_changes AFTER INSERT ON control_table
   WHEN NEW.transaction_type IN ('post_commit', 'firing') BEGIN
     INSERT INTO task_states (parent_txn_seq, execution_seq, txn_id, config_path, state, skip_cause)
     VALUES (NEW.parent_txn_seq, NEW.execution_seq, NEW.txn_id, NEW.config_path,
             replace(replace(NEW.record_type, 'post_commit_', ''), 'firing_', ''), NEW.skip_cause)
     ON CONFLICT DO UPDATE SET state = excluded.state, skip_cause = excluded.skip_cause;
   END`,
];

/** Tables of what is true now rather than recorded for ever. */
const BESIDE = [
  'CREATE TABLE meta (pond_id TEXT NOT NULL, schema_version INTEGER NOT NULL)',
  'CREATE TABLE plans (checksum TEXT PRIMARY KEY, plan TEXT NOT NULL)',
  `CREATE TABLE commit_plans (
     txn_id TEXT PRIMARY KEY, txn_seq INTEGER NOT NULL, checksum TEXT NOT NULL REFERENCES plans,
     state TEXT NOT NULL CHECK (state IN ('prepared', 'active'))
   ) WITHOUT ROWID`,
  `CREATE TABLE runners (
     runner_id TEXT PRIMARY KEY, pid INTEGER NOT NULL, command TEXT NOT NULL, started_at INTEGER NOT NULL,
     boot_id TEXT, pid_namespace TEXT,
     -- It takes up what others leave, and nobody waits for it.
     background INTEGER NOT NULL DEFAULT 0,
     -- Where the row was made, and by whom.
     origin TEXT CHECK (origin IS NULL OR json_valid(origin))
   ) WITHOUT ROWID`,
  // Commits that were recorded and that the table of the data does not have: an older copy of it was put back.
  // `replaced`: it has another commit under that number.
  `CREATE TABLE gone_commits (
     txn_id TEXT PRIMARY KEY, txn_seq INTEGER NOT NULL, noticed_at INTEGER NOT NULL,
     replaced INTEGER NOT NULL DEFAULT 0
   ) WITHOUT ROWID`,
  // AUTOINCREMENT: a token is never given out twice, also when the newest claim is gone.
  `CREATE TABLE claims (
     token INTEGER PRIMARY KEY AUTOINCREMENT,
     txn_id TEXT NOT NULL, parent_txn_seq INTEGER NOT NULL, execution_seq INTEGER NOT NULL,
     config_path TEXT NOT NULL, attempts INTEGER NOT NULL, runner_id TEXT NOT NULL REFERENCES runners,
     running INTEGER NOT NULL DEFAULT 0, left_by_other INTEGER NOT NULL DEFAULT 0,
     -- A task of a derived commit waits until the plan of this commit has ended.
     waits_for INTEGER,
     -- Its task was cancelled before it began, by somebody who does not hold it.
     cancelled INTEGER NOT NULL DEFAULT 0,
     UNIQUE (parent_txn_seq, execution_seq)
   )`,
  'CREATE INDEX claims_of_path ON claims (config_path, parent_txn_seq)',
  'CREATE INDEX running_claims ON claims (config_path) WHERE running = 1',
  'CREATE INDEX left_claims ON claims (runner_id) WHERE left_by_other = 1',
  // Attempts that somebody wants ended; their runners look here. Rows of attempts that have ended mean nothing.
  `CREATE TABLE cancellations (
     parent_txn_seq INTEGER NOT NULL, execution_seq INTEGER NOT NULL, attempt INTEGER NOT NULL,
     message TEXT NOT NULL, PRIMARY KEY (parent_txn_seq, execution_seq)
   ) WITHOUT ROWID`,
  // What attempts said, as text of lines, where that was recorded with their ends. Of others there are files.
  `CREATE TABLE outputs (
     parent_txn_seq INTEGER NOT NULL, execution_seq INTEGER NOT NULL, attempt INTEGER NOT NULL,
     kept_at INTEGER NOT NULL, lines TEXT NOT NULL, PRIMARY KEY (parent_txn_seq, execution_seq, attempt)
   ) WITHOUT ROWID`,
  // Apart from the claims, because a group outlives the claim that it was started under when its runner dies.
  `CREATE TABLE process_groups (
     token INTEGER PRIMARY KEY, config_path TEXT NOT NULL, pgid INTEGER NOT NULL, marker TEXT NOT NULL,
     origin TEXT CHECK (origin IS NULL OR json_valid(origin))
   )`,
  'CREATE INDEX groups_of_path ON process_groups (config_path)',
  // What entries that look at changes have told. `beginning`: an attempt to tell that it begins was made, perhaps in
  // vain. `telling_...`: the notifier's task whose attempt tells the beginning or the end now.
  `CREATE TABLE episodes (
     episode_id INTEGER PRIMARY KEY AUTOINCREMENT, notifier TEXT NOT NULL, watched TEXT NOT NULL,
     first_txn_seq INTEGER NOT NULL, first_execution_seq INTEGER NOT NULL,
     state TEXT NOT NULL CHECK (state IN ('beginning', 'open', 'closed')),
     telling_txn_seq INTEGER, telling_execution_seq INTEGER,
     begun_txn_seq INTEGER, begun_execution_seq INTEGER, ended_txn_seq INTEGER, ended_execution_seq INTEGER,
     ended_by TEXT CHECK (ended_by IN ('notice', 'dismissal')),
     CHECK ((state = 'closed') = (ended_by IS NOT NULL)),
     CHECK ((state = 'beginning') = (begun_txn_seq IS NULL))
   )`,
  `CREATE UNIQUE INDEX unended_episodes ON episodes (notifier, watched) WHERE state <> 'closed'`,
  'CREATE INDEX episodes_of_watched ON episodes (watched, notifier, first_txn_seq)',
  `CREATE INDEX episodes_being_told ON episodes (telling_txn_seq, telling_execution_seq)
   WHERE telling_txn_seq IS NOT NULL`,
  // How far the versions that watched files became are known here, and what keeps a watch from being looked at.
  `CREATE TABLE watch_states (
     watch TEXT PRIMARY KEY, known_txn_seq INTEGER NOT NULL DEFAULT 0,
     problem TEXT, problem_since INTEGER,
     CHECK ((problem IS NULL) = (problem_since IS NULL))
   ) WITHOUT ROWID`,
  // What became of the newest content of each file of a watched folder. `settled`: nothing is left to be done with it on
  // the host. `aside`: where it was put.
  `CREATE TABLE arrivals (
     watch TEXT NOT NULL, path TEXT NOT NULL, size INTEGER NOT NULL, modified_at INTEGER NOT NULL,
     sha256 TEXT, outcome TEXT NOT NULL CHECK (outcome IN ('taken', 'unchanged', 'refused')),
     reason TEXT, txn_seq INTEGER, arrived_at INTEGER NOT NULL, aside TEXT, settled INTEGER NOT NULL DEFAULT 0,
     PRIMARY KEY (watch, path), CHECK ((outcome = 'refused') = (reason IS NOT NULL))
   ) WITHOUT ROWID`,
  'CREATE INDEX arrivals_in_order ON arrivals (watch, outcome, arrived_at)',
  `CREATE TABLE watch_batches (
     batch_id INTEGER PRIMARY KEY AUTOINCREMENT, watch TEXT NOT NULL, ended_at INTEGER NOT NULL, txn_seq INTEGER,
     taken INTEGER NOT NULL, unchanged INTEGER NOT NULL, refused INTEGER NOT NULL
   )`,
  'CREATE INDEX batches_of_watch ON watch_batches (watch, batch_id)',
];

const VIEWS = [
  'CREATE VIEW transactions AS SELECT * FROM control_table',
  `CREATE VIEW post_commit_tasks AS
   WITH history AS (
     SELECT txn_id, execution_seq, max(record_id) AS last_id,
            max(CASE WHEN record_type = 'post_commit_started' THEN record_id END) AS started_id,
            sum(record_type = 'post_commit_started') AS attempts
     FROM control_table WHERE transaction_type = 'post_commit' GROUP BY txn_id, execution_seq
   )
   SELECT last.parent_txn_seq || '.' || last.execution_seq AS task,
          last.parent_txn_seq, last.execution_seq, last.txn_id, last.factory_name, last.config_path,
          substr(last.record_type, 13) AS state, history.attempts,
          started.timestamp AS started_at,
          CASE WHEN last.record_type NOT IN ('post_commit_pending', 'post_commit_started')
               THEN last.timestamp END AS completed_at,
          last.duration_ms, last.error_message
   FROM history
   JOIN control_table AS last ON last.record_id = history.last_id
   LEFT JOIN control_table AS started ON started.record_id = history.started_id`,
  // One row per task of a firing; place 0 is the scheduled entry itself.
  `CREATE VIEW firings AS
   WITH history AS (
     SELECT txn_id, execution_seq, max(record_id) AS last_id, max(due_at) AS due_at,
            max(CASE WHEN record_type = 'firing_started' THEN record_id END) AS started_id,
            sum(record_type = 'firing_started') AS attempts
     FROM control_table WHERE transaction_type = 'firing' GROUP BY txn_id, execution_seq
   )
   SELECT last.txn_id AS firing, last.execution_seq % 1048576 AS place, history.due_at,
          last.factory_name, last.config_path, substr(last.record_type, 8) AS state, history.attempts,
          started.timestamp AS started_at,
          CASE WHEN last.record_type NOT IN ('firing_pending', 'firing_started') THEN last.timestamp END AS completed_at,
          last.duration_ms, last.error_message
   FROM history
   JOIN control_table AS last ON last.record_id = history.last_id
   LEFT JOIN control_table AS started ON started.record_id = history.started_id`,
];

/** Everything that is in the database, in an order in which it can be made. */
export const STATEMENTS: readonly string[] = [...LOG, ...DERIVED, ...BESIDE, ...VIEWS];
