import { right } from 'fp-ts/lib/Either.js';
import { isMet, splitChange } from '../domain/plans/condition.js';
import type { Plan, RegistryFacts } from '../domain/plans/plan.js';
import type { Change } from '../domain/tree/change.js';
import type { DiscoveredEntry } from './entries/discovered-entry.js';
import { readEntry } from './entries/read-entry.js';
import { DEFAULT_SCHEDULE } from './entries/schedule.js';
import { planCommit } from './plan-commit.js';
import { NEWEST_RULES } from './planner-rules.js';

/** Milliseconds that a gate may take where it does not say: meanwhile nobody else can write. */
export const GATE_TIMEOUT = 30_000;

/**
 * Tells whether any of these entries might have something to say about changes. Where none has, their plan is empty, which is
 * known without asking what their factories are.
 */
export const mayConcern = (entries: readonly DiscoveredEntry[], changes: readonly Change[]): boolean => {
  const split = changes.map(splitChange);
  return entries.some((entry) => {
    const reading = readEntry(entry);
    if (reading._tag !== 'Configured') return reading._tag === 'Invalid';
    const condition = reading.envelope?.condition ?? null;
    return reading.envelope?.enabled !== false && (condition === null || isMet(condition, split));
  });
};

/** Facts that a plan of gates depends on. */
export interface GatesInput {
  /** Changes that the body has made. */
  readonly changes: readonly Change[];
  /** Entries of `/etc/gate.d`, in any order. */
  readonly entries: readonly DiscoveredEntry[];
  readonly registry: RegistryFacts;
}

/**
 * Plans the gates of a transaction by the rules by which tasks are planned: one after another, in the order of their
 * dependencies and then of their names. Settings that keep a factory from running after commits do not open a gate.
 */
export const planGates = ({ changes, entries, registry }: GatesInput): Plan =>
  planCommit(
    {
      moment: 'before',
      changes,
      entries,
      registry,
      suppressed: null,
      schedule: right({ ...DEFAULT_SCHEDULE, timeoutMs: GATE_TIMEOUT }),
      factoryModes: {},
    },
    NEWEST_RULES,
  );
