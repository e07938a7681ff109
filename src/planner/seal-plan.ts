import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '../domain/canonical-json.js';
import { type KeyError, keyErrors } from '../domain/decode-error.js';
import type { Json, JsonObject } from '../domain/json.js';
import { type Plan, type PlanBody, PlanBodyCodec, type PlanEdge, type PlannedTask } from '../domain/plan.js';
import { sha256, sha256OfPieces } from '../domain/sha256.js';

/** Puts the checksum on a plan: the SHA-256 of its canonical JSON (RFC 8785). */
export const sealPlan = (body: PlanBody): Plan => ({
  ...body,
  checksum: sha256OfPieces(canonicalPieces(body)),
});

/** A plan as the JSON that is stored and hashed. */
export const planJson = (plan: PlanBody): JsonObject =>
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

/**
 * The canonical JSON of a plan in pieces, to be hashed. Its two long lists are written here, in the order of their keys,
 * because a plan of a hundred thousand tasks is tens of megabytes of text; whatever else there is, `canonicalJson` writes.
 */
function* canonicalPieces(body: PlanBody): Generator<string> {
  const plan = planJson(body);
  let before = '{';
  for (const key of Object.keys(plan).sort()) {
    yield `${before}"${key}":`;
    if (key === 'edges') yield* listPieces(body.edges, edgeText);
    else if (key === 'tasks') yield* listPieces(body.tasks, taskText);
    else yield canonicalJson(plan[key] ?? null);
    before = ',';
  }
  yield '}';
}

/** Items that become one piece. */
const TOGETHER = 500;

function* listPieces<A>(items: readonly A[], textOf: (item: A) => string): Generator<string> {
  yield '[';
  for (let start = 0; start < items.length; start += TOGETHER) {
    const texts = items
      .slice(start, start + TOGETHER)
      .map(textOf)
      .join(',');
    yield start === 0 ? texts : `,${texts}`;
  }
  yield ']';
}

const edgeText = ({ from, reason, to }: PlanEdge): string =>
  `{"from":${from},"reason":"${reason}","to":${to}}`;

const taskText = (task: PlannedTask): string =>
  `{"batch":${task.batch},"blocked_by":${textsText(task.blocked_by)},"config_path":${JSON.stringify(task.config_path)}` +
  `,"depends_on":${textsText(task.depends_on)},"execution_seq":${task.execution_seq}` +
  `,"factory":${JSON.stringify(task.factory)},"name":${JSON.stringify(task.name)}` +
  `,"retry":${task.retry === null ? 'null' : canonicalJson(task.retry)},"stage":${task.stage}` +
  `,"timeout_ms":${task.timeout_ms}}`;

const textsText = (texts: readonly string[]): string => (texts.length === 0 ? '[]' : JSON.stringify(texts));

/** A stored plan cannot be read, or does not have the checksum under which it was stored. */
export type UnreadablePlan =
  | { readonly _tag: 'UnreadablePlan'; readonly errors: readonly KeyError[] }
  | { readonly _tag: 'ChecksumMismatch'; readonly expected: string; readonly found: string };

/** Reads a stored plan back. */
export const openPlan = (stored: Json, checksum: string): Either<UnreadablePlan, Plan> => {
  const decoded = PlanBodyCodec.decode(stored);
  if (decoded._tag === 'Left') return left({ _tag: 'UnreadablePlan', errors: keyErrors(decoded.left) });
  const found = sha256(canonicalJson(stored));
  return found === checksum
    ? right({ ...decoded.right, checksum })
    : left({ _tag: 'ChecksumMismatch', expected: checksum, found });
};
