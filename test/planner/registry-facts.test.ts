import { expect, test } from 'vitest';
import type { RegistryFacts } from '../../src/domain/plans/plan.js';
import { factsWithReplaced, registryFacts } from '../../src/planner/entries/registry-facts.js';
import { dynamicNode, plainFile, registry, unreadable } from './entries.js';

test('every factory that an entry names is asked for, and an unknown one is null', () => {
  const entries = [
    dynamicNode('10-a', 'notify', ''),
    plainFile('20-b', 'factory: collect'),
    dynamicNode('30-c', 'nobody', ''),
    plainFile('40-d', 'no entry'),
    unreadable('50-e', 'gone'),
  ];
  expect(registryFacts(entries, registry)).toEqual({
    factories: {
      notify: { modes: ['InTransactionWriter', 'PostCommitReader'] },
      collect: { modes: ['InTransactionWriter'] },
      nobody: null,
    },
    config_errors: {},
  });
});

test('what is wrong with a configuration is kept under its path, keys counted from the top of the file', () => {
  const entries = [
    dynamicNode('10-a', 'notify', 'url: 42'),
    plainFile('20-b', 'factory: notify\nconfig: { url: 42 }'),
  ];
  expect(registryFacts(entries, registry).config_errors).toEqual({
    '/etc/system.d/10-a': [{ key: 'url', message: 'expected string, got 42' }],
    '/etc/system.d/20-b': [{ key: 'config.url', message: 'expected string, got 42' }],
  });
});

test('a disabled entry and one of an unknown factory are not checked', () => {
  const entries = [
    plainFile('10-a', 'factory: notify\nenabled: false\nconfig: { url: 42 }'),
    plainFile('20-b', 'factory: nobody\nconfig: { url: 42 }'),
  ];
  const never = { ...registry, check: () => [{ key: 'asked', message: 'although nobody may' }] };
  expect(registryFacts(entries, never).config_errors).toEqual({});
});

test('only the modes of what the registry knows become part of a plan', () => {
  const talkative = { ...registry, facts: () => ({ modes: [], description: 'words that may change' }) };
  expect(registryFacts([dynamicNode('10-a', 'view', '')], talkative).factories).toEqual({
    view: { modes: [] },
  });
});

test('of replaced entries what the registry says now counts, of all others what it said then', () => {
  const wrong = (message: string) => [{ key: 'url', message }];
  const recorded: RegistryFacts = {
    factories: { notify: { modes: ['PostCommitReader'] }, gone: { modes: ['PostCommitReader'] } },
    config_errors: { '/kept': wrong('then'), '/replaced': wrong('then') },
  };
  const now: RegistryFacts = {
    factories: { notify: { modes: [] }, gone: null, fresh: { modes: [] } },
    config_errors: { '/kept': wrong('now'), '/replaced': wrong('now'), '/other': wrong('now') },
  };
  expect(factsWithReplaced(recorded, now, new Set(['/replaced']))).toEqual({
    factories: { ...recorded.factories, fresh: { modes: [] } },
    config_errors: { '/kept': wrong('then'), '/replaced': wrong('now') },
  });
});

test('a factory may be called like a property of every object', () => {
  const named = (factory: string) => plainFile(factory, `factory: ${factory}`);
  const { factories } = registryFacts([named('__proto__'), named('constructor')], registry);
  expect(Object.entries(factories)).toEqual([
    ['__proto__', null],
    ['constructor', null],
  ]);
});
