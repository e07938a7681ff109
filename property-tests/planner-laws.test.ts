import { fc } from '@fast-check/vitest';
import { isRight, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '../src/domain/canonical-json.js';
import type { Plan, PlanEdge } from '../src/domain/plan.js';
import { nameOf } from '../src/domain/pond-path.js';
import { sha256 } from '../src/domain/sha256.js';
import { findCycle } from '../src/planner/find-cycle.js';
import type { Graph } from '../src/planner/graph.js';
import { parallelBatches } from '../src/planner/parallel-batches.js';
import { planCommit } from '../src/planner/plan-commit.js';
import { readEntry } from '../src/planner/read-entry.js';
import { restrictPlan } from '../src/planner/restrict-plan.js';
import { planJson, sealPlan } from '../src/planner/seal-plan.js';
import { topologicalSort } from '../src/planner/topological-sort.js';
import { plannedTask } from '../test/planner/entries.js';
import { testLaw } from '../test/planner/law.js';
import { planInput } from '../test/planner/plan-input.js';

// ── graphs ────────────────────────────────────────────────────────────────────────────────────────────────

/** Any graph, cycles, loops and repeated edges included. */
const anyGraph: fc.Arbitrary<Graph> = fc.integer({ min: 1, max: 9 }).chain((size) => {
  const node = fc.integer({ min: 0, max: size - 1 });
  return fc.array(fc.record({ from: node, to: node }), { maxLength: 14 }).map((edges) => ({ size, edges }));
});

/** A graph without cycles whose nodes are not numbered in a topological order. */
const acyclicGraph: fc.Arbitrary<Graph> = anyGraph.chain(({ size, edges }) =>
  fc.shuffledSubarray([...Array(size).keys()], { minLength: size }).map((rank) => ({
    size,
    edges: edges
      .filter(({ from, to }) => from !== to)
      .map(({ from, to }) => {
        const [a = 0, b = 0] = [rank[Math.min(from, to)], rank[Math.max(from, to)]];
        return { from: a, to: b };
      }),
  })),
);

type Sort = typeof topologicalSort;

const isPermutation = (order: readonly number[], size: number): boolean =>
  order.length === size && new Set(order).size === size && order.every((node) => node >= 0 && node < size);

const respects = (order: readonly number[], { edges }: Graph): boolean =>
  edges.every(({ from, to }) => order.indexOf(from) < order.indexOf(to));

const orderRespectsEdges = (sort: Sort) =>
  fc.property(acyclicGraph, (graph) => {
    const sorted = sort(graph);
    return isRight(sorted) && isPermutation(sorted.right, graph.size) && respects(sorted.right, graph);
  });

/** The definition, without thought of time: again and again the smallest node that waits for nothing left. */
const naiveSort = ({ size, edges }: Graph): readonly number[] => {
  const order: number[] = [];
  const nodes = [...Array(size).keys()];
  for (;;) {
    const next = nodes.find(
      (node) => !order.includes(node) && edges.every(({ from, to }) => to !== node || order.includes(from)),
    );
    if (next === undefined) return order;
    order.push(next);
  }
};

const orderIsSmallest = (sort: Sort) =>
  fc.property(acyclicGraph, (graph) => {
    const sorted = sort(graph);
    return isRight(sorted) && JSON.stringify(sorted.right) === JSON.stringify(naiveSort(graph));
  });

const isCycleOf = (nodes: readonly number[], { edges }: Graph): boolean =>
  nodes.length >= 2 &&
  nodes[0] === nodes.at(-1) &&
  new Set(nodes).size === nodes.length - 1 &&
  nodes.slice(1).every((to, index) => edges.some((edge) => edge.from === nodes[index] && edge.to === to));

/** There is a cycle exactly when the definition cannot place every node. */
const cyclesAreCycles = (find: typeof findCycle) =>
  fc.property(anyGraph, (graph) => {
    const found = find(graph);
    return naiveSort(graph).length === graph.size ? found.length === 0 : isCycleOf(found, graph);
  });

const sortAnswersCycles = (sort: Sort) =>
  fc.property(anyGraph, (graph) => {
    const sorted = sort(graph);
    return isRight(sorted)
      ? naiveSort(graph).length === graph.size
      : isCycleOf(sorted.left.nodes, graph) && naiveSort(graph).length < graph.size;
  });

const edgesMayBePermuted = (sort: Sort) =>
  fc.property(
    acyclicGraph.chain(({ size, edges }) =>
      fc
        .shuffledSubarray([...edges], { minLength: edges.length })
        .map((shuffled) => ({ size, edges, shuffled })),
    ),
    ({ size, edges, shuffled }) =>
      JSON.stringify(sort({ size, edges })) === JSON.stringify(sort({ size, edges: shuffled })),
  );

const batchesAreLevels = (batch: typeof parallelBatches) =>
  fc.property(acyclicGraph, (graph) => {
    const order = naiveSort(graph);
    const batches = batch(graph, order);
    const levelOf = new Map(batches.flatMap((nodes, level) => nodes.map((node) => [node, level] as const)));
    const level = (node: number): number => levelOf.get(node) ?? Number.NaN;
    return (
      isPermutation(batches.flat(), graph.size) &&
      order.every((node) => {
        const before = graph.edges.filter(({ to }) => to === node).map(({ from }) => level(from));
        return level(node) === Math.max(-1, ...before) + 1;
      })
    );
  });

// ── plans ─────────────────────────────────────────────────────────────────────────────────────────────────

type Planner = typeof planCommit;

const textOf = (plan: Plan): string => `${plan.checksum} ${canonicalJson(planJson(plan))}`;

/** Whether one task waits for another, by an edge or because of its stage. */
const waitsFor = ({ tasks, edges }: Plan, from: number, to: number): boolean =>
  (tasks[from - 1]?.stage ?? 0) < (tasks[to - 1]?.stage ?? 0) ||
  edges.some((edge) => edge.from === from && edge.to === to);

const planIsConsistent = (plan: Planner) =>
  fc.property(planInput, (input) => {
    const made = plan(input);
    const { tasks, edges, batches, schedule } = made;
    const seqs = tasks.map(({ execution_seq }) => execution_seq);
    const batchOf = (seq: number): number => batches.findIndex((batch) => batch.includes(seq));
    return (
      edges.every(({ from, to }) => seqs.indexOf(from) >= 0 && seqs.indexOf(from) < seqs.indexOf(to)) &&
      // Sequential: whatever stands next to each other is ordered.
      (schedule !== 'sequential' ||
        seqs.slice(1).every((to) => edges.some((edge) => edge.from === to - 1 && edge.to === to))) &&
      tasks.every(({ stage }, index) => stage >= (tasks[index - 1]?.stage ?? 0)) &&
      JSON.stringify(batches.flat().toSorted((a, b) => a - b)) === JSON.stringify(seqs) &&
      tasks.every(({ batch, execution_seq }) => batch === batchOf(execution_seq)) &&
      // A task is in the first batch behind all that it waits for.
      seqs.every(
        (to) =>
          batchOf(to) === Math.max(-1, ...seqs.filter((from) => waitsFor(made, from, to)).map(batchOf)) + 1,
      )
    );
  });

/** Every name in `depends_on` of a task stands for an edge, and every dependency of an entry is accounted for. */
const dependenciesAreKept = (plan: Planner) =>
  fc.property(planInput, (input) => {
    const { tasks, edges, rejected } = plan(input);
    const rejectedPaths = new Set(rejected.map((entry) => entry.path));
    return tasks.every(({ execution_seq, depends_on, blocked_by }) => {
      const required = edges.filter(({ to, reason }) => to === execution_seq && reason === 'depends_on');
      const names = required.map(({ from }) => tasks[from - 1]?.name);
      return (
        JSON.stringify(names.toSorted()) === JSON.stringify(depends_on.toSorted()) &&
        blocked_by.every((blocker) => rejectedPaths.has(blocker))
      );
    });
  });

/** A circle that is reported is one: each of its entries names the next one in its `depends_on`. */
const reportedCirclesAreCircles = (plan: Planner) =>
  fc.property(planInput, (input) => {
    const dependsOn = (name: string): readonly string[] => {
      const entry = input.entries.find((candidate) => nameOf(candidate.path) === name);
      const reading = entry === undefined ? null : readEntry(entry);
      return reading?._tag === 'Configured' ? (reading.envelope?.dependsOn ?? []) : [];
    };
    const stem = (name: string): string => name.replace(/\.ya?ml$/, '');
    return plan(input).rejected.every(({ path, errors }) =>
      errors.every(
        (error) =>
          error._tag !== 'CyclicDependency' ||
          (error.cycle[0] === error.cycle.at(-1) &&
            error.cycle.includes(nameOf(path)) &&
            error.cycle.slice(1).every((next, index) =>
              dependsOn(error.cycle[index] ?? '')
                .map(stem)
                .includes(stem(next)),
            )),
      ),
    );
  });

const everyEntryIsSomewhereOnce = (plan: Planner) =>
  fc.property(planInput, (input) => {
    const { tasks, skipped, rejected } = plan(input);
    const placed = [
      ...tasks.map((task) => task.config_path),
      ...[...skipped, ...rejected].map((entry) => entry.path),
    ];
    return (
      JSON.stringify(placed.toSorted()) ===
      JSON.stringify(input.entries.map((entry) => entry.path).toSorted())
    );
  });

const sequenceHasNoGaps = (plan: Planner) =>
  fc.property(planInput, (input) => {
    const { tasks, rejected } = plan(input);
    const seqs = [...tasks, ...rejected].map(({ execution_seq }) => execution_seq);
    const paths = rejected.map((entry) => entry.path);
    const inOrder = paths.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return seqs.every((seq, index) => seq === index + 1) && JSON.stringify(paths) === JSON.stringify(inOrder);
  });

/** The same value with the keys of every object turned round. */
const reversed = <A>(record: Readonly<Record<string, A>>): Record<string, A> =>
  Object.fromEntries(Object.entries(record).toReversed());

const inputsMayBePermuted = (plan: Planner) =>
  fc.property(
    planInput.chain((input) =>
      fc
        .shuffledSubarray([...input.entries], { minLength: input.entries.length })
        .map((entries) => ({ input, entries })),
    ),
    ({ input, entries }) =>
      textOf(plan(input)) ===
      textOf(
        plan({
          ...input,
          entries,
          factoryModes: reversed(input.factoryModes),
          registry: {
            config_errors: reversed(input.registry.config_errors),
            factories: reversed(input.registry.factories),
          },
        }),
      ),
  );

// ── restricted plans ──────────────────────────────────────────────────────────────────────────────────────

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

// ── the laws, and that each of them can fail ──────────────────────────────────────────────────────────────

testLaw('an order respects every edge', orderRespectsEdges, topologicalSort, {
  'a sort that drops an edge': ({ size, edges }) => topologicalSort({ size, edges: edges.slice(1) }),
});

testLaw('an order is the lexicographically smallest one', orderIsSmallest, topologicalSort, {
  'a sort that goes level by level': (graph) => right(parallelBatches(graph, naiveSort(graph)).flat()),
});

testLaw(
  'a reported cycle is a cycle, and only a graph with one has one reported',
  cyclesAreCycles,
  findCycle,
  {
    'a search that forgets to close the cycle': (graph) => findCycle(graph).slice(0, -1),
    'a search that takes whatever leads to a cycle for it': (graph) => {
      const [first] = graph.edges;
      const cycle = findCycle(graph);
      return first === undefined || cycle.length === 0 ? cycle : [first.from, ...cycle];
    },
  },
);

testLaw('a sort answers either an order or a cycle of the graph', sortAnswersCycles, topologicalSort, {
  'a sort that leaves out what it cannot place': (graph) => right(naiveSort(graph)),
});

testLaw('permuting the edges changes no order', edgesMayBePermuted, topologicalSort, {
  'a sort that begins where the first edge begins': (graph) => {
    const first = graph.edges.slice(0, 1).map(({ from }) => from);
    return right([...first, ...naiveSort(graph).filter((node) => !first.includes(node))]);
  },
});

testLaw('batches partition the nodes into the levels of the graph', batchesAreLevels, parallelBatches, {
  'levels that forget an edge': ({ size, edges }, order) =>
    parallelBatches({ size, edges: edges.slice(1) }, order),
  'levels of one node each': (_graph, order) => order.map((node) => [node]),
});

testLaw(
  "a plan's order respects its edges and its batches partition its tasks",
  planIsConsistent,
  planCommit,
  {
    'a planner that lists its tasks backwards': (input) => {
      const plan = planCommit(input);
      return { ...plan, tasks: plan.tasks.toReversed() };
    },
    'a planner that drops an edge': (input) => {
      const plan = planCommit(input);
      return { ...plan, edges: plan.edges.slice(1) };
    },
    'a planner that leaves a task out of the batches': (input) => {
      const plan = planCommit(input);
      return { ...plan, batches: plan.batches.slice(1) };
    },
  },
);

testLaw(
  'what a task depends on is an edge, or the rejected entry that blocks it',
  dependenciesAreKept,
  planCommit,
  {
    'a planner that takes dependencies for order': (input) => {
      const plan = planCommit(input);
      return { ...plan, edges: plan.edges.map((edge) => ({ ...edge, reason: 'order' })) };
    },
    'a planner that is blocked by what it does not reject': (input) => ({
      ...planCommit(input),
      rejected: [],
    }),
  },
);

testLaw(
  'a reported circle of dependencies is one, and goes through its entry',
  reportedCirclesAreCircles,
  planCommit,
  {
    'a planner that does not close the circle': (input) => {
      const plan = planCommit(input);
      const rejected = plan.rejected.map((entry) => ({
        ...entry,
        errors: entry.errors.map((error) =>
          error._tag === 'CyclicDependency' ? { ...error, cycle: [...error.cycle, 'x'] } : error,
        ),
      }));
      return { ...plan, rejected };
    },
  },
);

testLaw('every entry is in exactly one of tasks, skipped, rejected', everyEntryIsSomewhereOnce, planCommit, {
  'a planner that forgets what it skipped': (input) => ({ ...planCommit(input), skipped: [] }),
  'a planner that runs what it rejected': (input) => {
    const plan = planCommit(input);
    const run = plan.rejected.map(({ path, execution_seq }) => ({
      ...plannedTask(execution_seq),
      config_path: path,
    }));
    return { ...plan, tasks: [...plan.tasks, ...run] };
  },
});

testLaw(
  'execution_seq counts from 1 over the tasks, then over the rejected entries in path order',
  sequenceHasNoGaps,
  planCommit,
  {
    'a planner that begins anew with the rejected entries': (input) => {
      const plan = planCommit(input);
      const rejected = plan.rejected.map((entry, index) => ({ ...entry, execution_seq: index + 1 }));
      return { ...plan, rejected };
    },
    'a planner that orders by UTF-16 units': (input) => {
      const plan = planCommit(input);
      const numbers = plan.rejected.map(({ execution_seq }) => execution_seq);
      const rejected = plan.rejected
        .toSorted((a, b) => (a.path < b.path ? -1 : 1))
        .map((entry, index) => ({ ...entry, execution_seq: numbers[index] ?? 0 }));
      return { ...plan, rejected };
    },
  },
);

testLaw('permuting entries and keys changes no byte of a plan', inputsMayBePermuted, planCommit, {
  'a planner that skips entries in the order in which it met them': (input) => {
    const plan = planCommit(input);
    const place = (of: string) => input.entries.findIndex((entry) => entry.path === of);
    return sealPlan({ ...plan, skipped: plan.skipped.toSorted((a, b) => place(a.path) - place(b.path)) });
  },
  'a planner whose checksum hangs on the order of keys': (input) => ({
    ...planCommit(input),
    checksum: sha256(JSON.stringify(planCommit(input))),
  }),
});

testLaw('a restricted plan requires what the whole plan does', restrictionKeepsRequirements, restrictPlan, {
  'a restriction that keeps only the edges between selected tasks': (plan, selected) =>
    restrictPlan({ ...plan, edges: plan.edges.filter(({ from }) => selected.has(from)) }, selected),
  'a restriction that takes order for a requirement': (plan, selected) =>
    restrictPlan({ ...plan, edges: plan.edges.map((edge) => ({ ...edge, reason: 'depends_on' })) }, selected),
});
