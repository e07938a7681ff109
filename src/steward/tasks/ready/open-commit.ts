import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FleetTable, ReadyClaim } from '../../../control/fleet-table.js';
import { shellWord } from '../../../domain/shell-word.js';
import { steps } from '../../../effects/steps.js';
import type { TraceContext } from '../../../ports/telemetry.js';
import { changesOf } from '../../../tinyfs/tree/changes.js';
import { taskHandler } from '../../attempts/task-handler.js';
import { describeError } from '../../describe-error.js';
import type { PondError } from '../../errors.js';
import { planAhead } from '../../planning/plan-ahead.js';
import { planOfLoggedCommit } from '../../planning/plan-of-commit.js';
import { planInText, registryInText } from '../../planning/stored-plan.js';
import { registryForTask } from '../../pond/factories/known-factories.js';
import { recordedContext } from '../../pond/in-span.js';
import type { Pond } from '../../pond/pond.js';
import { ofItsTasks } from '../commit-of-tasks.js';
import { type FiringWork, firingWork } from '../firing-work.js';
import { type OperationByItself, operationsByThemselves } from '../operations-of-claims.js';
import { refuseUntrusted } from '../refuse-untrusted.js';
import { NO_PLAN } from '../run-plan.js';
import { type ToBegin, toBeginOf } from './begun-tasks.js';
import { setupOfTasks } from './setup-of-tasks.js';

/** Reason why this process runs a task not, or none of its commit: somebody else may. */
export interface Refusal {
  readonly _tag: 'Refused';
  readonly reason: string;
  /** It is about all tasks of the commit. */
  readonly all: boolean;
}

/** A commit or a firing of which tasks are run one by one, looked at once. */
export interface OpenedCommit {
  readonly work: FiringWork;
  readonly trace: TraceContext | null;
  readonly operations: OperationByItself;
  readonly handler: ReturnType<typeof taskHandler>;
  /** Tells whether a factory is known here. */
  readonly knows: (factory: string) => boolean;
  /** Tasks that may begin with their claims, before they are looked at. */
  readonly toBegin: ToBegin;
  /** Tasks of it that run here now. */
  running: number;
}

/** Commit or firing that is to be opened. */
type ToOpen = Pick<ReadyClaim, 'parentTxnSeq' | 'txnId' | 'firing' | 'dataFsVersion'> & {
  /**
   * It is the newest one, before any task of it is claimed, or of the next one. What is known now is what is newest then; else it is that only where
   * the commit is newer.
   */
  readonly isAhead?: boolean;
};

/** Looks at what a task belongs to, and whether it is to be run here. */
export const openCommit = (
  pond: Pond,
  fleet: FleetTable,
  claim: ToOpen,
): TE.TaskEither<PondError, OpenedCommit | Refusal> => {
  // Asked at once, beside the store, which is asked where the commit is newer than what is known here. It is sent when this process gives way.
  const asked = fleet.openingOf(claim.txnId)();
  return pipe(
    TE.fromTask(pond.ports.clock.giveWay),
    TE.flatMap(() => pond.tlog.head('known')),
    TE.bindTo('known'),
    TE.bindW('work', () =>
      claim.firing === undefined ? commitWork(pond, claim, asked) : firingWork(pond, claim.firing),
    ),
    TE.flatMap(({ known, work }): TE.TaskEither<PondError, OpenedCommit | Refusal> => {
      if ('_tag' in work) return TE.right(work);
      return steps(async ({ run }): Promise<OpenedCommit> => {
        const trace = recordedContext((await run(() => asked)).traceParent);
        const { configTxnSeq } = work;
        const configured = await run(pond.tlog.snapshot(configTxnSeq));
        const isNews = claim.isAhead === true || known.txnSeq < configTxnSeq;
        const registry = await registryForTask(pond, configured, { isNews })();
        const knows = (factory: string) => registry.facts(factory) !== null;
        const opened: OpenedCommit = {
          work,
          trace,
          toBegin: toBeginOf(
            pond,
            { ...work, trace },
            await run(setupOfTasks(pond, work.plan, configured)),
            knows,
          ),
          running: 0,
          operations: await run(operationsByThemselves(pond, { ...work, trace })),
          handler: taskHandler(pond, work.commit, work.changes, () => opened.running === 0, {
            configTxnSeq,
            registry,
          }),
          knows,
        };
        return opened;
      });
    }),
    TE.orElse(
      (error): TE.TaskEither<PondError, OpenedCommit | Refusal> =>
        error._tag === 'NotTrusted' || error._tag === 'PondTooNew'
          ? TE.right({ _tag: 'Refused', reason: refusalText(pond, error), all: true })
          : TE.left(error),
    ),
  );
};

/** All tasks of a commit are refused for one reason, and others read it: what it would run is said by `pond trust`. */
const refusalText = (pond: Pond, error: PondError): string =>
  error._tag === 'NotTrusted'
    ? `its configuration is not approved by the user of the worker on ${pond.ports.host.hostName}: pond trust ${shellWord(pond.address)} there`
    : describeError(error);

/**
 * A commit as work, whose plan is computed again here: another one means another version, or other factories, than those that made it. Where it sets
 * off nothing, what is looked at ahead is the next one.
 */
const commitWork = (
  pond: Pond,
  { parentTxnSeq, txnId, dataFsVersion, isAhead }: ToOpen,
  asked: ReturnType<ReturnType<FleetTable['openingOf']>>,
): TE.TaskEither<PondError, FiringWork | Refusal> =>
  steps(async ({ run, take }) => {
    const commit = await run(pond.tlog.commitOf(parentTxnSeq, dataFsVersion ?? undefined));
    await run(refuseUntrusted(pond, [parentTxnSeq]));
    const { plan: stored } = await run(() => asked);
    const work = { commit: ofItsTasks({ parentTxnSeq, txnId }, commit), configTxnSeq: parentTxnSeq };
    if (stored === null) {
      const view = await run(pond.tlog.snapshot(parentTxnSeq));
      return { ...work, plan: NO_PLAN, changes: await run(changesOf(view, parentTxnSeq)) };
    }
    const recordedFacts = take(registryInText(stored));
    const { plan: again, changes } = await run(planOfLoggedCommit(pond, commit, { recordedFacts }));
    const plan = take(planInText(stored, again));
    const [recorded] = [plan.checksum, commit.planChecksum].filter((one) => one !== again.checksum);
    if (recorded !== undefined) {
      const reason = `the plan of commit ${parentTxnSeq} is recorded as ${recorded} and comes out here as ${again.checksum}`;
      return { _tag: 'Refused', reason, all: true };
    }
    if (isAhead !== true || plan.tasks.length > 0) return { ...work, plan, changes };
    return {
      ...work,
      plan: await run(planAhead(pond, await run(pond.tlog.snapshot(parentTxnSeq)))),
      changes,
    };
  });
