import { left } from 'fp-ts/lib/Either.js';
import { describe, expect, test } from 'vitest';
import type { Change } from '../../src/domain/tree/change.js';
import { EMPTY_PLAN, emptyPlan } from '../../src/planner/empty-plan.js';
import { DEFAULT_SCHEDULE } from '../../src/planner/entries/schedule.js';
import { planOfFailedDiscovery } from '../../src/planner/plan-commit.js';
import { openPlan, planJson } from '../../src/planner/seal-plan.js';
import {
  DATA_CHANGE,
  dynamicNode,
  path,
  plainFile,
  planOf,
  unreadable,
  withoutConfiguration,
} from './entries.js';

const good = dynamicNode('10-good', 'notify', '');

const namesOfTasks = ({ tasks }: ReturnType<typeof planOf>) => tasks.map(({ name }) => name);

test('entries run one at a time in the order of their names, and the plan says so in full', () => {
  const entries = [
    dynamicNode('20-tell', 'notify', 'factory: notify\ntimeout: 30s\nconfig: { url: here }'),
    plainFile('10-check.yaml', 'factory: notify'),
    plainFile('README', 'read me'),
    dynamicNode('15-broken', 'nobody', ''),
  ];
  const { checksum, ...body } = planOf(entries);
  expect(checksum).toBe('4a532ed4271a68ab6b134e8465b60ed29bccafb8444f23cd38fd559dbdd88543');
  expect(body).toEqual({
    planner_version: 2,
    schedule: 'sequential',
    max_concurrency: 1,
    warnings: [],
    tasks: [
      {
        execution_seq: 1,
        name: '10-check.yaml',
        config_path: '/etc/system.d/10-check.yaml',
        factory: 'notify',
        depends_on: [],
        batch: 0,
        stage: 0,
        blocked_by: [],
        retry: null,
        timeout_ms: null,
      },
      {
        execution_seq: 2,
        name: '20-tell',
        config_path: '/etc/system.d/20-tell',
        factory: 'notify',
        depends_on: [],
        batch: 1,
        stage: 1,
        blocked_by: [],
        retry: null,
        timeout_ms: 30_000,
      },
    ],
    batches: [[1], [2]],
    edges: [{ from: 1, to: 2, reason: 'order' }],
    skipped: [{ path: '/etc/system.d/README', reason: { _tag: 'NotAFactory', entry_type: 'file' } }],
    rejected: [
      {
        path: '/etc/system.d/15-broken',
        execution_seq: 3,
        factory: 'nobody',
        errors: [{ _tag: 'UnknownFactory', factory: 'nobody' }],
      },
    ],
    registry: {
      factories: { notify: { modes: ['InTransactionWriter', 'PostCommitReader'] }, nobody: null },
      config_errors: {},
    },
  });
});

test('the checksum of the plan without entries never changes by accident', () => {
  expect(EMPTY_PLAN.checksum).toBe('67299a806254200c7f573883f8bfd443a39f6546f5f19b705ec47c06c4826449');
  expect(emptyPlan(1).checksum).toBe('341e9079db86749f99814e4ae1cd1f9f03b52f4102c43701b50d902283d464d7');
});

test('a discovery that failed as a whole is the one rejected entry of its plan', () => {
  const plan = planOfFailedDiscovery('/etc/system.d is a file');
  expect(plan).toMatchObject({
    tasks: [],
    skipped: [],
    rejected: [
      {
        path: '/etc/system.d',
        execution_seq: 1,
        factory: null,
        errors: [{ _tag: 'DiscoveryFailed', problem: '/etc/system.d is a file' }],
      },
    ],
  });
  expect(openPlan(planJson(plan), plan.checksum)).toEqual({ _tag: 'Right', right: plan });
});

test('names are ordered by the bytes of their UTF-8 form', () => {
  const names = ['B', 'a', '10', '9', 'é', '\u{1f600}', '\uff5e', 'a-', 'a.', 'ab'];
  const plan = planOf(names.map((name) => dynamicNode(name, 'notify', '')));
  expect(namesOfTasks(plan)).toEqual(['10', '9', 'B', 'a', 'a-', 'a.', 'ab', 'é', '\uff5e', '\u{1f600}']);
});

