import * as t from 'io-ts';
import { FIRST_OF_FIRINGS } from '../../domain/plans/firing.js';
import { type ClaimOrder, NOTHING_BEGINS, type WorkerPlace } from '../fleet-table.js';
import type { AttemptOutcome, AttemptRecord } from '../records/attempt-record.js';
import { decodeRow, type RecordedPlain } from '../store/control-store.js';
import type { ControlTransaction, Question } from '../store/control-transaction.js';
import type { Coroutine } from '../store/coroutine.js';
import { tellingItself } from './after-ends.js';
import { HELD_TASK, START, startedIn } from './plain-starts.js';
import { claimQuestion, claimsIn, isAllOfReady } from './ready-tasks.js';
import { tracesOf } from './traces.js';

/*
 * Over a network it counts how often the database is asked. Most attempts are plain: the first one of a task that has not been asked for
 * again, of whose path nothing else is claimed before, all that it waits for has completed and did so before; and its successful end. Whether that is so is
 * decided by the statement that records them, all of a batch at once; whatever it leaves out is recorded by itself, with all its rules. What
 * plain ones come to is the same in both ways: the suites of guarantees run over this one, too.
 */

export function* recordPlain(
  transaction: ControlTransaction,
  records: readonly AttemptRecord[],
  order: ClaimOrder | null,
): Coroutine<RecordedPlain> {
  const ends = plainEnds(records);
  const wanted = order?.wanted(records.flatMap((record) => (endsTask(record) ? [record.claim] : []))) ?? 0;
  const claiming = order === null || wanted <= 0 ? null : order;
  // An end frees its path, and what waits for it: what may begin after it, and only then, is found by the statements after it.
  const asked = [
    asking('ended', END, ends, { tells_itself: claiming === null ? 0 : 1 }),
    ...(claiming === null
      ? []
      : [
          {
            about: 'claims',
            question: claimQuestion(claiming.worker, {
              limit: wanted,
              now: claiming.now(),
              beginning: claiming.beginning(wanted),
            }),
          },
        ]),
    ...afterEnds(records, ends, claiming !== null),
    asking('started', START, plainStarts(records)),
  ].filter((one) => one !== null);
  const answers = yield* transaction.atOnce(
    asked.map(({ question }) => question),
    tracesOf(records.filter(isPlainKind), claiming && { worker: claiming.worker, held: claiming.held() }),
  );
  const answerTo = (about: string) => answers[asked.findIndex((one) => one.about === about)] ?? [];
  const outcomes: (AttemptOutcome | null)[] = records.map(() => null);
  for (const row of answerTo('ended')) outcomes[decodeRow(PlaceRow, row).place] = { _tag: 'Recorded' };
  for (const row of answerTo('started')) {
    outcomes[decodeRow(PlaceRow, row).place] = startedIn(row);
  }
  const rows = answerTo('claims');
  const isAll =
    rows.length < wanted &&
    isAllOfReady(rows) &&
    records.every(({ _tag }, place) => _tag === 'Started' || outcomes[place] !== null);
  return { outcomes, claims: claimsIn(rows), isAll };
}

/** The task has no further attempt in place: such a one keeps its place. */
const endsTask = (record: AttemptRecord): boolean =>
  record._tag !== 'Started' && !(record._tag === 'Failed' && record.end.next === 'retry');

/** Questions of a claim, a start and an end, about no task: a connection on which they were asked once has planned these statements. */
export const askedAboutNothing = (worker: WorkerPlace): readonly Question[] => [
  claimQuestion(worker, { limit: 0, now: 0, beginning: NOTHING_BEGINS }),
  [START, { asked: '[]' }],
  [END, { asked: '[]', tells_itself: 0 }],
  [
    ASK_AFTER_ENDS,
    {
      commit_id: null,
      completed_at: null,
      duration: null,
      ends: '[]',
      tasks: 0,
      is_only: 1,
      commit_seq: 0,
      last_seq: 0,
    },
  ],
];

/** A question about these rows; none where there are none. */
const asking = (
  about: string,
  statement: string,
  rows: readonly object[],
  others: Question[1] = {},
): Asked | null =>
  rows.length === 0 ? null : { about, question: [statement, { asked: JSON.stringify(rows), ...others }] };

/**
 * Questions that follow ends in their transaction, one for each commit of which tasks have ended. `isClaiming`: that has claimed, too, and tells itself of
 * what is left.
 */
const afterEnds = (
  records: readonly AttemptRecord[],
  ends: ReturnType<typeof plainEnds>,
  isClaiming: boolean,
): readonly Asked[] => {
  const completing = endedCommits(records);
  const commits = [...new Set(ends.map(({ parent_txn_seq }) => parent_txn_seq))];
  return commits.flatMap((commit) => {
    const its = ends.filter(({ parent_txn_seq }) => parent_txn_seq === commit);
    const txnId = records[its[0]?.place ?? 0]?.claim.txnId ?? null;
    const completed = txnId === null ? undefined : completing.get(txnId);
    if (completed === undefined && !isClaiming) return [];
    const told = its.map(({ parent_txn_seq, execution_seq }) => ({ parent_txn_seq, execution_seq }));
    const parameters = {
      commit_id: txnId,
      completed_at: completed?.at ?? null,
      duration: completed?.durationMs ?? null,
      ends: isClaiming ? JSON.stringify(told) : null,
      tasks: its.length,
      is_only: commits.length === 1 ? 1 : 0,
      commit_seq: commit,
      last_seq: Math.max(...its.map(({ execution_seq }) => execution_seq)),
    };
    return [{ about: 'after ends', question: [ASK_AFTER_ENDS, parameters] }];
  });
};

