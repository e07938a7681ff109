import * as fc from 'fast-check';
import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { ExecutionReport } from '../src/executor/execution-report.js';
import type { IndependentCapabilities } from '../src/executor/independent/capabilities.js';
import {
  type ExecutionError,
  type ExecutionOptions,
  executeIndependently,
} from '../src/executor/independent/execute-independently.js';
import type { ExecutablePlan, Operation } from '../src/executor/operation.js';
import {
  type Failure,
  failure,
  fakeClock,
  fixedRandom,
  handler,
  type JournalRecord,
  memoryJournal,
  operation,
  silentLogger,
} from '../test/executor/fixture.js';
import { testLaw } from '../test/planner/law.js';

type Behaviour = 'executes' | 'fails' | 'throws' | 'cannot be prepared';

/** A plan, and what its operations do. */
interface Scenario {
  readonly operations: readonly Operation[];
  readonly behaviours: Readonly<Record<string, Behaviour>>;
  /** Turns that an operation takes. */
  readonly turns: Readonly<Record<string, number>>;
  readonly concurrency: number;
}

const scenario: fc.Arbitrary<Scenario> = fc.integer({ min: 1, max: 8 }).chain((size) => {
  const ids = Array.from({ length: size }, (_, index) => `${index}`);
  const someBefore = (index: number) => fc.subarray(ids.slice(0, index), { maxLength: Math.min(index, 3) });
  const forEach = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<Record<string, A>> =>
    fc
      .array(arbitrary, { minLength: size, maxLength: size })
      .map((values) => Object.fromEntries(values.map((value, index) => [`${index}`, value])));
  return fc.record({
    operations: fc.tuple(
      ...ids.map((id, index) =>
        fc
          .tuple(someBefore(index), someBefore(index))
          .map(([after, requires]) => operation(id, { after, requires })),
      ),
    ),
    behaviours: forEach(
      fc.constantFrom<Behaviour>('executes', 'executes', 'executes', 'fails', 'throws', 'cannot be prepared'),
    ),
    turns: forEach(fc.integer({ min: 0, max: 4 })),
    concurrency: fc.integer({ min: 1, max: 4 }),
  });
});

type Executor = (
  capabilities: IndependentCapabilities<Operation, string, string, Failure>,
) => (
  plan: ExecutablePlan<Operation>,
  options: ExecutionOptions,
) => TE.TaskEither<ExecutionError, ExecutionReport<Failure>>;

/** What could be seen of an execution. */
interface Observed {
  readonly report: ExecutionReport<Failure>;
  readonly records: readonly JournalRecord[];
  /** Beginnings and ends of effects. */
  readonly effects: readonly { readonly what: 'begins' | 'ends'; readonly id: string }[];
}

/** Runs a scenario; `interruptAt`: the effect, counted from 1, at whose beginning everything is interrupted. */
const observe = async (
  execute: Executor,
  { operations, behaviours, turns, concurrency }: Scenario,
  interruptAt: number | null = null,
): Promise<Observed> => {
  const effects: { readonly what: 'begins' | 'ends'; readonly id: string }[] = [];
  const interrupt = new AbortController();
  const journal = memoryJournal();
  let begun = 0;
  const capabilities = {
    clock: fakeClock(),
    random: fixedRandom,
    journal,
    logger: silentLogger,
    graceMs: 1_000,
    handler: handler({
      prepare: ({ id }) => (behaviours[id] === 'cannot be prepared' ? TE.left(failure(id)) : TE.right(id)),
      execute:
        ({ id }, _prepared, _started, signal) =>
        async () => {
          effects.push({ what: 'begins', id });
          begun += 1;
          if (begun === interruptAt) interrupt.abort();
          for (let turn = turns[id] ?? 0; turn > 0; turn -= 1) await null;
          effects.push({ what: 'ends', id });
          if (behaviours[id] === 'throws') throw new Error(id);
          return behaviours[id] === 'fails' || signal.aborted ? left(failure(id)) : right(undefined);
        },
    }),
  };
  const options = { concurrency, onFailure: 'continue', signal: interrupt.signal } as const;
  const result = await execute(capabilities)({ checksum: '', operations }, options)();
  if (isLeft(result)) throw new Error(result.left._tag);
  return { report: result.right, records: journal.records, effects };
};

const listsOf = ({ executed, failed, skipped, unfinished, rolledBack }: ExecutionReport<Failure>) => [
  executed,
  failed,
  skipped,
  unfinished,
  rolledBack,
];

/** An executor that is given another plan than it was asked to execute. */
const withPlan =
  (change: (operation: Operation) => Operation): Executor =>
  (capabilities) =>
  ({ checksum, operations }, options) =>
    executeIndependently(capabilities)({ checksum, operations: operations.map(change) }, options);

/** An executor that says something else than it did. */
const withReport =
  (change: (report: ExecutionReport<Failure>) => ExecutionReport<Failure>): Executor =>
  (capabilities) =>
  (plan, options) =>
    TE.map(change)(executeIndependently(capabilities)(plan, options));

const sound: Executor = (capabilities) => executeIndependently(capabilities);

const ofScenario = (holds: (seen: Observed, scenario: Scenario) => boolean) => (execute: Executor) =>
  fc.asyncProperty(scenario, async (given) => holds(await observe(execute, given), given));

