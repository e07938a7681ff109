import { pipe } from 'fp-ts/lib/function.js';
import * as T from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { countOfSameCause, MOST_DERIVED, tasksInChain } from '../../domain/plans/chain.js';
import type { Plan } from '../../domain/plans/plan.js';
import type { Suppression } from '../../domain/plans/suppression.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import type { Change } from '../../domain/tree/change.js';
import type { HeldLog } from '../../effects/held-log.js';
import { steps } from '../../effects/steps.js';
import { chainFacts } from '../../planner/chain-facts.js';
import type { PlannerRules } from '../../planner/planner-rules.js';
import { changesOf } from '../../tinyfs/tree/changes.js';
import type { PondError } from '../errors.js';
import { runGates } from '../gates/run-gates.js';
import { makePlan } from '../planning/make-plan.js';
import { planOrFailure } from '../planning/plan-of-commit.js';
import type { Pond } from '../pond/pond.js';
import type { Verdict } from '../trust/pond-trust.js';
import type { Transaction } from './begin-write.js';
import { changedInChain } from './changed-in-chain.js';
import { withinWrite } from './writers/inside-write.js';

/** Decisions about a write: what is to be committed, and what is to follow it. */
export interface Decided {
  /** Changes that the body and the gates have made. */
  readonly changes: readonly Change[];
  readonly plan: Plan;
  readonly rules: PlannerRules;
  /** Reason why no task is run. */
  readonly suppressed: Suppression | null;
  /** Entries that commits of the chain have changed. */
  readonly changedInChain: readonly string[];
}

/** The rest of step 2: approval of what the body has changed, gates, and the plan. Nothing of it is committed yet. */
export const decideWrite = (
  transaction: Transaction,
  rules: PlannerRules,
  gateLog: () => HeldLog,
): TE.TaskEither<PondError, Decided> =>
  steps(async (s) => {
    const { pond, identity, persistence, span } = transaction;
    const written = await s.run(changesOf(persistence, identity.txnSeq));
    const settled = await s.run(settleTrust(transaction));
    const changes = transaction.asksGates
      ? await s.run(
          withCode(pond, settled, runGates({ gateLog, ...transaction }, written, mayRunGates(settled))),
        )
      : written;
    // What a gate has changed is not what the user has written.
    const trusted = changes === written ? settled : await s.run(pond.trust.judge(persistence));
    const suppressed =
      suppressionBy(trusted, transaction.suppressed) ?? (await s.run(suppressionByNumber(transaction)));
    const { chain: causedBy, task } = transaction.around;
    const changed = task === null ? [] : await s.run(changedInChain(pond, persistence, causedBy));
    const request = {
      view: persistence,
      changes,
      suppressed,
      chain: chainFacts(pond.tlog.pondId, { causedBy, changedInChain: changed }),
      rules,
      recordedFacts: null,
      loadsModules: T.of(trusted._tag === 'Trusted'),
      trace: span.context,
    };
    const { plan } = await s.run(withCode(pond, trusted, planOrFailure(makePlan(pond, request), rules)));
    return { changes, plan, rules, suppressed, changedInChain: changed };
  });

/** Does work that may run what is configured, which then knows that it is inside this write: nothing may where there is nothing to approve. */
const withCode = <E, A>(pond: Pond, verdict: Verdict, work: TE.TaskEither<E, A>): TE.TaskEither<E, A> =>
  verdict._tag === 'Trusted' && verdict.digest === null ? work : withinWrite(pond, work);

/**
 * Approves what the commit changes of what may run, durably before the commit point, where its user makes it;
 * never where something that runs does.
 */
const settleTrust = ({
  pond,
  persistence,
  trusted,
  approves,
  around,
}: Transaction): TE.TaskEither<PondError, Verdict> =>
  approves && around.chain.length === 0
    ? pond.trust.approveCommit(persistence, trusted)
    : pond.trust.judge(persistence);

/** Refuses gates that this user has not approved: those that are there, or that the transaction adds. */
const mayRunGates = (trusted: Verdict): TE.TaskEither<PondError, void> =>
  trusted._tag === 'Trusted' ? TE.right(undefined) : TE.left(trusted.refusal);

/** A commit by which something might run that this user has not approved lands, and runs nothing. */
const suppressionBy = (trusted: Verdict, suppressed: Suppression | null): Suppression | null =>
  trusted._tag === 'NotTrusted' && trusted.mightRun ? 'not-trusted' : suppressed;

/** A derived commit lands, and sets off nothing, where as many as may be have the same cause. */
const suppressionByNumber = ({
  pond,
  around: { chain, task },
  identity,
}: Transaction): TE.TaskEither<PondError, Suppression | null> => {
  const outermost = tasksInChain(chain, pond.tlog.pondId)[0];
  if (task === null || outermost === undefined) return TE.right(null);
  return pipe(
    pond.control.causedCommits(outermost.parentTxnSeq),
    TE.map((commits) => {
      if (countOfSameCause(chain, commits) < MOST_DERIVED) return null;
      pond.ports.logger.log('warn', 'too_many_derived_commits', {
        txn_seq: identity.txnSeq,
        outermost: printTaskId(outermost),
        most: MOST_DERIVED,
      });
      return 'too-many-derived';
    }),
  );
};
