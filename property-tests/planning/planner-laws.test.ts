import * as fc from 'fast-check';
import { right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '../../src/domain/documents/canonical-json.js';
import { sha256 } from '../../src/domain/documents/sha256.js';
import { nameOf } from '../../src/domain/paths/pond-path.js';
import type { Plan } from '../../src/domain/plans/plan.js';
import { EMPTY_PLAN } from '../../src/planner/empty-plan.js';
import { readEntry } from '../../src/planner/entries/read-entry.js';
import { DEFAULT_SCHEDULE } from '../../src/planner/entries/schedule.js';
import { planCommit } from '../../src/planner/plan-commit.js';
import { planJson, sealPlan } from '../../src/planner/seal-plan.js';
import { dynamicNode, plannedTask, planOf } from '../../test/planner/entries.js';
import { testLaw } from '../../test/planner/law.js';
import { planInput } from '../../test/planner/plan-input.js';

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

const shuffled = <A>(items: readonly A[]): fc.Arbitrary<readonly A[]> =>
  fc.shuffledSubarray([...items], { minLength: items.length });

const inputsMayBePermuted = (plan: Planner) =>
  fc.property(
    planInput.chain((input) =>
      fc.record({
        input: fc.constant(input),
        entries: shuffled(input.entries),
        changes: shuffled(input.changes),
      }),
    ),
    ({ input, entries, changes }) =>
      textOf(plan(input)) ===
      textOf(
        plan({
          ...input,
          changes,
          entries,
          factoryModes: reversed(input.factoryModes),
          registry: {
            config_errors: reversed(input.registry.config_errors),
            factories: reversed(input.registry.factories),
          },
        }),
      ),
  );

/** What an entry may say, key by key, right and wrong. */
const members = [
  'factory: notify',
  'enabled: true',
  'condition: { path_pattern: /data/**, on: [created, deleted] }',
  'condition: { exclude: /x, path: /y }',
  'depends_on: [a, b]',
  'timeout: 3s',
  'timeout: soon',
  'retry: { max_attempts: 2 }',
  'config: { times: two, url: 4, more: x, also: y }',
  'tomeout: 3s',
  'rerty: {}',
];
const keyOf = (member: string): string => member.slice(0, member.indexOf(':'));

/** Entries and, for each, the same keys in another order, those within `{ }` turned round. */
const twoOrders: fc.Arbitrary<readonly (readonly [string, string])[]> = fc.array(
  fc
    .uniqueArray(fc.constantFrom(...members), { selector: keyOf })
    .chain((chosen) => shuffled(chosen).map((other) => [chosen, other.map(turnedRound)] as const))
    .map(([one, other]) => [one.join('\n'), other.join('\n')] as const),
  { minLength: 1, maxLength: 3 },
);

const turnedRound = (member: string): string =>
  member.replace(/\{ (.*) \}/, (_, inner: string) => `{ ${splitKeys(inner).toReversed().join(', ')} }`);

const splitKeys = (inner: string): readonly string[] => inner.split(/, (?=\w+:)/);

const keysMayBePermuted = (plan: typeof planOf) =>
  fc.property(twoOrders, (entries) => {
    const [one, other] = [0, 1].map((which) =>
      plan(entries.map((texts, index) => dynamicNode('abc'.charAt(index), 'notify', texts[which] ?? ''))),
    );
    return one !== undefined && other !== undefined && textOf(one) === textOf(other);
  });

// Each law, and that it can fail.

testLaw('permuting the keys of a configuration changes no byte of a plan', keysMayBePermuted, planOf, {
  'a planner that reports what is wrong in the order in which it is written': (entries) => {
    const plan = planOf(entries);
    const bytesOf = (path: string) => {
      const content = entries.find((entry) => entry.path === path)?.content;
      return content?._tag === 'Bytes' ? Buffer.from(content.bytes).toString() : '';
    };
    const rejected = plan.rejected.map((entry) => ({
      ...entry,
      errors: entry.errors.map((error) =>
        error._tag === 'InvalidKeys'
          ? {
              ...error,
              errors: error.errors.toSorted(
                (a, b) => bytesOf(entry.path).indexOf(a.key) - bytesOf(entry.path).indexOf(b.key),
              ),
            }
          : error,
      ),
    }));
    return sealPlan({ ...plan, rejected });
  },
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
    'a planner that begins again with the rejected entries': (input) => {
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

/** A task that waits for everything comes behind every one that does not, but for those that depend on such a task themselves. */
const whoWaitsForAllComesLast = (plan: Planner) =>
  fc.property(planInput, (input) => {
    const { tasks, edges } = plan(input);
    const waiting = tasks.filter((task) => task.waits_for === 'all');
    const behind = new Set(waiting.map(({ execution_seq }) => execution_seq));
    for (const { execution_seq } of tasks) {
      if (
        edges.some(
          ({ from, to, reason }) => reason === 'depends_on' && to === execution_seq && behind.has(from),
        )
      )
        behind.add(execution_seq);
    }
    return waiting.every((task) =>
      tasks.every(
        (other) =>
          other.run_when !== undefined || behind.has(other.execution_seq) || other.stage < task.stage,
      ),
    );
  });

testLaw('who waits for everything comes behind everything', whoWaitsForAllComesLast, planCommit, {
  'a planner that leaves it at the place of its name': (input) => {
    const plan = planCommit(input);
    return {
      ...plan,
      tasks: plan.tasks.map((task) => (task.waits_for === 'all' ? { ...task, stage: 0 } : task)),
    };
  },
});

/** A plan by the rules of version 0.1.0 says nothing that it could not say, and the keys that came later are mistakes. */
const firstRulesKnowNoLaterKeys = (plan: typeof planBy) =>
  fc.property(planInput, (input) => {
    const { tasks, rejected } = plan(input, 1);
    const says = (path: string): boolean => {
      const content = input.entries.find((entry) => entry.path === path)?.content;
      const text = content?._tag === 'Bytes' ? Buffer.from(content.bytes).toString() : '';
      return /^factory: \w+$/m.test(text) && /^(derived|run_when|if_superseded|queue|host):/m.test(text);
    };
    return (
      tasks.every((task) => !says(task.config_path) && NEW_KEYS.every((key) => !(key in task))) &&
      rejected.every(
        ({ path, errors }) =>
          !says(path) || errors.some(({ _tag }) => _tag === 'InvalidKeys' || _tag === 'Unreadable'),
      )
    );
  });

const NEW_KEYS = ['derived', 'run_when', 'if_superseded', 'waits_for', 'queue', 'host'];

const planBy = (input: Parameters<Planner>[0], rules: 1 | 2) => planCommit(input, rules);

testLaw('by rules 1 nothing is known of what came with rules 2', firstRulesKnowNoLaterKeys, planBy, {
  'a planner that reads old entries by new rules': (input) => planCommit(input, 2),
});

/** What lets a commit in a pond without entries do without the planner. */
const nothingConfiguredMeansTheEmptyPlan = (plan: Planner) =>
  fc.property(
    planInput,
    (input) =>
      textOf(
        plan({
          ...input,
          entries: [],
          schedule: right(DEFAULT_SCHEDULE),
          registry: { factories: {}, config_errors: {} },
        }),
      ) === textOf(EMPTY_PLAN),
  );

testLaw(
  'the plan without entries is the same whatever changed',
  nothingConfiguredMeansTheEmptyPlan,
  planCommit,
  {
    'a plan that knows how much was changed': (input) =>
      sealPlan({ ...planCommit(input), max_concurrency: input.changes.length + 1 }),
  },
);
