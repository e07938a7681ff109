import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/domain/documents/canonical-json.js';
import type { Json } from '../../src/domain/documents/json.js';
import { sha256 } from '../../src/domain/documents/sha256.js';
import { openPlan, planJson, sealPlan } from '../../src/planner/seal-plan.js';
import { dynamicNode, planOf } from './entries.js';

const plan = planOf([dynamicNode('10-a', 'notify', ''), dynamicNode('20-b', 'nobody', '')]);

test("the checksum is the SHA-256 of the plan's canonical JSON without the checksum itself", () => {
  expect(plan.checksum).toBe(sha256(canonicalJson(planJson(plan))));
  expect(planJson(plan)).not.toHaveProperty('checksum');
  expect(sealPlan(plan)).toEqual(plan);
});

test('a plan of more tasks and edges than are hashed in one piece has the same checksum as a whole', () => {
  const names = Array.from({ length: 1_201 }, (_, index) => `${1_000 + index}`);
  const large = planOf(names.map((name) => dynamicNode(name, 'notify', '')));
  expect(large.checksum).toBe(sha256(canonicalJson(planJson(large))));
});

test('the checksum is that of the names as they are written, whatever the edges say', () => {
  const names = ['10-ä"', '20-b', '30-\u0001', '40-d', `50-${'long'.repeat(20_000)}`, '60-f'];
  const named = planOf(names.map((name) => dynamicNode(name, 'notify', '')));
  const tasks = named.tasks.map((task, at) => ({ ...task, depends_on: names.slice(0, at).toReversed() }));
  const edgesTo = (to: number) => (from: number) => ({ from, reason: 'depends_on', to }) as const;
  const seqs = tasks.map(({ execution_seq }) => execution_seq);
  const inOrder = seqs.flatMap((to) => seqs.filter((from) => from < to).map(edgesTo(to)));
  const backwards = seqs.flatMap((to) =>
    seqs
      .filter((from) => from < to)
      .toReversed()
      .map(edgesTo(to)),
  );
  for (const edges of [inOrder, backwards, [], inOrder.toReversed()]) {
    const sealed = sealPlan({ ...named, tasks, edges });
    expect(sealed.checksum).toBe(sha256(canonicalJson(planJson(sealed))));
  }
});

test('a stored plan with a key that nobody knows is refused: it is not what was hashed', () => {
  const stored = { ...planJson(plan), tasks: plan.tasks.map((task) => ({ ...task, more: 1 })) };
  expect(openPlan(stored, plan.checksum)).toMatchObject({ left: { _tag: 'ChecksumMismatch' } });
});

test('a stored plan is read back as it was', () => {
  const stored: Json = JSON.parse(canonicalJson(planJson(plan)));
  expect(openPlan(stored, plan.checksum)).toEqual({ _tag: 'Right', right: plan });
});

test('a plan that was changed in the store is refused with both checksums', () => {
  const changed = sealPlan({ ...plan, tasks: [] });
  expect(openPlan(planJson(changed), plan.checksum)).toEqual({
    _tag: 'Left',
    left: { _tag: 'ChecksumMismatch', expected: plan.checksum, found: changed.checksum },
  });
});

test('what is not a plan is refused with the keys that are wrong', () => {
  const stored: Json = {
    ...(JSON.parse(canonicalJson(planJson(plan))) as { [key: string]: Json }),
    edges: 3,
  };
  expect(openPlan(stored, plan.checksum)).toEqual({
    _tag: 'Left',
    left: { _tag: 'UnreadablePlan', errors: [{ key: 'edges', message: 'expected a list, got 3' }] },
  });
});
