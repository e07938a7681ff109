import { compareUtf8 } from '../domain/bytes-order.js';
import type { EntryError, PlanWarning } from '../domain/plan.js';
import type { Arrangement } from './candidate.js';
import type { entryNames } from './entry-names.js';

type Find = ReturnType<typeof entryNames>;
type Reject = (candidate: number, error: EntryError) => void;

/** For each candidate the entries that it depends on, each once, ascending: candidates first, then bystanders. */
export type Wishes = readonly (readonly number[])[];

/** What each candidate depends on. A name that means nothing, or several entries, rejects the candidate. */
export const findDependencies = (
  { candidates, bystanders }: Arrangement,
  names: readonly string[],
  find: Find,
  reject: Reject,
): Wishes =>
  candidates.map(({ dependsOn }, candidate) => {
    if (dependsOn.length === 0) return NONE;
    const found: number[] = [];
    for (const name of dependsOn) {
      const meaning = find(name);
      if (typeof meaning === 'number') {
        if (meaning < candidates.length || bystanders[meaning - candidates.length]?.fate !== 'none')
          found.push(meaning);
        else reject(candidate, { _tag: 'UnknownDependency', name });
      } else if (meaning._tag === 'Several') {
        const meant = meaning.entries.map((entry) => names[entry] ?? '');
        reject(candidate, { _tag: 'AmbiguousDependency', candidates: meant, name });
      } else reject(candidate, { _tag: 'UnknownDependency', name });
    }
    return found.length < 2
      ? found
      : found.sort((a, b) => a - b).filter((entry, index) => entry !== found[index - 1]);
  });

export const NONE: readonly number[] = [];

/** The groups of the schedule, resolved. */
export interface Groups {
  /** The group of each candidate; -1: none. */
  readonly groupOf: Int32Array;
  /** For each group the smallest name in it that is an entry's. */
  readonly groupNames: readonly (string | null)[];
  readonly warnings: readonly PlanWarning[];
}

/** Who is in which group. Unknown names are worth a warning; an entry in two groups is rejected. */
export const findGroups = (
  { candidates, schedule }: Arrangement,
  names: readonly string[],
  find: Find,
  reject: Reject,
): Groups => {
  const groupOf = new Int32Array(candidates.length).fill(-1);
  const memberships = new Map<number, Set<number>>();
  const warnings: PlanWarning[] = [];
  const groupNames = schedule.groups.map((members, group) => {
    const found = members.flatMap((name): readonly string[] => {
      const meaning = find(name);
      if (typeof meaning === 'number') {
        if (meaning < candidates.length) {
          groupOf[meaning] = group;
          memberships.set(meaning, (memberships.get(meaning) ?? new Set()).add(group));
        }
        return [names[meaning] ?? ''];
      }
      if (meaning._tag === 'Nothing') {
        warnings.push({ _tag: 'UnknownGroupMember', group, name });
      } else {
        const meant = meaning.entries.map((entry) => names[entry] ?? '');
        warnings.push({ _tag: 'AmbiguousGroupMember', candidates: meant, group, name });
      }
      return [];
    });
    return smallestName(found);
  });
  for (const [candidate, groups] of memberships) {
    if (groups.size > 1) reject(candidate, { _tag: 'InSeveralGroups', groups: [...groups] });
  }
  return { groupOf, groupNames, warnings };
};

const smallestName = (names: readonly string[]): string | null =>
  names.reduce<string | null>(
    (smallest, name) => (smallest === null || compareUtf8(name, smallest) < 0 ? name : smallest),
    null,
  );
