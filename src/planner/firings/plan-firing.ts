import type { Either } from 'fp-ts/lib/Either.js';
import type { FactoryMode } from '../../domain/plans/execution-mode.js';
import type { EntryError, Plan, PlanBody, RegistryFacts } from '../../domain/plans/plan.js';
import type { DiscoveredEntry } from '../entries/discovered-entry.js';
import type { Schedule } from '../entries/schedule.js';
import { planCommit } from '../plan-commit.js';

/** Facts that the plan of a firing depends on. */
export interface FiringInput {
  /** The entry of `/etc/schedule.d` that is due. */
  readonly scheduled: DiscoveredEntry;
  /** The entries of `/etc/system.d`, in any order. */
  readonly entries: readonly DiscoveredEntry[];
  readonly schedule: Either<EntryError, Schedule>;
  readonly factoryModes: Readonly<Record<string, FactoryMode>>;
  readonly registry: RegistryFacts;
}

/**
 * Plans a firing: the entry that is due, and after it the entries of `/etc/system.d` that name it by its path or wait for all
 * and are not there for success, without a look at their conditions. Planned by the rules by which commits are.
 */
export const planFiring = ({ scheduled, entries, ...input }: FiringInput): Plan =>
  planCommit({ ...input, moment: 'firing', entries: [scheduled, ...entries], changes: [], suppressed: null });

/** A plan whose tasks have the numbers of a firing: the entry that is due at place 0, the others at 1, 2, 3 ... */
export interface FiringPlan extends Pick<PlanBody, 'tasks' | 'edges' | 'rejected' | 'max_concurrency'> {
  readonly checksum: string;
}

/** Place of each task and rejected entry of a plan within its firing, by `execution_seq`. */
export const placesIn = (
  { tasks, rejected }: Pick<PlanBody, 'tasks' | 'rejected'>,
  scheduled: string,
): ReadonlyMap<number, number> => {
  const own = [
    ...tasks.map(({ execution_seq, config_path }) => ({ seq: execution_seq, path: config_path })),
    ...rejected.map(({ execution_seq, path }) => ({ seq: execution_seq, path })),
  ];
  let place = 0;
  return new Map(
    own.map(({ seq, path }) => {
      if (path === scheduled) return [seq, 0] as const;
      place += 1;
      return [seq, place] as const;
    }),
  );
};

/** Gives the tasks of a plan other numbers; what has none is left out. */
export const renumbered = (plan: Plan, numberOf: (executionSeq: number) => number | null): FiringPlan => ({
  checksum: plan.checksum,
  max_concurrency: plan.max_concurrency,
  tasks: plan.tasks.flatMap((task) => {
    const execution_seq = numberOf(task.execution_seq);
    return execution_seq === null ? [] : [{ ...task, execution_seq }];
  }),
  edges: plan.edges.flatMap(({ from, to, reason }) => {
    const [newFrom, newTo] = [numberOf(from), numberOf(to)];
    return newFrom === null || newTo === null ? [] : [{ from: newFrom, to: newTo, reason }];
  }),
  rejected: plan.rejected.flatMap((entry) => {
    const execution_seq = numberOf(entry.execution_seq);
    return execution_seq === null ? [] : [{ ...entry, execution_seq }];
  }),
});