test('a thousand entries are planned at once, in order and numbered without gaps', () => {
  const names = Array.from({ length: 1_000 }, (_, index) => String(index).padStart(4, '0'));
  const plan = planOf(names.toReversed().map((name) => dynamicNode(name, 'notify', '')));
  expect(namesOfTasks(plan)).toEqual(names);
  expect(plan.tasks.map(({ execution_seq }) => execution_seq)).toEqual(names.map((_, index) => index + 1));
  expect(plan.batches).toHaveLength(1_000);
  expect(plan.edges).toHaveLength(999);
});

describe('what is skipped', () => {
  const reasonOf = (plan: ReturnType<typeof planOf>) => plan.skipped.map(({ reason }) => reason);

  test('a disabled entry, however wrong its configuration', () => {
    const plan = planOf([
      good,
      plainFile('20-off', 'factory: notify\nenabled: false\nconfig: { url: 42 }'),
      plainFile('30-off', 'factory: nobody\nenabled: false'),
    ]);
    expect(reasonOf(plan)).toEqual([{ _tag: 'Disabled' }, { _tag: 'Disabled' }]);
    expect(namesOfTasks(plan)).toEqual(['10-good']);
  });

  test('an entry whose factory is in pull mode, however wrong its configuration', () => {
    const plan = planOf([good, dynamicNode('20-bad', 'notify', 'url: 42')], {
      factoryModes: { notify: 'pull' },
    });
    const pulled = { _tag: 'PullMode', factory: 'notify' };
    expect(reasonOf(plan)).toEqual([pulled, pulled]);
  });

  test('an entry whose condition is not met, even if nobody knows its factory', () => {
    const entry = dynamicNode('10-a', 'nobody', 'factory: nobody\ncondition: { path_pattern: /other/** }');
    expect(planOf([entry]).skipped).toMatchObject([{ reason: { _tag: 'ConditionNotMet' } }]);
  });

  test('nothing whose factory is in push mode', () => {
    expect(namesOfTasks(planOf([good], { factoryModes: { notify: 'push', collect: 'pull' } }))).toEqual([
      '10-good',
    ]);
  });

  test('an entry whose factory does not run after commits, or does not execute at all', () => {
    const plan = planOf([dynamicNode('10-a', 'collect', 'anything: 1'), dynamicNode('20-b', 'view', '')]);
    expect(reasonOf(plan)).toEqual([
      { _tag: 'NotPostCommit', factory: 'collect', modes: ['InTransactionWriter'] },
      { _tag: 'NotPostCommit', factory: 'view', modes: [] },
    ]);
    expect(plan.rejected).toEqual([]);
  });

  test('what is not a factory configuration, with what it is', () => {
    const plan = planOf([withoutConfiguration('sub', 'directory'), plainFile('x.yaml', 'a: 1')]);
    expect(reasonOf(plan)).toEqual([
      { _tag: 'NotAFactory', entry_type: 'directory' },
      { _tag: 'NotAFactory', entry_type: 'file' },
    ]);
  });

  test('every entry of a commit whose post-commit work is suppressed, the broken ones too', () => {
    for (const by of ['no-post-commit', 'inside-task'] as const) {
      const plan = planOf([good, plainFile('20-bad.yaml', 'a: [')], { suppressed: by });
      expect(reasonOf(plan)).toEqual([
        { _tag: 'Suppressed', by },
        { _tag: 'Suppressed', by },
      ]);
      expect([plan.tasks, plan.rejected]).toEqual([[], []]);
    }
  });
});

