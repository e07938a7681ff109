import { right } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { DEFAULT_SCHEDULE, readSchedule } from '../../src/planner/entries/schedule.js';

const read = (yaml: string) => readSchedule(Buffer.from(yaml));

const invalidKeys = (...errors: readonly { key: string; message: string }[]) => ({
  _tag: 'Left',
  left: { _tag: 'InvalidKeys', path: '/etc/system.d/config.yaml', errors },
});

test('an empty config.yaml is the default: one at a time, without a time limit, one attempt', () => {
  expect(DEFAULT_SCHEDULE).toEqual({
    kind: 'sequential',
    groups: [],
    maxConcurrency: 1,
    timeoutMs: null,
    retry: {
      max_attempts: 1,
      initial_interval_ms: 1_000,
      backoff: 2,
      max_interval_ms: 60_000,
      jitter: true,
    },
  });
  for (const yaml of ['', '# nothing\n', '{}', 'defaults: {}', 'schedule: sequential\nmax_concurrency: 8']) {
    expect(read(yaml)).toEqual(right(DEFAULT_SCHEDULE));
  }
});

test('groups are the schedule where they are given, four tasks side by side where nothing else is said', () => {
  const groups = [['10-a', '11-b'], ['20-c']];
  const expected = right({ ...DEFAULT_SCHEDULE, kind: 'groups', groups, maxConcurrency: 4 });
  expect(read('parallel_groups: [[10-a, 11-b], [20-c]]')).toEqual(expected);
  expect(read('schedule: groups\nparallel_groups: [[10-a, 11-b], 20-c]')).toEqual(expected);
  expect(read('schedule: graph\nmax_concurrency: 9')).toMatchObject({
    right: { kind: 'graph', maxConcurrency: 9 },
  });
});

test('defaults are read in milliseconds, and keep what they do not say', () => {
  expect(read('defaults: { timeout: 1.5m, retry: { max_attempts: 3, max_interval: 5s } }')).toEqual(
    right({
      ...DEFAULT_SCHEDULE,
      timeoutMs: 90_000,
      retry: { ...DEFAULT_SCHEDULE.retry, max_attempts: 3, max_interval_ms: 5_000 },
    }),
  );
});

test('a misspelt key is refused with its way and the known ones', () => {
  expect(read('defaults: { timout: 10m }')).toEqual(
    invalidKeys({ key: 'defaults.timout', message: 'unknown key; known keys are timeout, retry' }),
  );
  expect(read('shedule: sequential')).toEqual(
    invalidKeys({
      key: 'shedule',
      message: 'unknown key; known keys are schedule, parallel_groups, max_concurrency, defaults',
    }),
  );
});

test('values that are none are refused with what was found', () => {
  expect(read('schedule: backwards\ndefaults: { timeout: 10, retry: { backoff: 0.5 } }')).toEqual(
    invalidKeys(
      { key: 'schedule', message: 'expected "sequential" or "groups" or "graph", got "backwards"' },
      { key: 'defaults.timeout', message: 'expected a duration such as 500ms, 30s, 10m or 2h, got 10' },
      { key: 'defaults.retry.backoff', message: 'expected a number from 1 to 100, got 0.5' },
    ),
  );
  expect(read('max_concurrency: 0\nparallel_groups: [[10-a, 7]]')).toEqual(
    invalidKeys(
      { key: 'parallel_groups[0][1]', message: 'expected string, got 7' },
      { key: 'max_concurrency', message: 'expected a whole number from 1 to 1000, got 0' },
    ),
  );
});

test('groups beside another schedule are refused', () => {
  expect(read('schedule: graph\nparallel_groups: [[a]]')).toEqual(
    invalidKeys({
      key: 'parallel_groups',
      message: 'expected with "schedule: groups" only, not with "graph"',
    }),
  );
});

test('a config.yaml that is not a mapping, or no YAML, is refused', () => {
  expect(read('- sequential')).toEqual(
    invalidKeys({
      key: '',
      message: 'expected a mapping with the keys schedule, parallel_groups, max_concurrency, defaults',
    }),
  );
  expect(read('schedule: [')).toMatchObject({
    left: { _tag: 'InvalidSchedule', problem: expect.any(String) },
  });
});
