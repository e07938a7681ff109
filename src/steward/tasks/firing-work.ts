import { pipe } from 'fp-ts/lib/function.js';
import { isSome } from 'fp-ts/lib/Option.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { firingPlaceOf, parseFiring } from '../../domain/plans/firing.js';
import type { PlannedTask } from '../../domain/plans/plan.js';
import { steps } from '../../effects/steps.js';
import { renumbered } from '../../planner/firings/plan-firing.js';
import type { PondError } from '../errors.js';
import { makeFiringPlan } from '../planning/make-firing-plan.js';
import type { Pond } from '../pond/pond.js';
import { refuseUntrusted } from './refuse-untrusted.js';
import type { TasksToRun } from './tasks-to-run.js';

/** Everything that running tasks needs beside their claims. */
export type FiringWork = Pick<
  TasksToRun,
  'commit' | 'plan' | 'changes' | 'configTxnSeq' | 'absent' | 'writers'
>;

/**
 * A firing as work: its tasks see the newest commit, with its configuration, whenever they are run. What is recorded of the
 * firing keeps its numbers; what is not configured any more is left out.
 */
export const firingWork = (pond: Pond, name: string): TE.TaskEither<PondError, FiringWork> =>
  steps(async ({ run, fail }) => {
    const firing = parseFiring(name);
    if (!isSome(firing)) return fail({ _tag: 'TaskNotFound', task: name });
    const recorded = await run(pond.control.tasksOfFiring(name));
    const { txnSeq, version } = await run(pond.tlog.head());
    await run(refuseUntrusted(pond, [txnSeq]));
    const commit = await run(pond.tlog.commitOf(txnSeq));
    const plan = await run(
      pipe(
        pond.tlog.snapshot(txnSeq),
        TE.flatMap((view) => makeFiringPlan(pond, view, firing.value.path)),
      ),
    );
    const seqOf = new Map(recorded.map((task) => [task.configPath, task.executionSeq]));
    const pathOf = new Map([
      ...(plan?.tasks ?? []).map((task) => [task.execution_seq, task.config_path] as const),
      ...(plan?.rejected ?? []).map((entry) => [entry.execution_seq, entry.path] as const),
    ]);
    const numbered =
      plan === null ? NO_PLAN : renumbered(plan, (seq) => seqOf.get(pathOf.get(seq) ?? '') ?? null);
    const planned = new Set([
      ...numbered.tasks.map(({ execution_seq }) => execution_seq),
      ...numbered.rejected.map(({ execution_seq }) => execution_seq),
    ]);
    const isWriter = ({ factory, execution_seq }: PlannedTask): boolean =>
      firingPlaceOf(execution_seq) === 0 &&
      plan?.registry.factories[factory]?.modes.includes('InTransactionWriter') === true;
    return {
      commit: {
        txnSeq,
        txnId: name,
        dataFsVersion: version,
        causedBy: [],
        firing: name,
        incarnation: commit.incarnation ?? null,
      },
      plan: numbered,
      changes: [],
      configTxnSeq: txnSeq,
      absent: new Set(
        recorded.map(({ executionSeq }) => executionSeq).filter((executionSeq) => !planned.has(executionSeq)),
      ),
      writers: new Set(numbered.tasks.filter(isWriter).map(({ execution_seq }) => execution_seq)),
    };
  });

const NO_PLAN: TasksToRun['plan'] = { tasks: [], edges: [], rejected: [], max_concurrency: 1, checksum: '' };
