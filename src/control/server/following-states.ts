import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';

/*
 * What the tables of tasks and of open transactions become with further records, in triggers: they follow the log, whoever inserts into it.
 */

const isTask = (record: string): string => `${record}.transaction_type IN ('post_commit', 'firing')`;

/** State of a task by a record. */
const STATE = 'substr(added.record_type, length(added.transaction_type) + 2)';

const isOpen = (state: string): string => `${state} IN ('pending', 'started')`;

/** A task that waits, `need`, for that of a record: it ends, or is asked for again. */
const TURNS = `need.parent_txn_seq = added.parent_txn_seq AND need.needs = added.execution_seq
           AND (${isOpen(STATE)}) <> (
             SELECT ${isOpen('needed.state')} FROM task_states AS needed
             WHERE needed.parent_txn_seq = need.parent_txn_seq AND needed.execution_seq = need.needs)`;

/** Tells whether others than the commit whose tasks are done have tasks, which may be of the same paths. */
export const OTHERS_UNFINISHED = `(
           SELECT TRUE FROM task_states AS other WHERE other.state IN ('pending', 'started')
             AND (other.parent_txn_seq, other.execution_seq) >= (done.parent_txn_seq, ${FIRST_OF_FIRINGS}) LIMIT 1)
         OR (
           SELECT TRUE FROM task_states AS other WHERE other.state IN ('pending', 'started')
             AND other.parent_txn_seq < done.parent_txn_seq
             AND other.parent_txn_seq >= (SELECT parent_txn_seq FROM unfinished_from) LIMIT 1)`;

/**
 * Tells whether anybody may begin something because the tasks of these records have completed, which none needs: where other commits have tasks, which may be
 * of the same paths, as those of firings may; where there is a next stage; where no more of the commit could run side by side.
 */
const FREES = `(
       SELECT done.commits > 1 OR done.is_firing OR ${OTHERS_UNFINISHED}
         OR (
           SELECT task.side_by_side <= tasks + (
               SELECT count(*) FROM claims WHERE claims.txn_id = task.txn_id AND token >= (SELECT token FROM unfinished_from))
             OR (
               SELECT TRUE FROM task_states AS later WHERE later.txn_id = task.txn_id AND later.stage > task.stage
                 AND later.state IN ('pending', 'started') LIMIT 1)
           FROM task_states AS task
           WHERE task.parent_txn_seq = done.parent_txn_seq AND task.execution_seq = done.execution_seq LIMIT 1)
       FROM (
         SELECT count(DISTINCT txn_id) AS commits, bool_or(transaction_type = 'firing') AS is_firing,
           max(parent_txn_seq) AS parent_txn_seq, max(execution_seq) AS execution_seq FROM added) AS done) IS TRUE`;

/** Setting of a transaction that tells itself, by `after_ends`, that tasks have completed. */
export const TELLS_ITSELF = 'pond.tells_itself';

/** Its value once somebody has waited for what has ended. */
export const TURNED = 'turned';

/** Statements by which states follow those records in `records` that are of tasks, one of each, all at once. Those that wait are counted before. */
const follow = (records: string): string => `
       IF turn THEN
         UPDATE task_states SET needs_left = needs_left + turned.by
         FROM (
           SELECT need.parent_txn_seq, need.execution_seq, sum(CASE WHEN ${isOpen(STATE)} THEN 1 ELSE -1 END) AS by
           FROM ${records} JOIN task_needs AS need ON ${TURNS} WHERE ${isTask('added')}
           GROUP BY need.parent_txn_seq, need.execution_seq) AS turned
         WHERE task_states.parent_txn_seq = turned.parent_txn_seq AND task_states.execution_seq = turned.execution_seq;
       END IF;
       UPDATE task_states SET state = ${STATE}, skip_cause = added.skip_cause, not_before = added.not_before,
         attempts = attempts + CASE WHEN ${STATE} = 'started' THEN 1 ELSE 0 END,
         config_txn_seq = coalesce(added.config_txn_seq, task_states.config_txn_seq),
         reopened = reopened OR (${isOpen(STATE)} AND NOT ${isOpen('state')})
       FROM ${records}
       WHERE ${isTask('added')} AND task_states.parent_txn_seq = added.parent_txn_seq
         AND task_states.execution_seq = added.execution_seq;
       GET DIAGNOSTICS known = ROW_COUNT;
       IF known < tasks THEN
         INSERT INTO task_states (parent_txn_seq, execution_seq, txn_id, config_path, state, skip_cause, factory_name,
                                 not_before, config_txn_seq)
         SELECT parent_txn_seq, execution_seq, txn_id, config_path, ${STATE}, skip_cause, factory_name, not_before,
           config_txn_seq
         FROM ${records}
         WHERE ${isTask('added')} AND NOT EXISTS (
           SELECT 1 FROM task_states AS there WHERE there.parent_txn_seq = added.parent_txn_seq
             AND there.execution_seq = added.execution_seq)
         ORDER BY record_id;
       END IF;`;

