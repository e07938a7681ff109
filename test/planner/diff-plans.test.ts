import { expect, test } from 'vitest';
import { diffPlans, type PlanWithSources } from '../../src/planner/diff-plans.js';
import { readSchedule } from '../../src/planner/entries/schedule.js';
import type { PlanInput } from '../../src/planner/plan-input.js';
import { DATA_CHANGE, dynamicNode, path, planOf } from './entries.js';

/** The plan of dynamic nodes of the factory `notify`, by name, with a `config.yaml`. */
const plan = (
  entries: Readonly<Record<string, string>>,
  schedule = '',
  rest: Partial<PlanInput> = {},
): PlanWithSources => ({
  plan: planOf(
    Object.entries(entries).map(([name, yaml]) => dynamicNode(name, 'notify', yaml)),
    { schedule: readSchedule(Buffer.from(schedule)), ...rest },
  ),
  sources: new Map(
    Object.entries({ ...entries, 'config.yaml': schedule }).map(([name, text]) => [
      `/etc/system.d/${name}`,
      Buffer.from(text),
    ]),
  ),
});

const causes = (before: PlanWithSources, after: PlanWithSources) =>
  Object.fromEntries(
    diffPlans(before, after).differences.map((found) => [found.path.slice(14), found.causes]),
  );

const OF_OTHER_DATA = 'factory: notify\ncondition: { path_pattern: /other/** }';
const otherData = { changes: [{ ...DATA_CHANGE, path: path('/other/x') }] };
const pull: Partial<PlanInput> = { factoryModes: { notify: 'pull' } };
const onlyConfiguration = { changes: [{ ...DATA_CHANGE, path: path('/etc/motd') }] };

test('equal plans do not differ', () => {
  expect(diffPlans(plan({ a: '', b: '' }), plan({ b: '', a: '' }))).toEqual({
    schedule: null,
    differences: [],
  });
});

test.each<[string, PlanWithSources, PlanWithSources, Readonly<Record<string, readonly string[]>>]>([
  [
    'an entry that is new, or gone',
    plan({ a: '' }),
    plan({ b: '' }),
    { a: ['configuration'], b: ['configuration'] },
  ],
  ['an entry that says something else', plan({ a: '' }), plan({ a: 'times: two' }), { a: ['configuration'] }],
  [
    'a changed config.yaml',
    plan({ a: '' }),
    plan({ a: '' }, 'defaults: { timeout: 1s }'),
    { a: ['schedule'] },
  ],
  [
    'other paths that the commit changed',
    plan({ a: OF_OTHER_DATA }),
    plan({ a: OF_OTHER_DATA }, '', otherData),
    { a: ['condition'] },
  ],
  [
    'a commit that changed the configuration only',
    plan({ a: '' }),
    plan({ a: '' }, '', onlyConfiguration),
    { a: ['condition'] },
  ],
  [
    'another entry in front of it',
    plan({ b: '' }),
    plan({ a: '', b: '' }),
    { a: ['configuration'], b: ['order'] },
  ],
  [
    'a dependency that is gone',
    plan({ a: '', b: 'factory: notify\ndepends_on: a' }),
    plan({ b: 'factory: notify\ndepends_on: a' }),
    { a: ['configuration'], b: ['order'] },
  ],
  ['the settings', plan({ a: '' }), plan({ a: '' }, '', pull), { a: ['factory'] }],
  [
    'the settings, whatever the condition would have said',
    plan({ a: OF_OTHER_DATA }),
    plan({ a: OF_OTHER_DATA }, '', pull),
    { a: ['factory'] },
  ],
  [
    'the commit, where that alone decides, whatever the settings say',
    plan({ a: '' }, '', onlyConfiguration),
    plan({ a: '' }, '', pull),
    { a: ['condition'] },
  ],
  [
    'a factory that is not there any more',
    plan({ a: '' }),
    plan({ a: '' }, '', { registry: { factories: { notify: null }, config_errors: {} } }),
    { a: ['factory'] },
  ],
  [
    'several things at once',
    plan({ a: '' }),
    plan({ a: OF_OTHER_DATA }, 'schedule: graph'),
    { a: ['configuration', 'schedule', 'condition'] },
  ],
])('a difference is explained by %s', (_, before, after, expected) => {
  expect(causes(before, after)).toEqual(expected);
  expect(causes(after, before)).toEqual(expected);
});

test('another schedule is named, and the number of a task alone is not a difference', () => {
  const diff = diffPlans(
    plan({ a: '', b: '' }, 'schedule: graph'),
    plan({ b: '' }, 'schedule: graph\nmax_concurrency: 2'),
  );
  expect(diff.schedule).toEqual({
    before: { kind: 'graph', maxConcurrency: 4 },
    after: { kind: 'graph', maxConcurrency: 2 },
  });
  expect(diff.differences.map((found) => found.path)).toEqual(['/etc/system.d/a']);
});
