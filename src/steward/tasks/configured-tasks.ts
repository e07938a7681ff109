import { pipe } from 'fp-ts/lib/function.js';
import * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Plan, type PlannedTask, rulesOfTask, type TaskRules } from '../../domain/plans/plan.js';
import { placeOfTask } from '../../domain/plans/task-place.js';
import { NEWEST_RULES } from '../../planner/planner-rules.js';
import { watchingOf } from '../../planner/watched-tasks.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import type { RunTask } from '../attempts/run-task.js';
import { describeSkip } from '../describe-plan.js';
import type { PondError } from '../errors.js';
import { makePlan } from '../planning/make-plan.js';
import type { Pond } from '../pond/pond.js';
import type { TasksToRun } from './tasks-to-run.js';

/** Verdict about an entry in the plan under the configuration that is used. */
export type Configured = (
  executionSeq: number,
  path: string,
) => Pick<RunTask, 'rejection' | 'notToBeRun' | 'rules' | 'place' | 'waitsFor'>;

/** Asks the commit's own plan, or where another configuration is used, the plan that this would make of the commit. */
export const configuredTasks = (
  pond: Pond,
  { commit, plan, changes, configTxnSeq, absent }: Omit<TasksToRun, 'claims' | 'history' | 'signal'>,
  view: PersistenceView,
): TE.TaskEither<PondError, Configured> =>
  configTxnSeq === commit.txnSeq
    ? TE.right(asPlanned(plan, absent))
    : pipe(
        makePlan(pond, {
          view,
          changes,
          suppressed: null,
          chain: null,
          rules: NEWEST_RULES,
          recordedFacts: null,
          loadsModules: T.of(true),
        }),
        TE.map((today) => asConfiguredNow(plan, today.plan)),
      );

const asPlanned = (plan: TasksToRun['plan'], absent?: ReadonlySet<number>): Configured => {
  const watching = watchingOf(plan);
  const tasks = new Map(plan.tasks.map((task) => [task.execution_seq, task]));
  const rejected = new Map(plan.rejected.map(({ path, errors }) => [path as string, errors]));
  return (executionSeq, path) => ({
    rejection: rejected.get(path) ?? null,
    notToBeRun:
      absent?.has(executionSeq) === true
        ? 'its entry is not there any more, or waits for it no longer'
        : null,
    rules: rulesOf(tasks.get(executionSeq)),
    place: placeOfTask(tasks.get(executionSeq) ?? {}),
    waitsFor: watching.waitsFor(executionSeq),
  });
};

/** Tasks that are waited for; they are looked for among the commit's own tasks, which are those that have records. */
const asConfiguredNow = (plan: TasksToRun['plan'], today: Plan): Configured => {
  const watching = watchingOf(today);
  const tasks = new Map(today.tasks.map((task) => [task.config_path as string, task]));
  const rejected = new Map(today.rejected.map(({ path, errors }) => [path as string, errors]));
  const skipped = new Map(today.skipped.map(({ path, reason }) => [path as string, reason]));
  const pathOf = new Map([
    ...today.tasks.map((task) => [task.execution_seq, task.config_path] as const),
    ...today.rejected.map((entry) => [entry.execution_seq, entry.path] as const),
  ]);
  const seqOf = new Map([
    ...plan.tasks.map((task) => [task.config_path, task.execution_seq] as const),
    ...plan.rejected.map((entry) => [entry.path, entry.execution_seq] as const),
  ]);
  return (_, path) => {
    const task = tasks.get(path);
    const rejection = rejected.get(path) ?? null;
    const reason = skipped.get(path);
    const watched = task === undefined ? [] : watching.waitsFor(task.execution_seq);
    return {
      rejection,
      notToBeRun:
        task !== undefined || rejection !== null
          ? null
          : reason === undefined
            ? 'there is no such entry in the configuration that was asked for'
            : `in the configuration that was asked for: ${describeSkip(reason)}`,
      rules: rulesOf(task),
      place: placeOfTask(task ?? {}),
      waitsFor: watched.flatMap((seq) => {
        const found = pathOf.get(seq);
        return (found === undefined ? undefined : seqOf.get(found)) ?? [];
      }),
    };
  };
};

const rulesOf = (task: PlannedTask | undefined): TaskRules =>
  task === undefined
    ? { derived: false, ifSuperseded: 'run', runWhen: 'success', waitsFor: 'depends_on' }
    : rulesOfTask(task);
