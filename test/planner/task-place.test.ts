import { describe, expect, test } from 'vitest';
import { SCHEDULE_DIRECTORY } from '../../src/domain/paths/configuration-paths.js';
import { notHere, placeOfTask } from '../../src/domain/plans/task-place.js';
import { registryFacts } from '../../src/planner/entries/registry-facts.js';
import { readSchedule } from '../../src/planner/entries/schedule.js';
import { planFiring } from '../../src/planner/firings/plan-firing.js';
import { openPlan, planJson } from '../../src/planner/seal-plan.js';
import { dynamicNode, planOf, registry } from './entries.js';

const entry = (name: string, ...keys: readonly string[]) =>
  dynamicNode(name, 'notify', ['factory: notify', ...keys].join('\n'));

describe('an entry says where it runs', () => {
  test('its queue and its machine stand in the plan, are covered by the checksum, and come back when the plan is read', () => {
    const plan = planOf([entry('10-a', 'queue: gpu', 'host: db1.internal')]);
    expect(plan.tasks).toMatchObject([{ queue: 'gpu', host: 'db1.internal' }]);
    expect(openPlan(planJson(plan), plan.checksum)).toEqual({ _tag: 'Right', right: plan });
    expect(plan.checksum).not.toBe(planOf([entry('10-a', 'queue: gpu')]).checksum);
  });

  test('what is the default is not in the plan: the checksum is that of an entry that says nothing', () => {
    const says = planOf([entry('10-a', 'queue: any')]);
    expect(says.checksum).toBe(planOf([entry('10-a')]).checksum);
  });

  test('a scheduled entry does, too', () => {
    const scheduled = {
      ...entry('10-a', 'schedule: "0 6 * * *"', 'queue: gpu', 'host: db1'),
      path: `${SCHEDULE_DIRECTORY}/10-a` as never,
    };
    const plan = planFiring({
      scheduled,
      entries: [],
      schedule: readSchedule(Buffer.from('')),
      factoryModes: {},
      registry: registryFacts([scheduled], registry),
    });
    expect(plan.tasks).toMatchObject([{ queue: 'gpu', host: 'db1' }]);
  });
});

describe('a task runs in a place', () => {
  const everything = { queues: null, host: 'db1.internal' };
  test.each([
    ['of any machine and any queue', {}, everything, null],
    ['whose runner takes every queue', { queue: 'gpu' }, everything, null],
    ['whose runner takes its queue', { queue: 'gpu' }, { ...everything, queues: ['any', 'gpu'] }, null],
    ['whose machine it names', { host: 'DB1.internal' }, everything, null],
    ['whose machine it names without the domain', { host: 'db1' }, everything, null],
  ])('%s', (_, task, runner, expected) => {
    expect(notHere(placeOfTask(task), runner)).toBe(expected);
  });

  test.each([
    ['of another machine', { host: 'db2' }, everything, { _tag: 'OtherHost', host: 'db2' }],
    [
      'of another machine with the same first name',
      { host: 'db1.elsewhere' },
      everything,
      { _tag: 'OtherHost', host: 'db1.elsewhere' },
    ],
    [
      'whose runner takes other queues',
      { queue: 'gpu' },
      { ...everything, queues: ['any'] },
      { _tag: 'OtherQueue', queue: 'gpu' },
    ],
    [
      'whose runner takes named queues, and not the default',
      {},
      { ...everything, queues: ['gpu'] },
      { _tag: 'OtherQueue', queue: 'any' },
    ],
    [
      'of another machine, whatever its queue',
      { queue: 'gpu', host: 'db2' },
      { ...everything, queues: ['gpu'] },
      { _tag: 'OtherHost', host: 'db2' },
    ],
  ])('and not in one %s', (_, task, runner, expected) => {
    expect(notHere(placeOfTask(task), runner)).toEqual(expected);
  });
});