interface Asked {
  readonly about: string;
  readonly question: Question;
}

const plainEnds = (records: readonly AttemptRecord[]) =>
  records.flatMap((record, place) => {
    if (record._tag !== 'Completed' || record.claim.executionSeq >= FIRST_OF_FIRINGS) return [];
    const { claim, end } = record;
    return [
      {
        place,
        token: claim.token,
        holder: claim.runnerId,
        parent_txn_seq: claim.parentTxnSeq,
        execution_seq: claim.executionSeq,
        attempt: end.attempt,
        at: end.timestamp,
        duration_ms: end.durationMs,
        is_watched: (end.watchedBy ?? []).length > 0,
        report: end.report == null ? null : JSON.stringify(end.report),
        output: end.output ?? null,
      },
    ];
  });

/** An attempt of such a kind may be recorded as a plain one. */
const isPlainKind = ({ _tag }: AttemptRecord): boolean => _tag === 'Started' || _tag === 'Completed';

/** Commits that may have ended with these attempts, by their transactions, each with when that was. */
const endedCommits = (
  records: readonly AttemptRecord[],
): ReadonlyMap<string, { readonly at: number; readonly durationMs: number | null }> => {
  const commits = new Map<string, { readonly at: number; readonly durationMs: number | null }>();
  for (const record of records) {
    if (record._tag !== 'Completed' || record.end.commitDurationMs === undefined) continue;
    const { timestamp, commitDurationMs } = record.end;
    commits.set(record.claim.txnId, { at: timestamp, durationMs: commitDurationMs });
  }
  return commits;
};

const plainStarts = (records: readonly AttemptRecord[]) =>
  records.flatMap((record, place) => {
    if (record._tag !== 'Started' || record.claim.executionSeq >= FIRST_OF_FIRINGS) return [];
    const { claim, attempt } = record;
    if ((attempt.conditions?.runWhen ?? 'success') !== 'success') return [];
    return [
      {
        place,
        token: claim.token,
        holder: claim.runnerId,
        parent_txn_seq: claim.parentTxnSeq,
        execution_seq: claim.executionSeq,
        at: attempt.timestamp,
        config_txn_seq: attempt.configTxnSeq,
        trace_parent: attempt.traceParent,
        needs: attempt.conditions?.waitsFor ?? [],
      },
    ];
  });

const PlaceRow = t.type({ place: t.number });

/** The records say themselves under which claims they were made: by then these may be gone. */
const END = `WITH plain AS (
    SELECT asked.*, task.txn_id, task.factory_name, task.config_path, task.config_txn_seq,
      held.runner_id
    FROM json_to_recordset(@asked::json) AS asked (
      place INTEGER, token BIGINT, holder TEXT, parent_txn_seq BIGINT, execution_seq BIGINT, attempt BIGINT, at BIGINT,
      duration_ms DOUBLE PRECISION, is_watched BOOLEAN, report TEXT, output TEXT)
    ${HELD_TASK}
    WHERE ${tellingItself('(@tells_itself::integer = 1)')} AND held.running = 1 AND task.state = 'started' AND task.attempts = asked.attempt AND NOT (task.reopened AND asked.is_watched)
      AND NOT EXISTS (SELECT 1 FROM episodes WHERE telling_txn_seq = task.parent_txn_seq
                      AND telling_execution_seq = task.execution_seq)),
  recorded AS (
    INSERT INTO control_table (txn_seq, txn_id, record_type, transaction_type, timestamp, duration_ms, parent_txn_seq,
      execution_seq, factory_name, config_path, attempt, config_txn_seq, report, token, runner_id)
    SELECT parent_txn_seq, txn_id, 'post_commit_completed', 'post_commit', at, duration_ms, parent_txn_seq,
      execution_seq, factory_name, config_path, attempt, config_txn_seq, report, token, runner_id FROM plain ORDER BY place),
  said AS (
    INSERT INTO outputs (parent_txn_seq, execution_seq, attempt, kept_at, lines)
    SELECT parent_txn_seq, execution_seq, attempt, at, output FROM plain WHERE output IS NOT NULL
    ON CONFLICT (parent_txn_seq, execution_seq, attempt) DO UPDATE SET kept_at = excluded.kept_at, lines = excluded.lines),
  groups AS (DELETE FROM process_groups USING plain WHERE process_groups.token = plain.token)
  DELETE FROM claims USING plain WHERE claims.token = plain.token
  RETURNING plain.place`;

const ASK_AFTER_ENDS = `SELECT after_ends(@commit_id::text, @completed_at::bigint, @duration::double precision, @ends::json, @tasks::bigint,
  @is_only::integer = 1, @commit_seq::bigint, @last_seq::bigint)`;