describe('a commit that changes only /etc', () => {
  const isSetOff = (...changes: readonly Change[]): boolean => planOf([good], { changes }).tasks.length === 1;
  const changed = (text: string): Change => ({ kind: 'modified', path: path(text), entryType: 'file' });
  const renamed = (from: string, to: string): Change => ({
    kind: 'renamed',
    from: path(from),
    path: path(to),
    entryType: 'file',
  });

  test('sets nothing off, and rejects nothing', () => {
    const changes = [changed('/etc'), changed('/etc/pond.yaml'), changed('/etc/system.d/10-good')];
    const plan = planOf([good, plainFile('20-bad.yaml', 'a: [')], { changes });
    expect(plan.skipped.map(({ reason }) => reason)).toEqual([
      { _tag: 'OnlyConfigurationChanged' },
      { _tag: 'OnlyConfigurationChanged' },
    ]);
    expect(plan.rejected).toEqual([]);
  });

  test.each<[string, boolean]>([
    ['/etc/motd', true],
    ['/etc/*', true],
    // A pattern is taken from the root, whether or not it says so.
    ['etc/motd', true],
    ['motd', false],
    ['[/data/**, /etc/motd]', true],
    ['"{/data,/etc}/motd"', true],
    ['/**', false],
    ['"/*/motd"', false],
    ['"/e*/motd"', false],
    ['[/data/**, /etc/other]', false],
  ])('sets off an entry whose path_pattern is %s: %s', (pattern, expected) => {
    const entry = dynamicNode('10-a', 'notify', `factory: notify\ncondition: { path_pattern: ${pattern} }`);
    expect(planOf([entry], { changes: [changed('/etc/motd')] }).tasks.length === 1).toBe(expected);
  });

  test('is not one that has changed nothing at all', () => {
    const { tasks, skipped } = planOf([dynamicNode('10-a', 'notify', '')], { changes: [] });
    expect([tasks.length, skipped]).toEqual([1, []]);
  });

  test('is data as soon as one path is outside, however similar its name', () => {
    expect(isSetOff(changed('/etc/pond.yaml'), changed('/data'))).toBe(true);
    expect(isSetOff(changed('/etcetera'))).toBe(true);
    expect(isSetOff(changed('/data/etc/pond.yaml'))).toBe(true);
  });

  test('is data when something is renamed into it or out of it, and is not within it', () => {
    expect(isSetOff(renamed('/data/a', '/etc/a'))).toBe(true);
    expect(isSetOff(renamed('/etc/a', '/data/a'))).toBe(true);
    expect(isSetOff(renamed('/etc/a', '/etc/b'))).toBe(false);
  });
});

describe('what is rejected, while the good entries run', () => {
  const rejectionOf = (entry: ReturnType<typeof plainFile>) => {
    const plan = planOf([good, entry]);
    expect(namesOfTasks(plan)).toEqual(['10-good']);
    expect(plan.skipped).toEqual([]);
    expect(plan.rejected.map(({ path, execution_seq }) => ({ path, execution_seq }))).toEqual([
      { path: entry.path, execution_seq: 2 },
    ]);
    return plan.rejected.map(({ factory, errors }) => ({ factory, errors }))[0];
  };

  test('a factory that nobody knows', () => {
    expect(rejectionOf(dynamicNode('20-x', 'nobody', 'whatever: 1'))).toEqual({
      factory: 'nobody',
      errors: [{ _tag: 'UnknownFactory', factory: 'nobody' }],
    });
  });

  test('a factory that nobody knows and that is called like a property of every object', () => {
    for (const factory of ['constructor', 'toString', '__proto__']) {
      expect(rejectionOf(plainFile('20-x', `factory: ${factory}`))).toEqual({
        factory,
        errors: [{ _tag: 'UnknownFactory', factory }],
      });
    }
  });

  test('a dynamic node whose bytes are not YAML', () => {
    expect(rejectionOf(dynamicNode('20-x', 'notify', 'url: ['))).toEqual({
      factory: 'notify',
      errors: [{ _tag: 'InvalidYaml', problem: expect.any(String) }],
    });
  });

  test('a .yaml file whose bytes are not YAML', () => {
    expect(rejectionOf(plainFile('20-x.yaml', 'factory: notify\nconfig: ['))).toEqual({
      factory: null,
      errors: [{ _tag: 'InvalidYaml', problem: expect.any(String) }],
    });
  });

  test("a misspelt key of the factory's configuration, with its path and its key", () => {
    expect(
      rejectionOf(plainFile('20-x.yaml', 'factory: notify\nconfig: { uri: here, times: many }')),
    ).toEqual({
      factory: 'notify',
      errors: [
        {
          _tag: 'InvalidKeys',
          path: '/etc/system.d/20-x.yaml',
          errors: [
            { key: 'config.uri', message: 'unknown key; known keys are url, times' },
            { key: 'config.times', message: 'expected number, got "many"' },
          ],
        },
      ],
    });
  });

  test('a misspelt key of the envelope, with its path and its key', () => {
    expect(rejectionOf(plainFile('20-x.yaml', 'factory: notify\ntimout: 3s'))).toEqual({
      factory: 'notify',
      errors: [
        {
          _tag: 'InvalidKeys',
          path: '/etc/system.d/20-x.yaml',
          errors: [
            {
              key: 'timout',
              message:
                'unknown key; known keys are factory, description, enabled, condition, depends_on, timeout, retry, config, derived, run_when, if_superseded, queue, host',
            },
          ],
        },
      ],
    });
  });

  test('an envelope that names another factory than its node', () => {
    expect(rejectionOf(dynamicNode('20-x', 'notify', 'factory: collect'))).toEqual({
      factory: 'notify',
      errors: [{ _tag: 'FactoryMismatch', node: 'notify', envelope: 'collect' }],
    });
  });

  test('an entry that cannot be read', () => {
    expect(rejectionOf(unreadable('20-x', 'the symlink leads nowhere'))).toEqual({
      factory: null,
      errors: [{ _tag: 'Unreadable', problem: 'the symlink leads nowhere' }],
    });
  });
});

