import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { OperationFailure } from '../../executor/operation.js';
import type { HostPlansOnFiles } from '../../host-plans/host-plans.js';
import type { HostOperation } from '../../host-plans/operations/host-operation.js';
import { isWithin } from '../../host-plans/operations/host-path.js';
import { insidePond, isInPondDirectory } from '../../host-plans/operations/inside-pond.js';
import type { HostPlanError } from '../../host-plans/plan/host-plan.js';
import { planHostOperations } from '../../host-plans/plan/plan-host-operations.js';
import {
  describeHostError,
  describeHostFailure,
  type HostOperationError,
} from '../../host-plans/steps/host-error.js';
import type { FactoryContext } from '../factory.js';
import { describeAbort } from './abort-reason.js';

const CONCURRENCY = 4;

/** Ports that publishing on the host needs. */
export interface PublicationDeps {
  readonly hostPlans: HostPlansOnFiles;
  /** The pond's directory: what is in it is not published over. */
  readonly pondDir: string;
  /** The pond's address, where it lies in a store. */
  readonly pondAddress?: string;
}

/** Returns why a place of the host's is not one to publish to; null where it is. */
export const placeProblem = (
  { hostPlans, pondDir, pondAddress = pondDir }: PublicationDeps,
  place: string,
): string | null => {
  const own = insidePond(hostPlans.files, pondDir, place) ?? insidePond(hostPlans.files, pondAddress, place);
  if (own !== null) return `${place} is in ${own}, which is the pond's own; export to another directory`;
  return isInPondDirectory(hostPlans.files, pondDir, place)
    ? `${place} is in the pond's directory, where every file has to be approved before tasks run again; export to another directory`
    : null;
};

/** Reason why nothing was published. */
export type PublicationError =
  /** Remains of an earlier attempt that cannot be undone, or cannot be looked at. */
  | { readonly _tag: 'WayNotClear'; readonly error: HostOperationError }
  /** A host plan that was made elsewhere, and is not recovered, names the place. */
  | { readonly _tag: 'ForeignPlan'; readonly place: string; readonly id: string }
  | { readonly _tag: 'NoHostPlan'; readonly errors: readonly HostPlanError[] }
  | { readonly _tag: 'NotExecuted'; readonly errors: readonly OperationFailure<HostOperationError>[] }
  /** The attempt was told to stop, for a reason in words. */
  | { readonly _tag: 'PublicationStopped'; readonly reason: string };

/** Errors of one publication that are said, at most: many operations fail for one reason. */
const MOST_SAID = 5;

/** A publication's error as one sentence for people, without a full stop. */
export const describePublicationError = (error: PublicationError): string => {
  switch (error._tag) {
    case 'WayNotClear':
      return describeHostError(error.error);
    case 'ForeignPlan': {
      const { place, id } = error;
      return `${place} is left alone: the host plan ${id}, which was made elsewhere, names it; look at it with pond host checkpoints, then pond host recover --adopt ${id}, or --discard ${id}`;
    }
    case 'NoHostPlan':
      return `the export makes no plan: ${error.errors.map(({ _tag }) => _tag).join(', ')}`;
    case 'NotExecuted':
      return [...new Set(error.errors.map((failure) => describeHostFailure(failure.error)))]
        .slice(0, MOST_SAID)
        .join('; ');
    case 'PublicationStopped':
      return error.reason;
  }
};

/** Undoes what a crash of an earlier attempt left, before the place is looked at. */
export const clearTheWay = (
  { hostPlans }: PublicationDeps,
  place: string,
): TE.TaskEither<PublicationError, void> =>
  pipe(
    hostPlans.recover({ again: false }),
    TE.mapLeft((error): PublicationError => ({ _tag: 'WayNotClear', error })),
    TE.flatMapEither(() => refuseForeignPlanAt(hostPlans, place)),
  );

const refuseForeignPlanAt = (hostPlans: HostPlansOnFiles, place: string): Either<PublicationError, void> => {
  const listed = hostPlans.list();
  if (isLeft(listed)) return left({ _tag: 'WayNotClear', error: listed.left });
  const foreign = listed.right.find(
    ({ state, effects }) =>
      state === 'made_elsewhere' &&
      effects.some(({ path }) => isWithin(path, place) || isWithin(place, path)),
  );
  return foreign === undefined ? right(undefined) : left({ _tag: 'ForeignPlan', place, id: foreign.id });
};

/** Executes operations as one host plan; none are nothing to do. */
export const executeOnHost = (
  { hostPlans }: PublicationDeps,
  { signal, span: { traceParent } }: FactoryContext,
  operations: readonly HostOperation[],
): TE.TaskEither<PublicationError, void> => {
  const plan = planHostOperations(operations);
  if (isLeft(plan)) return TE.left({ _tag: 'NoHostPlan', errors: plan.left });
  const executed = hostPlans.execute(plan.right, {
    concurrency: CONCURRENCY,
    signal,
    trace: { traceParent, origin: 'here' },
  });
  return pipe(
    executed,
    TE.matchE(
      (error) => {
        if (error._tag === 'EmptyPlan') return TE.right(undefined);
        if (error._tag === 'Interrupted') {
          return TE.left<PublicationError>({ _tag: 'PublicationStopped', reason: describeAbort(signal) });
        }
        const { errors, rollbackFailures } = error.report;
        return TE.left<PublicationError>({ _tag: 'NotExecuted', errors: [...errors, ...rollbackFailures] });
      },
      () => TE.right(undefined),
    ),
  );
};
