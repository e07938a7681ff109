import * as fc from 'fast-check';
import type { Change } from '../../src/domain/tree/change.js';
import type { DiscoveredEntry } from '../../src/planner/entries/discovered-entry.js';
import { registryFacts } from '../../src/planner/entries/registry-facts.js';
import { readSchedule } from '../../src/planner/entries/schedule.js';
import type { PlanInput } from '../../src/planner/plan-input.js';
import {
  DATA_CHANGE,
  dynamicNode,
  path,
  plainFile,
  registry,
  unreadable,
  withoutConfiguration,
} from './entries.js';

const configurations = [
  '',
  'url: here',
  'url: 42',
  'uri: here',
  'a: [',
  'factory: notify',
  'factory: nobody',
  'factory: __proto__',
  'factory: notify\nenabled: false',
  'factory: collect\ntimeout: 3s',
  'factory: notify\ntimeout: 10m\nconfig: { times: 2 }',
  'factory: notify\nconfig: { times: two }',
  'factory: notify\ndepends_on: ["0"]',
  'factory: notify\ndepends_on: ["1", "10"]',
  'factory: notify\ndepends_on: [a, "0"]',
  'factory: notify\ndepends_on: [b]\nretry: { max_attempts: 3 }',
  'factory: notify\ndepends_on: [nothing]',
  'factory: notify\ncondition: { path_pattern: /data/** }\ndepends_on: a',
  'factory: notify\ncondition: { path_pattern: /other/**, on: [deleted] }',
  'factory: notify\ncondition: { path_pattern: /etc/** }',
  'factory: notify\ncondition: { path_pattern: "", exclude: 7 }',
  'factory: notify\nderived: true\nif_superseded: skip',
  'factory: notify\nrun_when: change',
  'factory: notify\nrun_when: failure\nif_superseded: run',
  'factory: notify\nrun_when: always\ndepends_on: ["0", b]',
  'factory: tell\ndepends_on: [a]',
  'factory: notify\nrun_when: sometimes',
  'factory: notify\nqueue: gpu\nhost: db1',
  'factory: notify\nqueue: any',
  'factory: notify\nhost: "no host"',
];

/** Some beyond U+FFFF, where UTF-16 and UTF-8 disagree about the order. */
const entryName = fc.oneof(
  fc.stringMatching(/^[0-9a-c][-.0-9A-c]{0,3}$/),
  fc.constantFrom('0', '1', 'a', 'b', 'a.yaml'),
  fc.constantFrom('0', '1', 'a', 'b', 'c'),
  fc.constantFrom('é', '\uff5e', '\u{1f600}', '\u{1f600}.yaml', '10.yaml', '10.yml'),
);

const entryNamed = (name: string): fc.Arbitrary<DiscoveredEntry> =>
  fc.oneof(
    fc
      .tuple(fc.constantFrom('notify', 'collect', 'view', 'nobody'), fc.constantFrom(...configurations))
      .map(([factory, yaml]) => dynamicNode(name, factory, yaml)),
    fc.constantFrom(...configurations).map((yaml) => plainFile(name, yaml)),
    fc.constant(withoutConfiguration(name, 'directory')),
    fc.constant(unreadable(name, 'gone')),
  );

const someEntries = fc
  .uniqueArray(entryName, { maxLength: 12 })
  .chain((names) => fc.tuple(...names.map(entryNamed)));

const someChanges: fc.Arbitrary<readonly Change[]> = fc.constantFrom<readonly Change[]>(
  [DATA_CHANGE],
  [
    DATA_CHANGE,
    { kind: 'deleted', path: path('/other/old'), entryType: 'file' },
    { kind: 'renamed', path: path('/etc/motd'), from: path('/data/motd'), entryType: 'file' },
  ],
  [{ kind: 'modified', path: path('/etc/pond.yaml'), entryType: 'file' }],
);

/** The input of a plan: any mixture of good, broken and irrelevant entries. */
export const planInput: fc.Arbitrary<PlanInput> = fc
  .record({
    changes: someChanges,
    suppressed: fc.constantFrom(null, null, null, 'no-post-commit', 'inside-task'),
    entries: someEntries,
    schedule: fc
      .constantFrom(
        '',
        '',
        'defaults: { timeout: 1s }',
        'shedule: x',
        'schedule: graph',
        'parallel_groups: [[a, "0"], [b, 10.yaml], [nothing]]',
        'parallel_groups: [[b], ["1", c], ["0"]]\nmax_concurrency: 2',
        'parallel_groups: [[a, b, c], ["0", "1"]]',
      )
      .map((yaml) => readSchedule(Buffer.from(yaml))),
    factoryModes: fc.dictionary(fc.constantFrom('notify', 'collect'), fc.constantFrom('push', 'pull')),
  })
  .map((input) => ({ ...input, registry: registryFacts(input.entries, registry) }));