testLaw(
  'an operation begins after everything that it waits for has ended',
  ofScenario(({ effects }, { operations }) =>
    operations.every(({ id, after, requires }) => {
      const begins = effects.findIndex((effect) => effect.what === 'begins' && effect.id === id);
      const waitsFor = new Set([...after, ...requires]);
      return begins < 0 || effects.slice(begins).every((effect) => !waitsFor.has(effect.id));
    }),
  ),
  sound,
  {
    'an executor that forgets the order': withPlan((given) => ({ ...given, after: [] })),
    'an executor that waits for one operation only': withPlan((given) => ({
      ...given,
      after: given.after.slice(1),
    })),
  },
);

testLaw(
  'never more operations run side by side than allowed',
  ofScenario(({ effects }, { concurrency }) => {
    let running = 0;
    return effects.every(({ what }) => {
      running += what === 'begins' ? 1 : -1;
      return running <= concurrency;
    });
  }),
  sound,
  {
    'an executor that allows one more': (capabilities) => (plan, options) =>
      executeIndependently(capabilities)(plan, { ...options, concurrency: options.concurrency + 1 }),
  },
);

testLaw(
  'sequential and parallel execution give the same report, and the same records up to order',
  (execute) =>
    fc.asyncProperty(scenario, async (given) => {
      const sequential = await observe(execute, { ...given, concurrency: 1 });
      const parallel = await observe(execute, { ...given, concurrency: 4 });
      const sorted = ({ records }: Observed) => records.map((record) => JSON.stringify(record)).toSorted();
      return (
        JSON.stringify(sequential.report) === JSON.stringify(parallel.report) &&
        JSON.stringify(sorted(sequential)) === JSON.stringify(sorted(parallel))
      );
    }),
  sound,
  {
    'an executor that lets failures pass when it runs in parallel': (capabilities) => (plan, options) =>
      withPlan((given) =>
        options.concurrency > 1 ? { ...given, requires: [], after: given.requires } : given,
      )(capabilities)(plan, options),
  },
);

testLaw(
  'every operation is in exactly one list of the report, in the order of the plan',
  ofScenario(({ report }, { operations }) => {
    const ids = operations.map(({ id }) => id);
    return (
      JSON.stringify(listsOf(report).flat().toSorted()) === JSON.stringify(ids.toSorted()) &&
      listsOf(report).every(
        (list) => JSON.stringify(list) === JSON.stringify(ids.filter((id) => list.includes(id))),
      )
    );
  }),
  sound,
  {
    'an executor that forgets what it skipped': withReport((report) => ({ ...report, skipped: [] })),
    'an executor that reports in the order of the ends': withReport((report) => ({
      ...report,
      executed: report.executed.toReversed(),
    })),
  },
);

/** The definition: what fails by itself, and what requires something that did not succeed. */
const expectedLists = ({ operations, behaviours }: Scenario) => {
  const skipped = new Set<string>();
  const failed = new Set<string>();
  for (const { id, requires } of operations) {
    if (requires.some((other) => skipped.has(other) || failed.has(other))) skipped.add(id);
    else if (behaviours[id] !== 'executes') failed.add(id);
  }
  return { skipped, failed };
};

testLaw(
  'a failure stops exactly what requires it, directly or not',
  ofScenario(({ report }, given) => {
    const { skipped, failed } = expectedLists(given);
    return (
      JSON.stringify(report.skipped) === JSON.stringify([...skipped]) &&
      JSON.stringify(report.failed) === JSON.stringify([...failed]) &&
      report.errors.length === failed.size
    );
  }),
  sound,
  {
    'an executor that takes order for a requirement': withPlan((given) => ({
      ...given,
      requires: [...given.requires, ...given.after],
    })),
    'an executor that takes a requirement for order': withPlan((given) => ({
      ...given,
      after: [...given.after, ...given.requires],
      requires: [],
    })),
  },
);

const recordsOf = (records: readonly JournalRecord[], id: string): string =>
  records
    .filter((record) => record.id === id)
    .map((record) => (record.record === 'ended' ? record.result._tag : record.record))
    .join(' ');

testLaw(
  'wherever it is interrupted, the journal says of every operation what the report says',
  (execute) =>
    fc.asyncProperty(scenario, fc.integer({ min: 1, max: 8 }), async (given, interruptAt) => {
      const { report, records, effects } = await observe(execute, given, interruptAt);
      const began = (id: string) => effects.some((effect) => effect.id === id);
      return (
        report.executed.every((id) => recordsOf(records, id) === 'started Executed') &&
        report.failed.every((id) => recordsOf(records, id) === 'started Failed') &&
        report.skipped.every((id) => recordsOf(records, id) === 'skipped' && !began(id)) &&
        report.unfinished.every((id) =>
          (began(id) ? ['started abandoned'] : ['abandoned', 'started abandoned']).includes(
            recordsOf(records, id),
          ),
        ) &&
        listsOf(report).flat().length === given.operations.length
      );
    }),
  sound,
  {
    'a journal without ends': (capabilities) =>
      executeIndependently({
        ...capabilities,
        journal: { ...capabilities.journal, finish: () => TE.right(undefined) },
      }),
    'an executor that abandons nothing': (capabilities) =>
      executeIndependently({
        ...capabilities,
        journal: { ...capabilities.journal, abandon: () => TE.right(undefined) },
      }),
    'effects that begin before their start is recorded': (capabilities) =>
      executeIndependently({
        ...capabilities,
        journal: { ...capabilities.journal, start: ({ id }) => TE.right({ _tag: 'Go', started: id }) },
      }),
  },
);