test('rejected entries are numbered after the tasks, in the order of their paths', () => {
  const plan = planOf([dynamicNode('30-z', 'nobody', ''), good, dynamicNode('05-a', 'nobody', '')]);
  expect(plan.rejected.map(({ path, execution_seq }) => [path, execution_seq])).toEqual([
    ['/etc/system.d/05-a', 2],
    ['/etc/system.d/30-z', 3],
  ]);
});

test('a config.yaml that cannot be read rejects whatever would have run, and nothing else', () => {
  const error = { _tag: 'InvalidSchedule', problem: 'broken' } as const;
  const entries = [good, dynamicNode('20-b', 'collect', ''), dynamicNode('30-c', 'nobody', '')];
  const plan = planOf(entries, { schedule: left(error) });
  expect(plan.tasks).toEqual([]);
  expect(plan.skipped.map(({ path }) => path)).toEqual(['/etc/system.d/20-b']);
  expect(plan.rejected.map(({ path, errors }) => [path, errors])).toEqual([
    ['/etc/system.d/10-good', [error]],
    ['/etc/system.d/30-c', [{ _tag: 'UnknownFactory', factory: 'nobody' }]],
  ]);
});

test('such a rejection is stored, and its checksum made, as the first version did', () => {
  const plan = planOf([good], { schedule: left({ _tag: 'InvalidSchedule', problem: 'broken' } as const) });
  const stored = planJson(plan);
  expect(stored.rejected).toMatchObject([
    { errors: [{ _tag: 'InvalidYaml', problem: 'config.yaml: broken' }] },
  ]);
  expect(openPlan(stored, plan.checksum)).toEqual({ _tag: 'Right', right: plan });
});

test('an entry without a timeout of its own has the default one', () => {
  const plan = planOf([good, plainFile('20-b', 'factory: notify\ntimeout: 5s')], {
    schedule: { _tag: 'Right', right: { ...DEFAULT_SCHEDULE, timeoutMs: 600_000 } },
  });
  expect(plan.tasks.map(({ timeout_ms }) => timeout_ms)).toEqual([600_000, 5_000]);
});

test('commits of different data that set off the same have the same plan', () => {
  const other: Change = { kind: 'deleted', path: path('/data/old'), entryType: 'table' };
  expect(planOf([good], { changes: [other] })).toEqual(planOf([good], { changes: [DATA_CHANGE] }));
});

test('what an editor leaves and what is hidden is not an entry, and its name means nothing; by rules 1 it was one', () => {
  const left = ['20-x.yaml~', '.20-x.yaml.swp', '#20-x.yaml#', '.hidden', '20-x.yaml.orig', '20-x.yaml.bak'];
  const entries = [
    ...left.map((name) => plainFile(name, 'factory: notify')),
    plainFile('30-waits.yaml', "factory: notify\ndepends_on: ['.hidden']"),
    plainFile('20-x~y.yaml', 'factory: notify'),
  ];
  const { tasks, skipped, rejected } = planOf(entries);
  expect(tasks.map(({ name }) => name)).toEqual(['20-x~y.yaml']);
  expect(skipped.map(({ path, reason }) => [path.slice('/etc/system.d/'.length), reason._tag])).toEqual(
    [...left].sort().map((name) => [name, 'LeftOver']),
  );
  expect(rejected).toMatchObject([{ errors: [{ _tag: 'UnknownDependency', name: '.hidden' }] }]);
  expect(planOf(entries, {}, 1).tasks).toHaveLength(8);
});
