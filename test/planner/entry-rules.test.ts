import { describe, expect, test } from 'vitest';
import { rulesOfTask } from '../../src/domain/plans/plan.js';
import { registryFacts } from '../../src/planner/entries/registry-facts.js';
import { readSchedule } from '../../src/planner/entries/schedule.js';
import { planCommit } from '../../src/planner/plan-commit.js';
import { openPlan, planJson } from '../../src/planner/seal-plan.js';
import { DATA_CHANGE, dynamicNode, planOf, registry } from './entries.js';

const entry = (name: string, ...keys: readonly string[]) =>
  dynamicNode(name, 'notify', ['factory: notify', ...keys].join('\n'));

const taskOf = (plan: ReturnType<typeof planOf>, name: string) =>
  plan.tasks.find((task) => task.name === name);

describe('an entry says when it runs', () => {
  test.each([
    [[], { derived: false, ifSuperseded: 'run', runWhen: 'success', waitsFor: 'depends_on' }],
    [['derived: true'], { derived: true, ifSuperseded: 'run', runWhen: 'success', waitsFor: 'depends_on' }],
    [
      ['if_superseded: skip'],
      { derived: false, ifSuperseded: 'skip', runWhen: 'success', waitsFor: 'depends_on' },
    ],
    [['run_when: failure'], { derived: false, ifSuperseded: 'run', runWhen: 'failure', waitsFor: 'all' }],
    [
      ['run_when: always', 'depends_on: [10-a]'],
      { derived: false, ifSuperseded: 'run', runWhen: 'always', waitsFor: 'depends_on' },
    ],
    [
      ['run_when: success', 'derived: false', 'if_superseded: run'],
      { derived: false, ifSuperseded: 'run', runWhen: 'success', waitsFor: 'depends_on' },
    ],
  ] as const)('%j', (keys, expected) => {
    const plan = planOf([entry('10-a'), entry('20-b', ...keys)]);
    const task = taskOf(plan, '20-b');
    expect(task && rulesOfTask(task)).toEqual(expected);
    expect(openPlan(planJson(plan), plan.checksum)).toEqual({ _tag: 'Right', right: plan });
  });

  test('and what it does not say is not in the plan', () => {
    const [task] = planOf([entry('10-a', 'run_when: success')]).tasks;
    for (const key of ['derived', 'run_when', 'if_superseded', 'waits_for', 'queue', 'host']) {
      expect(task).not.toHaveProperty(key);
    }
  });

  test.each([
    [
      'run_when: sometimes',
      'run_when',
      'expected "success" or "failure" or "change" or "always", got "sometimes"',
    ],
    ['derived: yes please', 'derived', 'expected boolean, got "yes please"'],
    ['if_superseded: drop', 'if_superseded', 'expected "run" or "skip", got "drop"'],
    [
      'queue: a,b',
      'queue',
      'expected the name of a queue (letters, digits, ".", "_" and "-", at most 63), got "a,b"',
    ],
    ['host: 7', 'host', 'expected the name of a machine, as the command hostname says it, got 7'],
  ])('%s is rejected with its key', (key, name, message) => {
    const { rejected } = planOf([entry('10-a', key)]);
    expect(rejected).toMatchObject([{ errors: [{ _tag: 'InvalidKeys', errors: [{ key: name, message }] }] }]);
  });

  test("a factory's own default counts where the entry names what it waits for, and does not say otherwise", () => {
    const tell = (name: string, yaml: string) => dynamicNode(name, 'tell', `factory: tell\n${yaml}`);
    const plan = planOf([
      entry('10-a'),
      tell('20-b', 'depends_on: [10-a]'),
      tell('30-c', ''),
      tell('40-d', 'depends_on: [10-a]\nrun_when: success'),
    ]);
    expect(plan.tasks.map(({ name, run_when }) => [name, run_when])).toEqual([
      ['10-a', undefined],
      ['20-b', 'change'],
      ['30-c', undefined],
      ['40-d', undefined],
    ]);
  });
});

describe('who waits for everything runs in a last stage', () => {
  const stages = (plan: ReturnType<typeof planOf>) => plan.tasks.map(({ name, stage }) => [name, stage]);
  const scheduled = (yaml: string) => ({ schedule: readSchedule(Buffer.from(yaml)) });

  test('whatever its name, and what depends on it comes behind', () => {
    const entries = [
      entry('05-follow', 'depends_on: [10-tell]'),
      entry('10-tell', 'run_when: failure'),
      entry('20-a'),
      entry('30-b', 'depends_on: [20-a]'),
    ];
    expect(stages(planOf(entries))).toEqual([
      ['20-a', 0],
      ['30-b', 1],
      ['10-tell', 2],
      ['05-follow', 3],
    ]);
    expect(stages(planOf(entries, scheduled('schedule: graph')))).toEqual([
      ['20-a', 0],
      ['30-b', 0],
      ['10-tell', 1],
      ['05-follow', 2],
    ]);
  });

  test('several of them side by side, and in no group', () => {
    const plan = planOf(
      [entry('10-tell', 'run_when: always'), entry('20-a'), entry('30-tell', 'run_when: change')],
      scheduled('parallel_groups: [[10-tell], [20-a]]'),
    );
    expect(stages(plan)).toEqual([
      ['20-a', 0],
      ['10-tell', 1],
      ['30-tell', 1],
    ]);
    expect(plan.rejected).toEqual([]);
  });

  test('one that names its dependencies stays where they let it', () => {
    const plan = planOf([
      entry('10-a'),
      entry('20-tell', 'run_when: failure', 'depends_on: [10-a]'),
      entry('30-b'),
    ]);
    expect(stages(plan)).toEqual([
      ['10-a', 0],
      ['20-tell', 1],
      ['30-b', 2],
    ]);
  });
});

describe('by the rules of version 0.1.0', () => {
  const planBy1 = (...entries: readonly ReturnType<typeof entry>[]) =>
    planCommit(
      {
        changes: [DATA_CHANGE],
        suppressed: null,
        entries,
        schedule: readSchedule(Buffer.from('')),
        factoryModes: {},
        registry: registryFacts(entries, registry, 'first'),
      },
      1,
    );

  test.each(['derived: true', 'run_when: change', 'if_superseded: skip', 'queue: gpu', 'host: db1'])(
    '%s is an unknown key, in the words of then',
    (key) => {
      expect(planBy1(entry('10-a', key)).rejected).toMatchObject([
        {
          errors: [
            {
              errors: [
                {
                  key: key.split(':')[0],
                  message:
                    'unknown key; known keys are factory, description, enabled, condition, depends_on, timeout, retry, config',
                },
              ],
            },
          ],
        },
      ]);
    },
  );

  test('a factory has no default for when it runs', () => {
    const plan = planBy1(entry('10-a'), dynamicNode('20-b', 'tell', 'factory: tell\ndepends_on: [10-a]'));
    expect(plan.tasks.map(({ run_when }) => run_when)).toEqual([undefined, undefined]);
    expect(plan.registry.factories.tell).toEqual({ modes: ['PostCommitReader'] });
  });

  test('a plan has the checksum that it had', () => {
    const plan = planBy1(
      entry('10-a', 'timeout: 30s'),
      entry('20-b', 'depends_on: [10-a]'),
      dynamicNode('30-c', 'nobody', ''),
    );
    expect(plan.checksum).toBe('129e019ab41840ef1b8107ef6015229d4d4c412d2ad7f1df1e84eb8f6c71d587');
  });
});
