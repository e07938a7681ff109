import type { CommitToBegin } from '../../../control/fleet-table.js';
import { rulesOfTask } from '../../../domain/plans/plan.js';
import { notHere, placeOfTask } from '../../../domain/plans/task-place.js';
import { parseTraceParent, printTraceParent } from '../../../domain/trace-parent.js';
import { watchingOf } from '../../../planner/watched-tasks.js';
import type { Ids } from '../../../ports/ids.js';
import type { Pond } from '../../pond/pond.js';
import type { TasksToRun } from '../tasks-to-run.js';

/** Tasks that may begin with their claims, as a commit that was looked at tells of them. */
export interface ToBegin {
  /** Its own tasks, before this worker has looked at each; null: they may not, or there is one only, whose claim was before that look. */
  readonly commit: CommitToBegin | null;
  /** Its setup: tasks of other commits with the same one, before this worker has looked at these; null: they may not. */
  readonly setup: string | null;
}

const NOTHING: ToBegin = { commit: null, setup: null };

/**
 * Tells what may begin: tasks of a plan of which this worker runs every one, as it is planned, and where nothing that a task looks at is outside of its
 * stage. Where spans are recorded, they begin with the work.
 */
export const toBeginOf = (
  pond: Pond,
  { commit, plan, trace }: Pick<TasksToRun, 'commit' | 'plan' | 'trace'>,
  setup: string,
  knows: (factory: string) => boolean,
): ToBegin => {
  const context = parseTraceParent(trace?.traceParent);
  if (commit.firing !== undefined || context === null || isWatched(pond)) return NOTHING;
  if (plan.tasks.length === 0 || plan.rejected.length > 0) return NOTHING;
  const watching = watchingOf(plan);
  const stageOf = new Map(plan.tasks.map(({ execution_seq, stage }) => [execution_seq, stage]));
  const here = { queues: null, host: pond.ports.host.hostName };
  const isPlain = plan.tasks.every(
    (task) =>
      rulesOfTask(task).runWhen === 'success' &&
      (task.host === undefined || notHere(placeOfTask(task), here) === null) &&
      // Nothing that it looks at is outside of its stage.
      watching.waitsFor(task.execution_seq).every((seq) => stageOf.get(seq) === task.stage),
  );
  if (!isPlain || !allFactories(plan).every(knows)) return NOTHING;
  if (plan.tasks.length < 2) return { commit: null, setup };
  const [traceStart = '', traceEnd = ''] = printTraceParent({ ...context, spanId: SPAN_ID }).split(SPAN_ID);
  return { commit: { txnId: commit.txnId, traceStart, traceEnd }, setup };
};

const allFactories = ({ tasks }: Pick<TasksToRun['plan'], 'tasks'>): readonly string[] => [
  ...new Set(tasks.map(({ factory }) => factory)),
];

/** Somebody may record spans: then each attempt begins with its span. */
export const isWatched = ({ ports }: Pond): boolean => ports.telemetry.isWatched?.() ?? true;

/** A new identity for a span: the random half of a UUID, whose variant bits keep it from being 0. */
export const newSpanId = ({ uuidV7 }: Ids): string => uuidV7().replaceAll('-', '').slice(-16);

/** New identities for spans, at the price of one: they have a random number in common, and differ by their ends. */
export const newSpanIds = (ids: Ids, wanted: number): readonly string[] => {
  if (wanted === 0) return [];
  const stem = newSpanId(ids).slice(0, -NUMBER);
  return Array.from({ length: wanted }, (_, place) => stem + place.toString(16).padStart(NUMBER, '0'));
};

/** Digits of the number of one among such. */
const NUMBER = 4;

/** A place in a trace context where a span's identity will be. */
const SPAN_ID = 'x';
