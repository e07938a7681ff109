import * as fc from 'fast-check';
import type { Plan, PlanEdge } from '../../src/domain/plans/plan.js';
import { planCommit } from '../../src/planner/plan-commit.js';
import { type PlaceInPlan, placesOf } from '../../src/planner/task-places.js';
import { watchingOf } from '../../src/planner/watched-tasks.js';
import { testLaw } from '../../test/planner/law.js';
import { planInput } from '../../test/planner/plan-input.js';

type Places = (plan: Plan) => readonly PlaceInPlan[];

/** Picks one of so many tasks that may be taken, by the turn. */
type Pick = (turn: number, count: number) => number;

/** The last of the plan's order first: what a place does not hold back comes too early at once. */
const LAST: Pick = (_, count) => count - 1;

/** Tasks in an order in which workers may take them, each when its place allows. */
const takenOneByOne = (places: readonly PlaceInPlan[], pick: Pick): readonly number[] => {
  const taken: number[] = [];
  for (let turn = 0; ; turn += 1) {
    const open = places.filter(({ executionSeq }) => !taken.includes(executionSeq));
    const ready = open.filter(
      ({ needs, stage }) =>
        needs.every((needed) => taken.includes(needed)) && !open.some((other) => other.stage < stage),
    );
    if (ready.length === 0) return taken;
    const chosen = ready[pick(turn, ready.length)];
    if (chosen !== undefined) taken.push(chosen.executionSeq);
  }
};

/** A plan with more edges, each from a task to a later one: entries that are made by chance seldom name each other. */
const withEdges = (plan: Plan, pairs: readonly (readonly [number, number])[]): Plan => ({
  ...plan,
  edges: [
    ...plan.edges,
    ...pairs.flatMap(([one, other]): readonly PlanEdge[] => {
      const places = [one, other]
        .map((place) => place % Math.max(1, plan.tasks.length))
        .sort((a, b) => a - b);
      const [from, to] = places.map((place) => plan.tasks[place]?.execution_seq);
      return from === undefined || to === undefined || from === to
        ? []
        : [{ from, to, reason: 'depends_on' }];
    }),
  ],
});

const someEdges = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 8 });
const someChoices = fc.array(fc.nat(), { minLength: 1, maxLength: 20 });

const orderIsKept = (places: Places) =>
  fc.property(planInput, fc.tuple(someEdges, someChoices), (input, [pairs, choices]) => {
    const plan = withEdges(planCommit(input), pairs);
    const byChance: Pick = (turn, count) => (choices[turn % choices.length] ?? 0) % count;
    const stageOf = new Map(plan.tasks.map(({ execution_seq, stage }) => [execution_seq, stage]));
    const watching = watchingOf(plan);
    return [byChance, LAST].every((pick) => {
      const order = takenOneByOne(places(plan), pick);
      const isBefore = (from: number, to: number) => order.indexOf(from) < order.indexOf(to);
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
  });

testLaw<Places, [Parameters<typeof planCommit>[0], [[number, number][], number[]]]>(
  'tasks that are taken one by one, by their places, come after all that the plan has them wait for',
  orderIsKept,
  placesOf,
  {
    'places without needs': (plan) => placesOf(plan).map((place) => ({ ...place, needs: [] })),
    'places of one stage': (plan) => placesOf(plan).map((place) => ({ ...place, stage: 0 })),
  },
);
