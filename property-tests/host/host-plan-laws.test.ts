import * as fc from 'fast-check';
import { isRight, left, right } from 'fp-ts/lib/Either.js';
import { planHostOperations } from '../../src/host-plans/plan/plan-host-operations.js';
import { plannable } from '../../test/host/machinery/arbitrary-plan.js';
import { testLaw } from '../../test/planner/law.js';

type Planner = typeof planHostOperations;

const withPlan =
  (change: (plan: Extract<ReturnType<Planner>, { _tag: 'Right' }>['right']) => object): Planner =>
  (operations) => {
    const plan = planHostOperations(operations);
    return isRight(plan) ? right({ ...plan.right, ...change(plan.right) }) : left(plan.left);
  };

testLaw(
  'batches hold every operation once, and each after what it depends on',
  (plan: Planner) =>
    fc.property(plannable, (operations) => {
      const planned = plan(operations);
      if (!isRight(planned)) return false;
      const { batches, operations: inOrder } = planned.right;
      const batchOf = new Map(batches.flatMap((batch, index) => batch.map((id) => [id, index])));
      return (
        batches.flat().length === operations.length &&
        batchOf.size === operations.length &&
        inOrder.every(({ operation, depends_on }) =>
          depends_on.every((id) => (batchOf.get(id) ?? 99) < (batchOf.get(operation.id) ?? -1)),
        )
      );
    }),
  planHostOperations,
  {
    'a plan in one batch': withPlan(({ batches }) => ({ batches: [batches.flat()] })),
    'a batch that is left out': withPlan(({ batches }) => ({ batches: batches.slice(1) })),
  },
);

testLaw(
  'permuting the operations gives the same plan, byte for byte',
  (plan: Planner) =>
    fc.property(
      plannable.chain((operations) =>
        fc.tuple(
          fc.constant(operations),
          fc.shuffledSubarray([...operations], { minLength: operations.length }),
        ),
      ),
      ([operations, permuted]) => JSON.stringify(plan(operations)) === JSON.stringify(plan(permuted)),
    ),
  planHostOperations,
  {
    'a planner that keeps the order in which it was asked': (operations) =>
      withPlan((plan) => ({
        operations: plan.operations.toSorted(
          (a, b) => operations.indexOf(a.operation) - operations.indexOf(b.operation),
        ),
      }))(operations),
  },
);
