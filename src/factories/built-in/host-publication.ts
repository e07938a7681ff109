import { isLeft } from 'fp-ts/lib/Either.js';
import type { HostPlansOnFiles } from '../../host-plans/host-plans.js';
import type { HostOperation } from '../../host-plans/operations/host-operation.js';
import { isWithin } from '../../host-plans/operations/host-path.js';
import { insidePond } from '../../host-plans/operations/inside-pond.js';
import { planHostOperations } from '../../host-plans/plan/plan-host-operations.js';
import { describeHostError, describeHostFailure } from '../../host-plans/steps/host-error.js';
import type { FactoryContext } from '../factory.js';
import { describeAbort } from './abort-reason.js';

const CONCURRENCY = 4;

/** What publishing on the host needs. */
export interface PublicationDeps {
  readonly hostPlans: HostPlansOnFiles;
  /** The pond's directory: what is in it is not published over. */
  readonly pondDir: string;
}

/** Why a place of the host's is not one to publish to; null where it is. */
export const placeProblem = ({ hostPlans, pondDir }: PublicationDeps, place: string): string | null => {
  const own = insidePond(hostPlans.files, pondDir, place);
  return own === null ? null : `${place} is in ${own}, which is the pond's own; export to another directory`;
};

/** Undoes what a crash of an earlier attempt left, before the place is looked at. What keeps the place from being written is thrown in words. */
export const clearTheWay = async ({ hostPlans }: PublicationDeps, place: string): Promise<void> => {
  const recovered = await hostPlans.recover({ again: false })();
  if (isLeft(recovered)) throw new Error(describeHostError(recovered.left));
  const foreign = foreignPlanAt(hostPlans, place);
  if (foreign !== null) throw new Error(foreign);
};

/** Says why the place is left alone: a host plan that was made elsewhere, and is not recovered, names it. */
const foreignPlanAt = (hostPlans: HostPlansOnFiles, place: string): string | null => {
  const listed = hostPlans.list();
  if (isLeft(listed)) return describeHostError(listed.left);
  const foreign = listed.right.find(
    ({ state, effects }) =>
      state === 'made_elsewhere' &&
      effects.some(({ path }) => isWithin(path, place) || isWithin(place, path)),
  );
  return foreign === undefined
    ? null
    : `${place} is left alone: the host plan ${foreign.id}, which was made elsewhere, names it; look at it with pond host checkpoints, then pond host recover --adopt ${foreign.id}, or --discard ${foreign.id}`;
};

/** Executes operations as one host plan. What keeps it from succeeding is thrown in words. */
export const executeOnHost = async (
  { hostPlans }: PublicationDeps,
  { signal, span: { traceParent } }: FactoryContext,
  operations: readonly HostOperation[],
): Promise<void> => {
  const plan = planHostOperations(operations);
  if (isLeft(plan))
    throw new Error(`the export makes no plan: ${plan.left.map(({ _tag }) => _tag).join(', ')}`);
  const executed = await hostPlans.execute(plan.right, {
    concurrency: CONCURRENCY,
    signal,
    trace: { traceParent, origin: 'here' },
  })();
  if (!isLeft(executed)) return;
  const error = executed.left;
  if (error._tag === 'EmptyPlan') return;
  if (error._tag === 'Interrupted') throw new Error(describeAbort(signal));
  const { errors, rollbackFailures } = error.report;
  const words = [...errors, ...rollbackFailures].map(({ error: cause }) => describeHostFailure(cause));
  throw new Error([...new Set(words)].slice(0, 5).join('; '));
};
