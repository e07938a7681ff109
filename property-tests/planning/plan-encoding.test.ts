import * as fc from 'fast-check';
import { isRight } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '../../src/domain/documents/canonical-json.js';
import { sha256 } from '../../src/domain/documents/sha256.js';
import type { Plan } from '../../src/domain/plans/plan.js';
import { planCommit } from '../../src/planner/plan-commit.js';
import { openPlan, planJson, sealPlan } from '../../src/planner/seal-plan.js';
import { testLaw } from '../../test/planner/law.js';
import { planInput } from '../../test/planner/plan-input.js';

type Encoding = typeof planJson;

const stored = (plan: Plan, encode: Encoding) => JSON.parse(canonicalJson(encode(plan)));

const survivesStorage = (encode: Encoding) =>
  fc.property(planInput, (input) => {
    const plan = planCommit(input);
    const opened = openPlan(stored(plan, encode), plan.checksum);
    return (
      isRight(opened) &&
      opened.right.checksum === plan.checksum &&
      canonicalJson(planJson(opened.right)) === canonicalJson(planJson(plan))
    );
  });

testLaw('a plan survives being stored and read back', survivesStorage, planJson, {
  'an encoding that loses the timeouts': (plan) =>
    planJson({ ...plan, tasks: plan.tasks.map((task) => ({ ...task, timeout_ms: null })) }),
  'an encoding that loses what the registry said': (plan) =>
    planJson({ ...plan, registry: { factories: {}, config_errors: {} } }),
});

const checksumIsOfCanonicalJson = (seal: typeof sealPlan) =>
  fc.property(planInput, (input) => {
    const plan = planCommit(input);
    return seal(plan).checksum === sha256(canonicalJson(planJson(plan)));
  });

testLaw(
  "a plan's checksum is the SHA-256 of its canonical JSON, although that is never written as a whole",
  checksumIsOfCanonicalJson,
  sealPlan,
  {
    'a seal that takes every edge for a dependency': (plan) =>
      sealPlan({ ...plan, edges: plan.edges.map((edge) => ({ ...edge, reason: 'depends_on' })) }),
    'a seal that forgets how often a task is tried': (plan) =>
      sealPlan({ ...plan, tasks: plan.tasks.map((task) => ({ ...task, retry: null })) }),
    'a seal that puts nothing between the pieces of a list': (plan) => ({
      ...plan,
      checksum: sha256(canonicalJson(planJson(plan)).replaceAll('},{', '}{')),
    }),
  },
);

const equalPlansHaveEqualChecksums = (checksumOf: (plan: Plan) => string) =>
  fc.property(planInput, planInput, (a, b) => {
    const [first, second] = [planCommit(a), planCommit(b)];
    const equal = canonicalJson(planJson(first)) === canonicalJson(planJson(second));
    return (checksumOf(first) === checksumOf(second)) === equal;
  });

testLaw(
  'plans have the same checksum exactly when they are equal',
  equalPlansHaveEqualChecksums,
  ({ checksum }) => checksum,
  {
    'a checksum that counts tasks only': ({ tasks }) => JSON.stringify(tasks),
  },
);
