import { type Either, fromNullable, isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { RegistryFacts } from '../../domain/plans/plan.js';
import { steps } from '../../effects/steps.js';
import { chainFacts } from '../../planner/chain-facts.js';
import { planOfFailedDiscovery } from '../../planner/plan-commit.js';
import { NEWEST_RULES, type PlannerRules, rulesOfVersion } from '../../planner/planner-rules.js';
import { changesOf } from '../../tinyfs/tree/changes.js';
import type { LoggedCommit } from '../../tlogfs/tlog.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { CommitPlan } from '../shapes/call-reports.js';
import { type MadePlan, makePlan, type PlanRequest } from './make-plan.js';
import { readStoredPlan } from './stored-plan.js';

/**
 * The plan of a commit, computed again from the pond: the commit's data, its configuration, and what the registry
 * said at the time (where the control table still knows; otherwise, what it says now).
 */
export const planOfCommit = (pond: Pond, txnSeq?: number): TE.TaskEither<PondError, CommitPlan> =>
  pipe(
    txnSeq === undefined
      ? pipe(
          pond.tlog.head(),
          TE.map((head) => head.txnSeq),
        )
      : TE.right(txnSeq),
    TE.flatMap((seq) => pond.tlog.commitOf(seq)),
    TE.flatMap((commit) => planOfLoggedCommit(pond, commit)),
  );

/** Facts about a plan that is to be computed again. */
interface PlanAgain {
  /** Configuration that it is computed with instead of the pond's own. */
  readonly instead?: PlanRequest['instead'];
  /** The registry's facts of the time, where they are at hand; left out: the control table is asked. */
  readonly recordedFacts?: RegistryFacts | null;
}

/** The same for a commit whose log entry is at hand. */
export const planOfLoggedCommit = (
  pond: Pond,
  commit: LoggedCommit,
  { instead, recordedFacts }: PlanAgain = {},
): TE.TaskEither<PondError, CommitPlan> =>
  steps(async ({ run, take }) => {
    const rules = take(rulesOf(pond, commit));
    const view = await run(pond.tlog.snapshot(commit.txnSeq));
    const changes = await run(changesOf(view, commit.txnSeq));
    const facts = recordedFacts === undefined ? await run(factsOf(pond, commit)) : recordedFacts;
    const request: PlanRequest = {
      view,
      loadsModules: pipe(
        pond.trust.judge(view),
        TE.match(
          () => false,
          ({ _tag }) => _tag === 'Trusted',
        ),
      ),
      changes,
      suppressed: commit.suppressed,
      chain: chainFacts(pond.tlog.pondId, commit),
      rules,
      recordedFacts: facts,
      ...(instead === undefined ? {} : { instead }),
    };
    return {
      txnSeq: commit.txnSeq,
      changes,
      recordedChecksum: commit.planChecksum,
      registryAsked: facts === null ? 'now' : 'at-commit',
      ...(await run(planOrFailure(makePlan(pond, request), rules))),
    };
  });

/** The rules by which a commit was planned. */
export const rulesOf = (
  { directory }: Pick<Pond, 'directory'>,
  { plannerVersion }: Pick<LoggedCommit, 'plannerVersion'>,
): Either<PondError, PlannerRules> =>
  fromNullable<PondError>({
    _tag: 'PondTooNew',
    path: directory,
    format: `planner rules ${plannerVersion}`,
    known: NEWEST_RULES,
  })(rulesOfVersion(plannerVersion));

/** A plan in any case: where discovery failed as a whole, with that one error as its rejected entry. */
export const planOrFailure = (
  planned: TE.TaskEither<PondError, MadePlan>,
  rules: PlannerRules,
): TE.TaskEither<never, MadePlan> =>
  pipe(
    planned,
    TE.getOrElse(
      (error) => async (): Promise<MadePlan> => ({
        plan: planOfFailedDiscovery(describeError(error), rules),
        sources: new Map(),
      }),
    ),
    TE.fromTask,
  );

const factsOf = (pond: Pond, commit: LoggedCommit): TE.TaskEither<PondError, RegistryFacts | null> =>
  pipe(
    pond.control.planOf({ txnId: commit.txnId }),
    TE.orElse((error) => (error._tag === 'ControlUnreadable' ? TE.right(null) : TE.left(error))),
    TE.map((stored) => {
      const plan = stored === null ? null : readStoredPlan(stored);
      return plan === null || isLeft(plan) ? null : plan.right.registry;
    }),
  );
