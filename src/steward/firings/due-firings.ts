import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Claim } from '../../control/records/claim.js';
import type { FiringTask } from '../../control/records/firing-record.js';
import { printFiring } from '../../domain/plans/firing.js';
import type { Plan } from '../../domain/plans/plan.js';
import { steps } from '../../effects/steps.js';
import { type DueTime, dueTime, ON_TIME } from '../../planner/firings/due-firing.js';
import { placesIn } from '../../planner/firings/plan-firing.js';
import { placesOf } from '../../planner/task-places.js';
import { ATTRIBUTE, SPAN } from '../../ports/telemetry-names.js';
import { describeEntryError } from '../describe-plan.js';
import type { PondError } from '../errors.js';
import { makeFiringPlan } from '../planning/make-firing-plan.js';
import { pendingTasksOf } from '../planning/pending-tasks.js';
import { inSpan } from '../pond/in-span.js';
import type { Pond } from '../pond/pond.js';
import { readReplica } from '../pond/replica.js';
import { refuseUntrusted } from '../tasks/refuse-untrusted.js';
import { type Scheduled, schedulesIn } from './schedules.js';

/** A schedule and what of it is due. */
export interface DueSchedule {
  readonly scheduled: Scheduled;
  /** Null: nothing. */
  readonly due: DueTime | null;
  /** The next time at which something will be due, milliseconds since the epoch by this machine's clock. */
  readonly next: number | null;
}

/** Result of a look at the schedules. */
export interface LookedAt {
  /** The transaction whose configuration says it. */
  readonly txnSeq: number;
  readonly schedules: readonly DueSchedule[];
  /** Words about entries that never fire, and about why nothing fires here; to say them once is enough. */
  readonly warnings: readonly string[];
}

/** Finds what is due now. Reads only. */
export const lookAtSchedules = (pond: Pond): TE.TaskEither<PondError, LookedAt> =>
  steps(async ({ run }) => {
    const { txnSeq } = await run(pond.tlog.head());
    const view = await run(pond.tlog.snapshot(txnSeq));
    const { scheduled, rejected } = await run(schedulesIn(pond, view));
    const warnings = rejected.map(
      ({ path, errors }) =>
        `${path} never fires: ${errors.map((error) => describeEntryError(path, error)).join('; ')}`,
    );
    if (scheduled.length === 0) return { txnSeq, schedules: [], warnings };
    const replica = readReplica(pond.ports, pond.directory)();
    if (isLeft(replica) || replica.right !== null) return { txnSeq, schedules: [], warnings };
    const from = await run(pond.place.firings.from());
    if (from === null) {
      return { txnSeq, schedules: [], warnings: [...warnings, FIRED_ELSEWHERE] };
    }
    const now = await run(timeOfSchedules(pond));
    const aheadMs = now - Math.floor(pond.ports.clock.nowMicros() / 1000);
    const schedules: DueSchedule[] = [];
    for (const one of scheduled) {
      const times = await timesOf(pond, one)();
      const newestRecorded = await run(pond.control.newestDue(one.path, now * 1000 + 999));
      const due = dueTime(times, {
        now,
        changedAt: Math.floor(one.changedAt / 1000),
        newestRecorded: newestRecorded === null ? null : newestRecorded / 1000,
        from: Math.floor(from / 1000),
        missed: one.words.missed,
      });
      const next = times.after(now);
      schedules.push({ scheduled: one, due, next: next === null ? null : next - aheadMs });
    }
    return { txnSeq, schedules, warnings };
  });

/**
 * The time by which schedules are due, milliseconds since the epoch. Machines that share a pond go by their database's clock, so that a
 * time comes once for all of them, however wrong their own clocks are.
 */
export const timeOfSchedules = ({ fleet, ports }: Pond): TE.TaskEither<PondError, number> =>
  pipe(
    fleet === null ? TE.right(ports.clock.nowMicros()) : fleet.commonTime(),
    TE.map((micros) => Math.floor(micros / 1000)),
  );

export const FIRED_ELSEWHERE =
  'this pond is a copy: its schedules fire where it was made, and here after "pond promote"';

const timesOf = ({ ports }: Pond, { words }: Scheduled) =>
  ports.calendar.times(words.expression, words.timezone);

