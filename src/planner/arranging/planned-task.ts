import type { PlannedTask, TaskRules } from '../../domain/plans/plan.js';
import { DEFAULT_QUEUE, type TaskPlace } from '../../domain/plans/task-place.js';
import type { Candidate } from '../entries/candidate.js';

/** The place of a task in its plan. */
export type TaskArranged = Pick<
  PlannedTask,
  'batch' | 'blocked_by' | 'depends_on' | 'execution_seq' | 'stage'
>;

/** The task of a candidate. What its entry does not say is not there; keys are in the order of their names. */
export const plannedTask = (
  { path, name, factory, retry, timeoutMs, rules, place }: Candidate,
  { batch, blocked_by, depends_on, execution_seq, stage }: TaskArranged,
): PlannedTask =>
  saysNoMore(rules, place)
    ? {
        batch,
        blocked_by,
        config_path: path,
        depends_on,
        execution_seq,
        factory,
        name,
        retry,
        stage,
        timeout_ms: timeoutMs,
      }
    : {
        batch,
        blocked_by,
        config_path: path,
        depends_on,
        ...(rules.derived ? DERIVED : NOTHING),
        execution_seq,
        factory,
        ...(place.host === null ? NOTHING : { host: place.host }),
        ...(rules.ifSuperseded === 'run' ? NOTHING : { if_superseded: rules.ifSuperseded }),
        name,
        ...(place.queue === DEFAULT_QUEUE ? NOTHING : { queue: place.queue }),
        retry,
        ...(rules.runWhen === 'success' ? NOTHING : { run_when: rules.runWhen }),
        stage,
        timeout_ms: timeoutMs,
        ...(rules.waitsFor === 'all' ? WAITS_FOR_ALL : NOTHING),
      };

/** Tells whether a task has only what all tasks have. Most do, and objects that are put together take much longer to make. */
const saysNoMore = (
  { derived, ifSuperseded, runWhen, waitsFor }: TaskRules,
  { host, queue }: TaskPlace,
): boolean =>
  !derived &&
  ifSuperseded === 'run' &&
  runWhen === 'success' &&
  waitsFor !== 'all' &&
  host === null &&
  queue === DEFAULT_QUEUE;

const NOTHING = {};
const DERIVED = { derived: true } as const;
const WAITS_FOR_ALL = { waits_for: 'all' } as const;
