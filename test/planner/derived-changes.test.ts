import { right } from 'fp-ts/lib/Either.js';
import { describe, expect, it } from 'vitest';
import type { PondPath } from '../../src/domain/paths/pond-path.js';
import type { Change } from '../../src/domain/tree/change.js';
import { type DerivedFile, derivedChanges } from '../../src/planner/derived-changes.js';
import { registryFacts } from '../../src/planner/entries/registry-facts.js';
import { DEFAULT_SCHEDULE } from '../../src/planner/entries/schedule.js';
import { planCommit } from '../../src/planner/plan-commit.js';
import { plainFile, registry } from './entries.js';

const at = (path: string) => path as PondPath;
const changed = (path: string): Change => ({ kind: 'modified', path: at(path), entryType: 'series' });
const made = (path: string, ...reads: readonly string[]): DerivedFile => ({
  path: at(path),
  node: at(path),
  reads,
});

const pathsOf = (files: readonly DerivedFile[], path: string) =>
  derivedChanges(files, [changed(path)])
    .map((change) => change.path)
    .sort();

describe('changes of derived files', () => {
  it('follow from what a file is made of, over others, by paths and patterns, also in a circle', () => {
    const files = [
      made('/d/hours', '/sensors/*'),
      made('/d/days', '/d/hours'),
      made('/d/other', '/elsewhere'),
      made('/d/a', '/d/b', '/sensors/north'),
      made('/d/b', '/d/a'),
    ];
    expect(pathsOf(files, '/sensors/north')).toEqual(['/d/a', '/d/b', '/d/days', '/d/hours']);
    expect(pathsOf(files, '/sensors/south')).toEqual(['/d/days', '/d/hours']);
    expect(pathsOf(files, '/d/nothing')).toEqual([]);
  });

  it('follow from a change of the node that makes them', () => {
    const file = { path: at('/d/north/1h.parquet'), node: at('/d/north'), reads: ['/sensors/north'] };
    expect(pathsOf([file], '/d/north')).toEqual(['/d/north/1h.parquet']);
  });

  it('set off entries by rules 2, and never by rules 1', () => {
    const entries = [
      plainFile('10-x', 'factory: notify\ncondition: { path_pattern: /d/** }\nconfig: { url: a }'),
    ];
    const input = {
      changes: [changed('/sensors/north')],
      derived: [made('/d/hours', '/sensors/north')],
      suppressed: null,
      entries,
      schedule: right(DEFAULT_SCHEDULE),
      factoryModes: {},
      registry: registryFacts(entries, registry),
    };
    expect(planCommit(input, 2).skipped).toEqual([]);
    expect(planCommit(input, 1)).toEqual(planCommit({ ...input, derived: [] }, 1));
    expect(planCommit({ ...input, derived: [] }, 2).skipped).toHaveLength(1);
  });
});