/** Records with the number of each among those of its task. */
const NUMBERED = `(SELECT *, row_number() OVER (PARTITION BY parent_txn_seq, execution_seq ORDER BY record_id) AS round
                   FROM added WHERE ${isTask('added')})`;

export const FOLLOWING: readonly string[] = [
  `CREATE FUNCTION derive_states() RETURNS trigger LANGUAGE plpgsql AS $derive$
   DECLARE
     tasks BIGINT;
     different BIGINT;
     turn BOOLEAN;
     known BIGINT;
     this_round BIGINT;
     step TEXT;
     steps TEXT[];
     earliest RECORD;
   BEGIN
     -- To begin an update of the table takes longer than to ask whether there is anything to update.
     SELECT count(*), count(DISTINCT (parent_txn_seq, execution_seq)), array_agg(DISTINCT ${STATE}) FILTER (WHERE ${STATE} <> 'started'),
       bool_or((SELECT TRUE FROM task_needs AS need WHERE ${TURNS} LIMIT 1))
     INTO tasks, different, steps, turn FROM added WHERE ${isTask('added')};
     IF tasks = 0 THEN RETURN NULL; END IF;
     -- Each question by itself: even one that is not asked takes a while to begin.
     IF steps = '{completed}' AND current_setting('${TELLS_ITSELF}', TRUE) = 'yes' THEN
       steps := '{}';
       IF turn THEN PERFORM set_config('${TELLS_ITSELF}', '${TURNED}', TRUE); END IF;
     ELSIF steps = '{completed}' AND turn IS NOT TRUE THEN
       IF NOT (${FREES}) THEN steps := '{}'; END IF;
     END IF;
     IF tasks = different THEN ${follow('added')}
     ELSE
       -- Several are of one task: all first ones, then all second ones. Record by record, each would go through all of them again.
       turn := TRUE;
       FOR this_round, tasks IN SELECT round, count(*) FROM ${NUMBERED} AS added GROUP BY round ORDER BY round LOOP ${follow(
         `(SELECT * FROM ${NUMBERED} AS numbered WHERE round = this_round) AS added`,
       )}
       END LOOP;
     END IF;
     IF 'pending' = ANY (steps) THEN
       SELECT added.parent_txn_seq, added.execution_seq INTO earliest FROM added
       WHERE ${isTask('added')} AND ${STATE} = 'pending' ORDER BY added.parent_txn_seq, added.execution_seq LIMIT 1;
       UPDATE unfinished_from SET parent_txn_seq = earliest.parent_txn_seq, execution_seq = earliest.execution_seq
       WHERE (unfinished_from.parent_txn_seq, unfinished_from.execution_seq) > (earliest.parent_txn_seq, earliest.execution_seq);
     END IF;
     -- Heard once the transaction has committed, by whoever runs tasks of this pond. That one has begun brings nobody work, and wakes nobody; nor does
     -- it that one has completed, where nobody waits for that.
     FOREACH step IN ARRAY coalesce(steps, '{}') LOOP PERFORM pg_notify(TG_TABLE_SCHEMA, step); END LOOP;
     RETURN NULL;
   END $derive$`,
  `CREATE TRIGGER states_follow AFTER INSERT ON control_table REFERENCING NEW TABLE AS added
   FOR EACH STATEMENT EXECUTE FUNCTION derive_states()`,
  `CREATE FUNCTION derive_transactions() RETURNS trigger LANGUAGE plpgsql AS $derive$
   BEGIN
     IF NEW.record_type = 'begin' THEN
       INSERT INTO open_transactions (txn_id, txn_seq, based_on_seq, transaction_type, started_at, begin_id)
       VALUES (NEW.txn_id, NEW.txn_seq, NEW.based_on_seq, NEW.transaction_type, NEW.timestamp, NEW.record_id);
     ELSIF NEW.record_type = 'data_committed' THEN
       UPDATE open_transactions SET data_committed = 1 WHERE txn_id = NEW.txn_id;
     ELSIF NEW.record_type IN ('completed', 'failed') THEN
       DELETE FROM open_transactions WHERE txn_id = NEW.txn_id;
     END IF;
     RETURN NULL;
   END $derive$`,
  `CREATE TRIGGER transactions_follow AFTER INSERT ON control_table
   FOR EACH ROW WHEN (NEW.transaction_type NOT IN ('post_commit', 'firing')) EXECUTE FUNCTION derive_transactions()`,
];
