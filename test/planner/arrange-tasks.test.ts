import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/domain/plans/plan.js';
import { readSchedule } from '../../src/planner/entries/schedule.js';
import { plainFile, planOf, withoutConfiguration } from './entries.js';

/** Entries by name, each with what it depends on. */
const planned = (dependencies: Readonly<Record<string, readonly string[]>>, config = ''): Plan =>
  planOf(
    Object.entries(dependencies).map(([name, dependsOn]) =>
      plainFile(
        name,
        `factory: notify\n${dependsOn.length === 0 ? '' : `depends_on: ${JSON.stringify(dependsOn)}`}`,
      ),
    ),
    { schedule: readSchedule(Buffer.from(config)) },
  );

const order = ({ tasks }: Plan) => tasks.map(({ name }) => name);
const batches = (plan: Plan) => plan.batches.map((seqs) => seqs.map((seq) => plan.tasks[seq - 1]?.name));
const stages = ({ tasks }: Plan) => tasks.map(({ name, stage }) => `${name} ${stage}`);
const edges = ({ edges: all }: Plan) => all.map(({ from, to, reason }) => `${from} ${to} ${reason}`);
const rejections = ({ rejected }: Plan) =>
  Object.fromEntries(rejected.map(({ path, errors }) => [path.slice('/etc/system.d/'.length), errors]));

const GRAPH = 'schedule: graph';

describe('dependencies', () => {
  test('of a diamond give three batches, and edges with their reason', () => {
    const plan = planned({ a: [], b: ['a'], c: ['a'], d: ['c', 'b'] }, GRAPH);
    expect(batches(plan)).toEqual([['a'], ['b', 'c'], ['d']]);
    expect(edges(plan)).toEqual(['1 2 depends_on', '1 3 depends_on', '2 4 depends_on', '3 4 depends_on']);
    expect(plan.tasks.map(({ depends_on }) => depends_on)).toEqual([[], ['a'], ['a'], ['b', 'c']]);
    expect([plan.schedule, plan.max_concurrency]).toEqual(['graph', 4]);
  });

  test('are found with and without extension, and a name that is there as it is means only itself', () => {
    const plan = planned(
      { 'a.b.yaml': [], 'c d': ['a.b'], 'e.yml': ['c d.yaml'], f: ['e.yaml'], e: [] },
      GRAPH,
    );
    expect(rejections(plan)).toEqual({
      f: [{ _tag: 'AmbiguousDependency', name: 'e.yaml', candidates: ['e', 'e.yml'] }],
    });
    expect(order(plan)).toEqual(['a.b.yaml', 'c d', 'e', 'e.yml']);
    expect(edges(plan)).toEqual(['1 2 depends_on', '2 4 depends_on']);
  });

  test('may be written in any order and more than once', () => {
    expect(planned({ a: [], b: [], c: ['b', 'a', 'b', 'b.yaml'] }, GRAPH)).toEqual(
      planned({ a: [], b: [], c: ['a', 'b'] }, GRAPH),
    );
  });

  test('may be on everything that comes before', () => {
    const names = Array.from({ length: 40 }, (_, at) => String(at).padStart(2, '0'));
    const plan = planned(Object.fromEntries(names.map((name, at) => [name, names.slice(0, at)])), GRAPH);
    expect(plan.tasks.map(({ depends_on }) => depends_on)).toEqual(names.map((_, at) => names.slice(0, at)));
    expect(plan.edges).toHaveLength((40 * 39) / 2);
  });

  test('on what is not an entry reject the entry, and leave its dependents as tasks that will be skipped', () => {
    const plan = planned({ a: ['nobody'], b: ['a'], c: ['b'], d: [] });
    expect(rejections(plan)).toEqual({ a: [{ _tag: 'UnknownDependency', name: 'nobody' }] });
    expect(plan.tasks.map(({ name, blocked_by }) => [name, blocked_by])).toEqual([
      ['b', ['/etc/system.d/a']],
      ['c', []],
      ['d', []],
    ]);
    expect(
      planOf([withoutConfiguration('dir', 'directory'), plainFile('x', 'factory: notify\ndepends_on: dir')]),
    ).toMatchObject({
      rejected: [{ errors: [{ _tag: 'UnknownDependency', name: 'dir' }] }],
    });
  });

  test('on what is disabled, in pull mode, not for commits or not set off count as satisfied', () => {
    const plan = planOf(
      [
        plainFile('off', 'factory: notify\nenabled: false'),
        plainFile('unmet', 'factory: notify\ncondition: { path_pattern: /other/** }'),
        plainFile('writer', 'factory: collect'),
        plainFile('x', 'factory: notify\ndepends_on: [off, unmet, writer]'),
      ],
      {},
    );
    expect(plan.tasks).toMatchObject([{ name: 'x', depends_on: [], blocked_by: [] }]);
    const pulled = planOf(
      [plainFile('a', 'factory: collect'), plainFile('x', 'factory: notify\ndepends_on: [a]')],
      { factoryModes: { collect: 'pull' } },
    );
    expect(order(pulled)).toEqual(['x']);
  });

  test('in a circle reject its members, with the way round, and nobody else', () => {
    const plan = planned({ a: ['b'], b: ['c'], c: ['a'], d: ['a'], e: ['e'], f: [] });
    const circle = { _tag: 'CyclicDependency', cycle: ['a', 'b', 'c', 'a'] };
    expect(rejections(plan)).toEqual({
      a: [circle],
      b: [circle],
      c: [circle],
      e: [{ _tag: 'CyclicDependency', cycle: ['e', 'e'] }],
    });
    expect(order(plan)).toEqual(['d', 'f']);
  });

  test('in two circles that share a member reject all of them, each with a circle that it is in', () => {
    const plan = planned({ a: ['b', 'c'], b: ['a'], c: ['a'] });
    expect(rejections(plan)).toEqual({
      a: [{ _tag: 'CyclicDependency', cycle: ['a', 'b', 'a'] }],
      b: [{ _tag: 'CyclicDependency', cycle: ['a', 'b', 'a'] }],
      c: [{ _tag: 'CyclicDependency', cycle: ['a', 'c', 'a'] }],
    });
  });
});