/** Result of recording what is due. */
export type RecordedDue =
  /** These claims are to be run. */
  | { readonly _tag: 'ToRun'; readonly firing: string; readonly claims: readonly Claim[] }
  /** It was missed, and that is recorded. */
  | { readonly _tag: 'Missed'; readonly firing: string }
  /** Somebody else has recorded it, or an earlier firing of the entry has not ended. */
  | { readonly _tag: 'LeftAlone' };

/**
 * Records a firing that is due, as pending and claimed by this process: durable before anything of it happens. Of all that
 * ask at once, one records it. Trust is looked at before.
 */
export const recordDue = (
  pond: Pond,
  { path }: Scheduled,
  due: DueTime,
): TE.TaskEither<PondError, RecordedDue> => {
  const name = printFiring({ path, dueAt: due.dueAt * 1000 });
  const attributes = { [ATTRIBUTE.pondId]: pond.tlog.pondId, [ATTRIBUTE.firing]: name };
  return inSpan(pond.ports.telemetry, { name: SPAN.firing, parent: null, attributes })(({ context }) =>
    recordNamed(pond, { name, path, due, traceParent: context.traceParent }),
  );
};

const recordNamed = (
  pond: Pond,
  {
    name,
    path,
    due,
    traceParent,
  }: { readonly name: string; readonly path: string; readonly due: DueTime; readonly traceParent: string },
): TE.TaskEither<PondError, RecordedDue> =>
  steps(async ({ run }) => {
    const { txnSeq } = await run(pond.tlog.head());
    await run(refuseUntrusted(pond, [txnSeq]));
    const view = await run(pond.tlog.snapshot(txnSeq));
    const plan = await run(makeFiringPlan(pond, view, path));
    if (plan === null) return { _tag: 'LeftAlone' };
    const places = placesIn(plan, path);
    const orders = pond.fleet === null ? NO_ORDERS : ordersIn(plan, places);
    const tasks = pendingTasksOf(plan)
      .map(({ executionSeq, factoryName, configPath, rejected }) => ({
        factoryName,
        configPath,
        rejected,
        place: places.get(executionSeq) ?? 0,
        ...orders.get(executionSeq),
      }))
      .sort((a, b) => a.place - b.place);
    const { highestSeq } = await run(pond.control.newestCommit());
    // Before it is recorded: nothing may fail between a claim and what runs it.
    const now = await run(timeOfSchedules(pond));
    const timestamp = pond.ports.clock.nowMicros();
    const missed = due.fate === 'missed' ? missedWords(due) : null;
    const outcome = await run(
      pond.control.recordFiring({
        name,
        configPath: path,
        dueAt: due.dueAt * 1000,
        timestamp,
        txnSeq: Math.max(txnSeq, highestSeq),
        configTxnSeq: txnSeq,
        traceParent,
        tasks: missed === null ? tasks : tasks.filter(({ place }) => place === 0),
        claimedBy: await run(pond.runner.ensure()),
        missed,
        standsFor:
          due.fate === 'run' && due.before > 0 ? `for ${due.before} more that were missed before it` : null,
      }),
    );
    if (outcome._tag !== 'Recorded') return { _tag: 'LeftAlone' };
    const late_ms = Math.max(0, now - due.dueAt);
    const about = { firing: name, late_ms, missed_before: due.before };
    if (missed !== null) {
      pond.ports.logger.log('warn', 'firing_missed', about);
      return { _tag: 'Missed', firing: name };
    }
    pond.ports.logger.log(late_ms > ON_TIME ? 'warn' : 'info', 'firing_due', about);
    return { _tag: 'ToRun', firing: name, claims: outcome.claims };
  });

type Orders = ReadonlyMap<number, Pick<FiringTask, 'order'>>;

const NO_ORDERS: Orders = new Map();

/** Facts that decide when the tasks of a firing may be taken one by one, with their places in it for their numbers. */
const ordersIn = (plan: Plan, places: ReadonlyMap<number, number>): Orders =>
  new Map(
    placesOf(plan).map(({ executionSeq, needs, ...order }) => [
      executionSeq,
      { order: { ...order, needs: needs.flatMap((needed) => places.get(needed) ?? []) } },
    ]),
  );

const missedWords = ({ before }: DueTime): string =>
  before === 0
    ? 'missed: nobody could run it in time'
    : `missed, like ${before} before it: nobody could run them in time`;
