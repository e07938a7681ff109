import { expect, test } from 'vitest';
import { readEntry } from '../../src/planner/entries/read-entry.js';
import { dynamicNode, plainFile, unreadable, withoutConfiguration } from './entries.js';

test("without an envelope all of a dynamic node's YAML is its factory's configuration", () => {
  expect(readEntry(dynamicNode('10-a', 'notify', 'url: here\nenabled: 3'))).toEqual({
    _tag: 'Configured',
    factory: 'notify',
    envelope: null,
    config: { url: 'here', enabled: 3 },
    keyPrefix: '',
  });
  expect(readEntry(dynamicNode('10-a', 'notify', ''))).toMatchObject({ config: {}, envelope: null });
});

test('an envelope says what is to be known of the entry, and has the configuration inside', () => {
  const yaml = 'factory: notify\ndescription: tell\nenabled: false\ntimeout: 30s\nconfig: { url: here }';
  const expected = {
    _tag: 'Configured',
    factory: 'notify',
    envelope: {
      factory: 'notify',
      description: 'tell',
      enabled: false,
      condition: null,
      dependsOn: [],
      retry: null,
      timeoutMs: 30_000,
      derived: null,
      runWhen: null,
      ifSuperseded: 'run',
      place: { queue: 'any', host: null },
      schedule: null,
    },
    config: { url: 'here' },
    keyPrefix: 'config',
  };
  expect(readEntry(dynamicNode('10-a', 'notify', yaml))).toEqual(expected);
  expect(readEntry(plainFile('10-a.yaml', yaml))).toEqual(expected);
});

test('an envelope needs nothing but its factory', () => {
  expect(readEntry(plainFile('10-a', 'factory: notify'))).toEqual({
    _tag: 'Configured',
    factory: 'notify',
    envelope: {
      factory: 'notify',
      description: null,
      enabled: true,
      condition: null,
      dependsOn: [],
      retry: null,
      timeoutMs: null,
      derived: null,
      runWhen: null,
      ifSuperseded: 'run',
      place: { queue: 'any', host: null },
      schedule: null,
    },
    config: {},
    keyPrefix: 'config',
  });
});

test('a plain file without a top-level factory is not an entry, whatever else it is', () => {
  for (const text of [
    '',
    'hello',
    '- factory: notify',
    'inner: { factory: notify }',
    'a: [',
    '\u0000\u0001',
  ]) {
    expect(readEntry(plainFile('README', text)), text).toEqual({ _tag: 'NotAFactory', entryType: 'file' });
  }
  expect(readEntry(plainFile('notes.yaml', 'a: 1'))).toEqual({ _tag: 'NotAFactory', entryType: 'file' });
});

test('a plain file that was meant as an entry and is not YAML is invalid, not passed over', () => {
  const broken = [
    plainFile('10-a.yaml', 'a: ['),
    plainFile('10-a.YML', 'a: ['),
    plainFile('10-a', 'x: [\nfactory: notify'),
  ];
  for (const entry of broken) {
    expect(readEntry(entry), entry.path).toEqual({
      _tag: 'Invalid',
      factory: null,
      errors: [{ _tag: 'InvalidYaml', problem: expect.any(String) }],
    });
  }
});

test('a dynamic node whose bytes are not YAML is invalid under its factory', () => {
  expect(readEntry(dynamicNode('10-a', 'notify', 'a: 1\na: 2'))).toEqual({
    _tag: 'Invalid',
    factory: 'notify',
    errors: [{ _tag: 'InvalidYaml', problem: 'the key "a" is there twice' }],
  });
});

test('a misspelt key of an envelope is named with its path, and the factory stays known', () => {
  const yaml = 'factory: notify\nenabeld: false';
  const expected = {
    _tag: 'Invalid',
    factory: 'notify',
    errors: [
      {
        _tag: 'InvalidKeys',
        path: '/etc/system.d/10-a.yaml',
        errors: [
          {
            key: 'enabeld',
            message:
              'unknown key; known keys are factory, description, enabled, condition, depends_on, timeout, retry, config, derived, run_when, if_superseded, queue, host',
          },
        ],
      },
    ],
  };
  expect(readEntry(dynamicNode('10-a.yaml', 'notify', yaml))).toEqual(expected);
  expect(readEntry(plainFile('10-a.yaml', yaml))).toEqual(expected);
});

test.each([
  ['[created, moved]', 'condition.on[1]', 'expected created, modified, deleted or renamed, got "moved"'],
  ['moved', 'condition.on', 'expected one or more of created, modified, deleted, renamed, got "moved"'],
  ['[created, moved]', 'condition.on[1]', 'expected created, modified, deleted or renamed, got "moved"'],
  ['[]', 'condition.on', 'expected one or more of created, modified, deleted, renamed, got an empty list'],
])('a kind of change that there is not, on: %s, is named by its place', (on, key, message) => {
  expect(readEntry(plainFile('a.yaml', `factory: notify\ncondition: { on: ${on} }`))).toMatchObject({
    errors: [{ errors: [{ key, message }] }],
  });
});

test('a factory that is not a name leaves the factory of a plain file unknown', () => {
  expect(readEntry(plainFile('10-a.yaml', 'factory: 7'))).toMatchObject({ _tag: 'Invalid', factory: null });
});

test('an envelope that names another factory than its node is invalid', () => {
  expect(readEntry(dynamicNode('10-a', 'notify', 'factory: collect'))).toEqual({
    _tag: 'Invalid',
    factory: 'notify',
    errors: [{ _tag: 'FactoryMismatch', node: 'notify', envelope: 'collect' }],
  });
});

test('what has no configuration is not an entry, and what cannot be read is invalid', () => {
  expect(readEntry(withoutConfiguration('sub', 'directory'))).toEqual({
    _tag: 'NotAFactory',
    entryType: 'directory',
  });
  expect(readEntry(unreadable('10-a', 'a loop'))).toEqual({
    _tag: 'Invalid',
    factory: null,
    errors: [{ _tag: 'Unreadable', problem: 'a loop' }],
  });
});
