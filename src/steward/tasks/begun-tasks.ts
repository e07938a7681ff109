import type { CommitToBegin } from '../../control/fleet-table.js';
import { rulesOfTask } from '../../domain/plans/plan.js';
import { notHere, placeOfTask } from '../../domain/plans/task-place.js';
import { parseTraceParent, printTraceParent } from '../../domain/trace-parent.js';
import { placesOf } from '../../planner/task-places.js';
import { watchingOf } from '../../planner/watched-tasks.js';
import type { Ids } from '../../ports/ids.js';
import type { Pond } from '../pond/pond.js';
import type { TasksToRun } from './tasks-to-run.js';

/**
 * A commit whose tasks may begin with their claims, before this worker has looked at each; null: they may not. It runs every one of them, as it
 * is planned, and nothing that a task looks at is outside of its stage. Where spans are recorded, they begin with the work.
 */
export const commitToBegin = (
  pond: Pond,
  { commit, plan, trace }: Pick<TasksToRun, 'commit' | 'plan' | 'trace'>,
  knows: (factory: string) => boolean,
): CommitToBegin | null => {
  const context = parseTraceParent(trace?.traceParent);
  if (commit.firing !== undefined || context === null || isWatched(pond)) return null;
  if (plan.tasks.length < 2 || plan.rejected.length > 0) return null;
  const watching = watchingOf(plan);
  const needs = new Map(placesOf(plan).map((place) => [place.executionSeq, new Set(place.needs)]));
  const here = { queues: null, host: pond.ports.host.hostName };
  const isPlain = plan.tasks.every(
    (task) =>
      rulesOfTask(task).runWhen === 'success' &&
      knows(task.factory) &&
      notHere(placeOfTask(task), here) === null &&
      watching.waitsFor(task.execution_seq).every((seq) => needs.get(task.execution_seq)?.has(seq)),
  );
  if (!isPlain) return null;
  const [traceStart = '', traceEnd = ''] = printTraceParent({ ...context, spanId: SPAN_ID }).split(SPAN_ID);
  return { txnId: commit.txnId, traceStart, traceEnd };
};

/** Somebody may record spans: then each attempt begins with its span. */
export const isWatched = ({ ports }: Pond): boolean => ports.telemetry.isWatched?.() ?? true;

/** A new identity for a span: the random half of a UUID, whose variant bits keep it from being 0. */
export const newSpanId = ({ uuidV7 }: Ids): string => uuidV7().replaceAll('-', '').slice(-16);

/** A place in a trace context where a span's identity will be. */
const SPAN_ID = 'x';
