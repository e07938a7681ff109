import { describe, expect, it } from 'vitest';
import type { PondPath } from '../../src/domain/paths/pond-path.js';
import type { Change } from '../../src/domain/tree/change.js';
import type { DiscoveredEntry } from '../../src/planner/entries/discovered-entry.js';
import { mayConcern, planGates } from '../../src/planner/plan-gates.js';

const entry = (name: string, yaml: string | null): DiscoveredEntry => ({
  path: `/etc/gate.d/${name}` as PondPath,
  entryType: 'file',
  nodeId: name,
  nodeFactory: null,
  content:
    yaml === null
      ? { _tag: 'Unreadable', problem: 'a link that leads nowhere' }
      : { _tag: 'Bytes', bytes: Buffer.from(yaml) },
});

const change = (path: string): Change => ({ kind: 'created', path: path as PondPath, entryType: 'file' });

const registry = {
  factories: {
    writer: { modes: ['InTransactionWriter'] },
    reader: { modes: ['PostCommitReader'] },
    both: { modes: ['InTransactionWriter', 'PostCommitReader'] },
  },
  config_errors: {},
} as const;

const ENTRIES: readonly DiscoveredEntry[] = [
  entry('10-all', 'factory: writer\n'),
  entry('20-in', 'factory: both\ncondition: { path_pattern: /in/** }\n'),
  entry('30-off', 'factory: writer\nenabled: false\n'),
  entry('40-reader', 'factory: reader\ncondition: { path_pattern: /out/** }\n'),
  entry('50-unknown', 'factory: nobody\ncondition: { path_pattern: /out/** }\n'),
  entry('60-wrong', 'factory: writer\ncondition: { path_patern: /out/** }\n'),
  entry('70-unreadable', null),
  entry('README', 'what these are for\n'),
  entry('80-retried', 'factory: writer\nretry: { max_attempts: 2 }\ncondition: { path_pattern: /out/** }\n'),
];

const COMMITS: readonly (readonly Change[])[] = [
  [change('/in/a')],
  [change('/out/a')],
  [change('/elsewhere')],
  [change('/etc/gate.d/10-all')],
  [change('/etc/pond.yaml'), change('/in/b')],
];

describe('a plan of gates', () => {
  it('runs what runs inside transactions, and rejects what would stand open: whatever else is there', () => {
    const plan = planGates({ changes: [change('/in/a'), change('/out/a')], entries: ENTRIES, registry });
    expect(plan.tasks.map(({ name, timeout_ms }) => [name, timeout_ms])).toEqual([
      ['10-all', 30_000],
      ['20-in', 30_000],
    ]);
    expect(plan.rejected.map(({ path, errors }) => [path.slice(12), errors[0]?._tag])).toEqual([
      ['40-reader', 'NotAGate'],
      ['50-unknown', 'UnknownFactory'],
      ['60-wrong', 'InvalidKeys'],
      ['70-unreadable', 'Unreadable'],
      ['80-retried', 'InvalidKeys'],
    ]);
    expect(plan.skipped.map(({ path }) => path.slice(12))).toEqual(['30-off', 'README']);
  });

  it('is empty for whatever changes /etc alone', () => {
    const plan = planGates({ changes: [change('/etc/gate.d/10-all')], entries: ENTRIES, registry });
    expect([plan.tasks, plan.rejected]).toEqual([[], []]);
  });

  it('does not depend on the order in which entries were found', () => {
    const changes = [change('/in/a')];
    const turned = [...ENTRIES].reverse();
    expect(planGates({ changes, entries: turned, registry })).toEqual(
      planGates({ changes, entries: ENTRIES, registry }),
    );
  });

  it('is empty wherever no entry may concern the changes, for each entry and each commit', () => {
    let unconcerned = 0;
    for (const one of ENTRIES) {
      for (const changes of COMMITS) {
        if (mayConcern([one], changes)) continue;
        unconcerned += 1;
        const { tasks, rejected } = planGates({ changes, entries: [one], registry });
        expect([one.path, tasks, rejected]).toEqual([one.path, [], []]);
      }
    }
    expect(unconcerned).toBeGreaterThan(10);
  });
});
