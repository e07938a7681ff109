import * as t from 'io-ts';
import type { FleetCheck } from '../records/fleet-check.js';
import { decodeRow } from '../store/control-store.js';
import type { ReadRows } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { LIVE } from './server-signs.js';

const text = t.union([t.string, t.null]);
const CountsRow = t.type({
  records: t.number,
  tasks: t.number,
  plans: t.number,
  runners: t.number,
  claims: t.number,
});
const StateRow = t.type({ task: t.string, derived: text, recorded: text });
const PlanRow = t.type({ checksum: t.string, found: t.string });
const CommitPlanRow = t.type({ txn_seq: t.number, checksum: t.string });
const ClaimRow = t.type({ task: t.string, token: t.number, runner_id: t.string });
const PathRow = t.type({ config_path: t.string, tasks: t.array(t.string) });

/**
 * Asks the database whether what it keeps beside the records is what they add up to: states and attempts of tasks, stored plans and
 * their checksums, claims. Each question sees one state of it, so whoever is at work meanwhile makes no contradiction.
 */
export function* checkServer(read: ReadRows): Coroutine<FleetCheck> {
  const [counts] = yield* read(COUNTS);
  const states = yield* read(STATES);
  const plans = yield* read(PLANS);
  const missing = yield* read(MISSING_PLANS);
  const claims = yield* read(CLAIMS);
  const paths = yield* read(PATHS);
  return {
    checked: decodeRow(CountsRow, counts),
    states: states.map((row) => decodeRow(StateRow, row)),
    damagedPlans: plans.map((row) => decodeRow(PlanRow, row)),
    missingPlans: missing.map((row) => {
      const { txn_seq: txnSeq, checksum } = decodeRow(CommitPlanRow, row);
      return { txnSeq, checksum };
    }),
    danglingClaims: claims.map((row) => {
      const { task, token, runner_id: runnerId } = decodeRow(ClaimRow, row);
      return { task, token, runnerId };
    }),
    pathsRunTwice: paths.map((row) => {
      const { config_path: path, tasks } = decodeRow(PathRow, row);
      return { path, tasks };
    }),
  };
}

const COUNTS = `SELECT (SELECT count(*) FROM control_table) AS records, (SELECT count(*) FROM task_states) AS tasks,
  (SELECT count(*) FROM plans) AS plans, (SELECT count(*) FROM runners) AS runners,
  (SELECT count(*) FROM claims) AS claims`;

/** A state and its attempts as the records have them, beside what is kept of them; and what nobody would find who looks for what is left. */
const STATES = `WITH history AS (
    SELECT parent_txn_seq, execution_seq,
      (array_agg(record_type ORDER BY record_id DESC))[1] AS last,
      count(*) FILTER (WHERE record_type IN ('post_commit_started', 'firing_started')) AS attempts
    FROM control_table WHERE transaction_type IN ('post_commit', 'firing')
    GROUP BY parent_txn_seq, execution_seq),
  derived AS (
    SELECT parent_txn_seq, execution_seq,
      regexp_replace(last, '^(post_commit|firing)_', '') || ', attempts ' || attempts AS said FROM history),
  kept AS (SELECT parent_txn_seq, execution_seq, state || ', attempts ' || attempts AS said FROM task_states)
  SELECT parent_txn_seq || '.' || execution_seq AS task, derived, recorded FROM (
    SELECT parent_txn_seq, execution_seq, derived.said AS derived, kept.said AS recorded
    FROM derived FULL JOIN kept USING (parent_txn_seq, execution_seq)
    WHERE derived.said IS DISTINCT FROM kept.said
    UNION
    SELECT parent_txn_seq, execution_seq, 'unfinished', 'before what unfinished_from says' FROM task_states
    WHERE state IN ('pending', 'started') AND NOT coalesce(
      (parent_txn_seq, execution_seq) >= (SELECT parent_txn_seq, execution_seq FROM unfinished_from), FALSE)
    UNION
    SELECT parent_txn_seq, execution_seq, 'claimed', 'before what unfinished_from says' FROM claims
    WHERE NOT coalesce(token >= (SELECT token FROM unfinished_from), FALSE)) AS different
  ORDER BY parent_txn_seq, execution_seq, derived`;

/** A plan is stored as the text that is hashed: its canonical JSON. */
const PLANS = `SELECT checksum, found FROM (
    SELECT checksum, encode(sha256(convert_to(plan, 'UTF8')), 'hex') AS found FROM plans) AS hashed
  WHERE found <> checksum ORDER BY checksum`;

const MISSING_PLANS = `SELECT txn_seq, checksum FROM commit_plans
  WHERE NOT EXISTS (SELECT 1 FROM plans WHERE plans.checksum = commit_plans.checksum) ORDER BY txn_seq`;

const CLAIMS = `SELECT parent_txn_seq || '.' || execution_seq AS task, token, runner_id FROM claims
  WHERE NOT EXISTS (
    SELECT 1 FROM task_states WHERE task_states.parent_txn_seq = claims.parent_txn_seq
      AND task_states.execution_seq = claims.execution_seq) ORDER BY token`;

const PATHS = `SELECT config_path, array_agg(parent_txn_seq || '.' || execution_seq ORDER BY token) AS tasks
  FROM claims WHERE running = 1 AND runner_id IN (${LIVE})
  GROUP BY config_path HAVING count(*) > 1 ORDER BY config_path`;
