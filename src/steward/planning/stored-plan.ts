import * as E from 'fp-ts/lib/Either.js';
import { type Either, isLeft, left } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as t from 'io-ts';
import type { PlanText, StoredPlan } from '../../control/records/commit-record.js';
import { jsonText, jsonValue } from '../../control/store/json-text.js';
import { sha256 } from '../../domain/documents/sha256.js';
import type { Plan, RegistryFacts } from '../../domain/plans/plan.js';
import { RegistryFactsCodec } from '../../domain/plans/plan-codec.js';
import { EMPTY_PLAN } from '../../planner/empty-plan.js';
import { openPlan, planJson } from '../../planner/seal-plan.js';
import type { PondError } from '../errors.js';

/** A plan as the control table keeps it. */
export const storedPlanOf = (plan: Plan): StoredPlan =>
  plan === EMPTY_PLAN ? EMPTY_STORED : { checksum: plan.checksum, plan: planJson(plan) };

/** Plan of every commit in a pond where nothing is configured. */
const EMPTY_STORED: StoredPlan = { checksum: EMPTY_PLAN.checksum, plan: planJson(EMPTY_PLAN) };

/** Reads a plan that the control table kept. */
export const readStoredPlan = ({ plan, checksum }: StoredPlan): Either<PondError, Plan> => {
  const opened = openPlan(plan, checksum);
  return isLeft(opened) ? left(unreadable(checksum, opened.left._tag)) : opened;
};

/** Reads no more of a stored plan than what the registry said when it was made: the rest is computed again from it. */
export const registryInText = ({ text, checksum }: PlanText): Either<PondError, RegistryFacts> =>
  pipe(
    WithRegistry.decode(text),
    E.bimap(
      () => unreadable(checksum, 'UnreadablePlan'),
      ({ registry }) => registry,
    ),
  );

/**
 * The stored plan beside one that was computed again: that one, where both have the same checksum and the text has it, too. A plan of thousands of
 * tasks takes longer to be read and hashed again than to be computed.
 */
export const planInText = ({ text, checksum }: PlanText, again: Plan): Either<PondError, Plan> =>
  again.checksum === checksum && sha256(text) === checksum
    ? E.right(again)
    : pipe(
        AnyJson.decode(text),
        E.mapLeft(() => unreadable(checksum, 'UnreadablePlan')),
        E.flatMap((plan) => readStoredPlan({ checksum, plan })),
      );

const AnyJson = jsonText(jsonValue);

const WithRegistry = jsonText(t.type({ registry: RegistryFactsCodec }));

const unreadable = (checksum: string, why: string): PondError => ({
  _tag: 'ControlUnusable',
  path: 'control.db',
  problem: `plan ${checksum} cannot be read (${why})`,
});
