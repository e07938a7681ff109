import type { BeginningAttempt } from '../../../control/records/commit-record.js';
import { type Plan, type PlannedTask, rulesOfTask } from '../../../domain/plans/plan.js';
import { placeOfTask } from '../../../domain/plans/task-place.js';
import { parseTraceParent, printTraceParent } from '../../../domain/trace-parent.js';
import type { TraceContext } from '../../../ports/telemetry.js';
import { elsewhere } from '../../attempts/run-task.js';
import type { Pond } from '../../pond/pond.js';
import { isWatched, newSpanId } from './begun-tasks.js';

/**
 * First attempts that are to begin with the record of a commit, in the same durable transaction: those of all of its tasks, where
 * all are to be run at once in any case. That they are pending and that they have started is then one wait for the disk and not two.
 * Of a commit with more tasks, or with tasks that wait for others, none begins: as long as none has, a runner counts as preparing
 * all of them, and what their factories start then is known to be theirs. Where spans are recorded an attempt begins with its span.
 */
export const beginningWithCommit = (
  pond: Pond,
  plan: Plan,
  timestamp: number,
  trace: TraceContext,
): readonly BeginningAttempt[] => {
  const context = parseTraceParent(trace.traceParent);
  if (context === null || pond.fleet !== null || isWatched(pond)) return [];
  if (plan.tasks.length > plan.max_concurrency || plan.edges.length > 0) return [];
  const isReady = (task: PlannedTask): boolean =>
    task.stage === plan.tasks[0]?.stage &&
    task.blocked_by.length === 0 &&
    task.waits_for === undefined &&
    rulesOfTask(task).runWhen === 'success' &&
    elsewhere(pond, { place: placeOfTask(task) }) === null;
  if (!plan.tasks.every(isReady)) return [];
  return plan.tasks.map(({ execution_seq: executionSeq }) => ({
    executionSeq,
    timestamp,
    traceParent: printTraceParent({ ...context, spanId: newSpanId(pond.ports.ids) }),
  }));
};
