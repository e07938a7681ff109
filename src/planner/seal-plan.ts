import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '../domain/canonical-json.js';
import { type KeyError, keyErrors } from '../domain/decode-error.js';
import type { Json } from '../domain/json.js';
import { type Plan, type PlanBody, PlanBodyCodec } from '../domain/plan.js';
import { sha256 } from '../domain/sha256.js';

/** Puts the checksum on a plan: the SHA-256 of its canonical JSON (RFC 8785). */
export const sealPlan = (body: PlanBody): Plan => ({
  ...body,
  checksum: sha256(canonicalJson(planJson(body))),
});

/** A plan as the JSON that is stored and hashed. */
export const planJson = (plan: PlanBody): Json =>
  PlanBodyCodec.encode({
    batches: plan.batches,
    edges: plan.edges,
    max_concurrency: plan.max_concurrency,
    planner_version: plan.planner_version,
    registry: plan.registry,
    rejected: plan.rejected,
    schedule: plan.schedule,
    skipped: plan.skipped,
    tasks: plan.tasks,
    warnings: plan.warnings,
  });

/** A stored plan cannot be read, or does not have the checksum under which it was stored. */
export type UnreadablePlan =
  | { readonly _tag: 'UnreadablePlan'; readonly errors: readonly KeyError[] }
  | { readonly _tag: 'ChecksumMismatch'; readonly expected: string; readonly found: string };

/** Reads a stored plan back. */
export const openPlan = (stored: Json, checksum: string): Either<UnreadablePlan, Plan> => {
  const decoded = PlanBodyCodec.decode(stored);
  if (decoded._tag === 'Left') return left({ _tag: 'UnreadablePlan', errors: keyErrors(decoded.left) });
  const plan = sealPlan(decoded.right);
  return plan.checksum === checksum
    ? right(plan)
    : left({ _tag: 'ChecksumMismatch', expected: checksum, found: plan.checksum });
};
