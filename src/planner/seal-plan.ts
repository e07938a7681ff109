import { type Either, left, right } from 'fp-ts/lib/Either.js';
import {
  type CanonicalBytes,
  canonicalBytes,
  flush,
  jsonBytes,
  type KnownTexts,
  knownTexts,
  writeBytes,
  writeKnown,
  writeNumber,
  writeText,
  writeValue,
} from '../domain/documents/canonical-bytes.js';
import { canonicalJson } from '../domain/documents/canonical-json.js';
import { type KeyError, keyErrors } from '../domain/documents/decode-error.js';
import type { Json, JsonObject } from '../domain/documents/json.js';
import { sha256, sha256Written } from '../domain/documents/sha256.js';
import type { Plan, PlanBody, PlanEdge } from '../domain/plans/plan.js';
import { PlanBodyCodec } from '../domain/plans/plan-codec.js';

/** Puts the checksum on a plan: the SHA-256 of its canonical JSON (RFC 8785). */
export const sealPlan = (body: PlanBody): Plan => ({
  ...body,
  checksum: sha256Written((take) => writePlan(canonicalBytes(take), body)),
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
 * Writes the canonical JSON of a plan. Its long lists are written here, in the order of their keys, because a plan of a
 * hundred thousand tasks is tens of megabytes of JSON; whatever else there is, `canonicalJson` writes.
 */
const writePlan = (out: CanonicalBytes, body: PlanBody): void => {
  const plan = planJson({ ...body, batches: [], edges: [], tasks: [] });
  let before = OBJECT;
  for (const key of Object.keys(plan).sort()) {
    writeBytes(out, before);
    writeText(out, key);
    writeBytes(out, COLON);
    if (key === 'batches') writeBatches(out, body.batches);
    else if (key === 'edges') writeEdges(out, body.edges);
    else if (key === 'tasks') writeTasks(out, body);
    else writeValue(out, plan[key] ?? null);
    before = COMMA;
  }
  writeBytes(out, OBJECT_END);
  flush(out);
};

const writeBatches = (out: CanonicalBytes, batches: PlanBody['batches']): void => {
  writeBytes(out, LIST);
  for (let at = 0; at < batches.length; at += 1) {
    writeBytes(out, at === 0 ? LIST : NEXT_LIST);
    const batch = batches[at] ?? [];
    for (let place = 0; place < batch.length; place += 1) {
      if (place > 0) writeBytes(out, COMMA);
      writeNumber(out, batch[place] ?? 0);
    }
    writeBytes(out, LIST_END);
  }
  writeBytes(out, LIST_END);
};

const writeEdges = (out: CanonicalBytes, edges: readonly PlanEdge[]): void => {
  writeBytes(out, LIST);
  for (let at = 0; at < edges.length; at += 1) {
    const edge = edges[at];
    if (edge === undefined) continue;
    writeBytes(out, at === 0 ? EDGE.first : EDGE.from);
    writeNumber(out, edge.from);
    writeBytes(out, EDGE[edge.reason]);
    writeNumber(out, edge.to);
    writeBytes(out, OBJECT_END);
  }
  writeBytes(out, LIST_END);
};

const writeTasks = (out: CanonicalBytes, { tasks, edges }: Pick<PlanBody, 'tasks' | 'edges'>): void => {
  const names = knownTexts(tasks.map(({ name }) => name));
  let edge = 0;
  writeBytes(out, LIST);
  for (let at = 0; at < tasks.length; at += 1) {
    const task = tasks[at];
    if (task === undefined) continue;
    writeBytes(out, at === 0 ? TASK.first : TASK.batch);
    writeNumber(out, task.batch);
    writeBytes(out, TASK.blocked_by);
    writeTexts(out, task.blocked_by);
    writeBytes(out, TASK.config_path);
    writeText(out, task.config_path);
    writeBytes(out, TASK.depends_on);
    while ((edges[edge]?.to ?? Number.POSITIVE_INFINITY) < task.execution_seq) edge += 1;
    writeNames(out, task.depends_on, names, edges, edge);
    if (task.derived) writeBytes(out, TASK.derived);
    writeBytes(out, TASK.execution_seq);
    writeNumber(out, task.execution_seq);
    writeBytes(out, TASK.factory);
    writeText(out, task.factory);
    if (task.host !== undefined) {
      writeBytes(out, TASK.host);
      writeText(out, task.host);
    }
    if (task.if_superseded !== undefined) {
      writeBytes(out, TASK.if_superseded);
      writeText(out, task.if_superseded);
    }
    writeBytes(out, TASK.name);
    writeKnown(out, names, at, task.name);
    if (task.queue !== undefined) {
      writeBytes(out, TASK.queue);
      writeText(out, task.queue);
    }
    writeBytes(out, TASK.retry);
    if (task.retry === null) writeBytes(out, NULL);
    else writeValue(out, task.retry);
    if (task.run_when !== undefined) {
      writeBytes(out, TASK.run_when);
      writeText(out, task.run_when);
    }
    writeBytes(out, TASK.stage);
    writeNumber(out, task.stage);
    writeBytes(out, TASK.timeout_ms);
    if (task.timeout_ms === null) writeBytes(out, NULL);
    else writeNumber(out, task.timeout_ms);
    if (task.waits_for !== undefined) {
      writeBytes(out, TASK.waits_for);
      writeText(out, task.waits_for);
    }
    writeBytes(out, OBJECT_END);
  }
  writeBytes(out, LIST_END);
};

const writeTexts = (out: CanonicalBytes, texts: readonly string[]): void => {
  writeBytes(out, LIST);
  for (let at = 0; at < texts.length; at += 1) {
    if (at > 0) writeBytes(out, COMMA);
    writeText(out, texts[at] ?? '');
  }
  writeBytes(out, LIST_END);
};

/**
 * Names of tasks that have been encoded as names already: mostly the edges that lead to a task, from the one with the number
 * `edge` on, say which tasks these are, in the same order.
 */
const writeNames = (
  out: CanonicalBytes,
  written: readonly string[],
  names: KnownTexts,
  edges: readonly PlanEdge[],
  edge: number,
): void => {
  writeBytes(out, LIST);
  for (let at = 0; at < written.length; at += 1) {
    if (at > 0) writeBytes(out, COMMA);
    writeKnown(out, names, (edges[edge + at]?.from ?? 0) - 1, written[at] ?? '');
  }
  writeBytes(out, LIST_END);
};

const OBJECT = jsonBytes('{');
const OBJECT_END = jsonBytes('}');
const LIST = jsonBytes('[');
const NEXT_LIST = jsonBytes(',[');
const LIST_END = jsonBytes(']');
const COMMA = jsonBytes(',');
const COLON = jsonBytes(':');
const NULL = jsonBytes('null');

/** Bytes that stand before the values of an edge. */
const EDGE = {
  first: jsonBytes('{"from":'),
  from: jsonBytes(',{"from":'),
  depends_on: jsonBytes(',"reason":"depends_on","to":'),
  order: jsonBytes(',"reason":"order","to":'),
};

/** Bytes that stand before the values of a task. */
const TASK = {
  first: jsonBytes('{"batch":'),
  batch: jsonBytes(',{"batch":'),
  blocked_by: jsonBytes(',"blocked_by":'),
  config_path: jsonBytes(',"config_path":'),
  depends_on: jsonBytes(',"depends_on":'),
  derived: jsonBytes(',"derived":true'),
  execution_seq: jsonBytes(',"execution_seq":'),
  factory: jsonBytes(',"factory":'),
  host: jsonBytes(',"host":'),
  if_superseded: jsonBytes(',"if_superseded":'),
  name: jsonBytes(',"name":'),
  queue: jsonBytes(',"queue":'),
  retry: jsonBytes(',"retry":'),
  run_when: jsonBytes(',"run_when":'),
  stage: jsonBytes(',"stage":'),
  timeout_ms: jsonBytes(',"timeout_ms":'),
  waits_for: jsonBytes(',"waits_for":'),
};

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
