import * as fc from 'fast-check';
import type { PlanEdge } from '../../src/domain/plans/plan.js';
import { restrictPlan } from '../../src/planner/restrict-plan.js';
import { anyGraph } from '../../test/planner/arbitrary-graph.js';
import { plannedTask } from '../../test/planner/entries.js';
import { testLaw } from '../../test/planner/law.js';

const restriction = anyGraph.chain(({ size, edges }) =>
  fc.record({
    size: fc.constant(size),
    edges: fc.tuple(
      ...edges
        .filter(({ from, to }) => from !== to)
        .map(({ from, to }) =>
          fc
            .constantFrom<PlanEdge['reason']>('order', 'depends_on')
            .map(
              (reason): PlanEdge => ({ from: Math.min(from, to) + 1, to: Math.max(from, to) + 1, reason }),
            ),
        ),
    ),
    selected: fc.subarray(Array.from({ length: size }, (_, index) => index + 1)),
  }),
);

const leadsTo = (edges: readonly { from: number; to: number }[], from: number, to: number): boolean =>
  edges.some((edge) => edge.from === from && (edge.to === to || leadsTo(edges, edge.to, to)));

const restrictionKeepsRequirements = (restrict: typeof restrictPlan) =>
  fc.property(restriction, ({ size, edges, selected }) => {
    const tasks = Array.from({ length: size }, (_, index) => plannedTask(index + 1));
    const restricted = restrict({ tasks, edges, rejected: [] }, new Set(selected));
    const requirements = restricted.flatMap(({ task, requires }) =>
      requires.map((from) => ({ from, to: task.execution_seq })),
    );
    const required = edges.filter(({ reason }) => reason === 'depends_on');
    return (
      JSON.stringify(restricted.map(({ task }) => task.execution_seq)) === JSON.stringify(selected) &&
      selected.every((a) => selected.every((b) => leadsTo(required, a, b) === leadsTo(requirements, a, b))) &&
      restricted.every(({ task, outside }) =>
        required.every(
          ({ from, to }) => to !== task.execution_seq || selected.includes(from) !== outside.includes(from),
        ),
      )
    );
  });

testLaw('a restricted plan requires what the whole plan does', restrictionKeepsRequirements, restrictPlan, {
  'a restriction that keeps only the edges between selected tasks': (plan, selected) =>
    restrictPlan({ ...plan, edges: plan.edges.filter(({ from }) => selected.has(from)) }, selected),
  'a restriction that takes order for a requirement': (plan, selected) =>
    restrictPlan({ ...plan, edges: plan.edges.map((edge) => ({ ...edge, reason: 'depends_on' })) }, selected),
});
