import * as fc from 'fast-check';
import type { Plan } from '../../src/domain/plans/plan.js';
import { planCommit } from '../../src/planner/plan-commit.js';
import { type PlaceInPlan, placesOf } from '../../src/planner/task-places.js';
import { watchingOf } from '../../src/planner/watched-tasks.js';
import { testLaw } from '../../test/planner/law.js';
import { planInput } from '../../test/planner/plan-input.js';

type Places = (plan: Plan) => readonly PlaceInPlan[];

/** Tasks in an order in which workers may take them, each when its place allows; the choices say which of those that may. */
const takenOneByOne = (places: readonly PlaceInPlan[], choices: readonly number[]): readonly number[] => {
  const taken: number[] = [];
  for (let turn = 0; ; turn += 1) {
    const open = places.filter(({ executionSeq }) => !taken.includes(executionSeq));
    const ready = open.filter(
      ({ needs, stage }) =>
        needs.every((needed) => taken.includes(needed)) && !open.some((other) => other.stage < stage),
    );
    if (ready.length === 0) return taken;
    const chosen = ready[(choices[turn % choices.length] ?? 0) % ready.length];
    if (chosen !== undefined) taken.push(chosen.executionSeq);
  }
};

const orderIsKept = (places: Places) =>
  fc.property(planInput, fc.array(fc.nat(), { minLength: 1, maxLength: 20 }), (input, choices) => {
    const plan = planCommit(input);
    const order = takenOneByOne(places(plan), choices);
    const isBefore = (from: number, to: number) => order.indexOf(from) < order.indexOf(to);
    const stageOf = new Map(plan.tasks.map(({ execution_seq, stage }) => [execution_seq, stage]));
    const watching = watchingOf(plan);
    return (
      // All of them are taken: nothing waits for what never ends.
      order.length === plan.tasks.length &&
      plan.edges.every(({ from, to }) => isBefore(from, to)) &&
      plan.tasks.every(({ execution_seq: to, stage }) =>
        plan.tasks.every(
          ({ execution_seq: from }) => (stageOf.get(from) ?? 0) >= stage || isBefore(from, to),
        ),
      ) &&
      plan.tasks.every(({ execution_seq: to }) =>
        watching.waitsFor(to).every((from) => !stageOf.has(from) || isBefore(from, to)),
      )
    );
  });

testLaw<Places, [Parameters<typeof planCommit>[0], number[]]>(
  'tasks that are taken one by one, by their places, come after all that the plan has them wait for',
  orderIsKept,
  placesOf,
  {
    'places without needs': (plan) => placesOf(plan).map((place) => ({ ...place, needs: [] })),
    'places of one stage': (plan) => placesOf(plan).map((place) => ({ ...place, stage: 0 })),
  },
);