describe('the sequential schedule', () => {
  test('is the smallest order that respects dependencies, with order edges where there is no other', () => {
    const plan = planned({ a: ['c'], b: [], c: [] });
    expect(order(plan)).toEqual(['b', 'c', 'a']);
    expect(edges(plan)).toEqual(['1 2 order', '2 3 depends_on']);
    expect(plan.max_concurrency).toBe(1);
  });

  test('takes a chain of 1,000 and a fan-out of 1,000', () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `n${String(index).padStart(4, '0')}`);
    const chain = Object.fromEntries(names.map((name, index) => [name, names.slice(index + 1, index + 2)]));
    expect(order(planned(chain))).toEqual(names.toReversed());
    const fan = Object.fromEntries(names.map((name, index) => [name, index === 0 ? [] : [names[0] ?? '']]));
    expect(batches(planned(fan, GRAPH)).map((batch) => batch.length)).toEqual([1, 999]);
  });
});

describe('groups', () => {
  test('run in their order, and what no group names at the place of its name', () => {
    const plan = planned(
      { '05': [], '10': [], '11': [], '15': [], '20': [], '21': [], '99': [] },
      'parallel_groups: [[11, 10], [20, 21]]'.replace(/\d+/g, (digits) => `"${digits}"`),
    );
    expect(batches(plan)).toEqual([['05'], ['10', '11'], ['15'], ['20', '21'], ['99']]);
    expect(stages(plan)).toEqual(['05 0', '10 1', '11 1', '15 2', '20 3', '21 3', '99 4']);
  });

  test('may be in an order that is not that of the names', () => {
    expect(batches(planned({ a: [], m: [], z: [] }, 'parallel_groups: [[z], [a]]'))).toEqual([
      ['m'],
      ['z'],
      ['a'],
    ]);
  });

  test('may have dependencies inside, which order their members', () => {
    expect(batches(planned({ a: ['b'], b: [], c: ['a'] }, 'parallel_groups: [[a, b], [c]]'))).toEqual([
      ['b'],
      ['a'],
      ['c'],
    ]);
  });

  test('take in what must run between their members, and wait for what their members depend on', () => {
    const between = planned({ a: [], b: ['m'], m: ['a'] }, 'parallel_groups: [[a, b]]');
    expect(stages(between)).toEqual(['a 0', 'm 0', 'b 0']);
    expect(batches(planned({ a: ['z'], b: [], z: [] }, 'parallel_groups: [[a, b]]'))).toEqual([
      ['z'],
      ['a', 'b'],
    ]);
  });

  test('that contradict a dependency reject both of its ends, also over an entry between them', () => {
    const contradiction = { _tag: 'GroupContradiction', dependency: 'b', dependent: 'a' };
    const direct = planned({ a: ['b'], b: [], c: [] }, 'parallel_groups: [[a], [b], [c]]');
    expect(rejections(direct)).toEqual({ a: [contradiction], b: [contradiction] });
    expect(order(direct)).toEqual(['c']);
    const indirect = planned({ a: ['m'], m: ['b'], b: [] }, 'parallel_groups: [[a], [b]]');
    expect(rejections(indirect)).toEqual({ a: [contradiction], b: [contradiction], m: [contradiction] });
  });

  test('that name an entry twice reject it; unknown names are a warning', () => {
    const plan = planned({ 'a.yaml': [], b: [] }, 'parallel_groups: [[a, nobody], [a.yaml, b]]');
    expect(rejections(plan)).toEqual({ 'a.yaml': [{ _tag: 'InSeveralGroups', groups: [0, 1] }] });
    expect(plan.warnings).toEqual([{ _tag: 'UnknownGroupMember', group: 0, name: 'nobody' }]);
    expect(order(plan)).toEqual(['b']);
  });

  test('of 1,000 after 1,000 need no million edges', () => {
    const names = Array.from({ length: 2_000 }, (_, index) => `n${String(index).padStart(4, '0')}`);
    const config = `parallel_groups: [[${names.slice(0, 1_000)}], [${names.slice(1_000)}]]`;
    const plan = planned(Object.fromEntries(names.map((name) => [name, []])), config);
    expect(batches(plan).map((batch) => batch.length)).toEqual([1_000, 1_000]);
    expect(plan.edges).toEqual([]);
    expect(new Set(stages(plan)).size).toBe(2_000);
  });

  test('between one task and many have an order edge for each', () => {
    const plan = planned({ a: [], b: [], c: [] }, 'parallel_groups: [[a, b], [c]]');
    expect(edges(plan)).toEqual(['1 3 order', '2 3 order']);
    const turned = planned({ a: [], b: [], c: ['a'] }, 'parallel_groups: [[a], [b, c]]');
    expect(edges(turned)).toEqual(['1 2 order', '1 3 depends_on']);
  });

  test('of several tasks each have no order edges between them, because their stages say it', () => {
    const plan = planned({ a: [], b: [], c: ['a'], d: [] }, 'parallel_groups: [[a, b], [c, d]]');
    expect(edges(plan)).toEqual(['1 3 depends_on']);
    expect(stages(plan)).toEqual(['a 0', 'b 0', 'c 1', 'd 1']);
  });
});

test('retries and deadlines are those of the entry, and the defaults where it does not say', () => {
  const schedule = readSchedule(
    Buffer.from('defaults: { timeout: 1m, retry: { max_attempts: 2, initial_interval: 5s } }'),
  );
  const plan = planOf(
    [
      plainFile('a', 'factory: notify'),
      plainFile('b', 'factory: notify\ntimeout: 2s\nretry: { max_attempts: 5, jitter: false }'),
      plainFile('c', 'factory: notify\nretry: { max_attempts: 1 }'),
    ],
    { schedule },
  );
  const common = { initial_interval_ms: 5_000, backoff: 2, max_interval_ms: 60_000 };
  expect(plan.tasks.map(({ timeout_ms, retry }) => ({ timeout_ms, retry }))).toEqual([
    { timeout_ms: 60_000, retry: { ...common, max_attempts: 2, jitter: true } },
    { timeout_ms: 2_000, retry: { ...common, max_attempts: 5, jitter: false } },
    { timeout_ms: 60_000, retry: null },
  ]);
});
