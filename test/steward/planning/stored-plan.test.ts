import { expect, test } from 'vitest';
import { canonicalJson } from '../../../src/domain/documents/canonical-json.js';
import { sha256 } from '../../../src/domain/documents/sha256.js';
import { planJson, sealPlan } from '../../../src/planner/seal-plan.js';
import { planInText, registryInText } from '../../../src/steward/planning/stored-plan.js';
import { dynamicNode, planOf } from '../../planner/entries.js';

const plan = planOf([dynamicNode('10-a', 'notify', ''), dynamicNode('20-b', 'nobody', '')]);
const text = canonicalJson(planJson(plan));
const kept = { checksum: plan.checksum, text };

const unreadable = (checksum: string, why: string) => ({
  _tag: 'Left',
  left: { _tag: 'ControlUnusable', path: 'control.db', problem: `plan ${checksum} cannot be read (${why})` },
});

test('what the registry said is read out of a plan without the rest of it', () => {
  expect(registryInText(kept)).toEqual({ _tag: 'Right', right: plan.registry });
  expect(registryInText({ ...kept, text: '{' })).toEqual(unreadable(plan.checksum, 'UnreadablePlan'));
  expect(registryInText({ ...kept, text: '{"registry":{"factories":{"a":1},"config_errors":{}}}' })).toEqual(
    unreadable(plan.checksum, 'UnreadablePlan'),
  );
});

test('a stored plan is the one that was computed again where both have the same checksum, and so has the text', () => {
  const again = sealPlan(plan);
  const opened = planInText(kept, again);
  expect(opened).toEqual({ _tag: 'Right', right: plan });
  expect(opened._tag === 'Right' && opened.right).toBe(again);
});

test('where another plan is computed the stored one is read as a whole', () => {
  const again = sealPlan({ ...plan, max_concurrency: 7 });
  expect(planInText(kept, again)).toEqual({ _tag: 'Right', right: plan });
});

test('a text that does not have its checksum is refused, whatever is computed again', () => {
  const changed = canonicalJson(planJson({ ...plan, max_concurrency: 7 }));
  expect(sha256(changed)).not.toBe(plan.checksum);
  for (const again of [plan, sealPlan({ ...plan, max_concurrency: 7 })]) {
    expect(planInText({ ...kept, text: changed }, again)).toEqual(
      unreadable(plan.checksum, 'ChecksumMismatch'),
    );
    expect(planInText({ ...kept, text: '{"tasks":[' }, again)).toEqual(
      unreadable(plan.checksum, 'UnreadablePlan'),
    );
  }
});
