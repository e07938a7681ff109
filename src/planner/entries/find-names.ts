import type { EntryError, PlanWarning } from '../../domain/plans/plan.js';
import { compareUtf8 } from '../../domain/text/bytes-order.js';
import type { Arrangement } from './candidate.js';
import type { entryNames } from './entry-names.js';

type Find = ReturnType<typeof entryNames>;
type Reject = (candidate: number, error: EntryError) => void;

/**
 * The entries that each candidate depends on, each once, ascending: candidates first, then bystanders. Those of `n` are
 * `entries` from `starts[n]` up to, without, `starts[n + 1]`.
 */
export interface Dependencies {
  readonly starts: Int32Array;
  readonly entries: Int32Array;
}

export const dependenciesOf = ({ starts, entries }: Dependencies, candidate: number): Int32Array =>
  entries.subarray(starts[candidate], starts[candidate + 1]);

/** Dependencies of each candidate. A name that means nothing, or several entries, rejects the candidate. */
export const findDependencies = (
  { candidates, bystanders }: Arrangement,
  names: readonly string[],
  find: Find,
  reject: Reject,
): Dependencies => {
  const starts = new Int32Array(candidates.length + 1);
  let entries = new Int32Array(4 * candidates.length);
  let count = 0;
  for (let candidate = 0; candidate < candidates.length; candidate += 1) {
    const start = count;
    const dependsOn = candidates[candidate]?.dependsOn ?? NO_NAMES;
    if (entries.length < count + dependsOn.length) entries = withRoom(entries, count + dependsOn.length);
    for (const name of dependsOn) {
      const meaning = find(name);
      if (typeof meaning === 'number') {
        if (meaning < candidates.length || bystanders[meaning - candidates.length]?.fate !== 'none') {
          entries[count] = meaning;
          count += 1;
        } else reject(candidate, { _tag: 'UnknownDependency', name });
      } else if (meaning._tag === 'Several') {
        const meant = meaning.entries.map((entry) => names[entry] ?? '');
        reject(candidate, { _tag: 'AmbiguousDependency', candidates: meant, name });
      } else reject(candidate, { _tag: 'UnknownDependency', name });
    }
    count = sortDistinct(entries, start, count);
    starts[candidate + 1] = count;
  }
  return { starts, entries: entries.subarray(0, count) };
};

const NO_NAMES: readonly string[] = [];

const withRoom = (array: Int32Array<ArrayBuffer>, length: number): Int32Array<ArrayBuffer> => {
  const larger = new Int32Array(2 * length);
  larger.set(array);
  return larger;
};

/** Sorts a part of an array, puts what is there several times there once, and returns where the part ends then. */
const sortDistinct = (array: Int32Array, start: number, end: number): number => {
  sortPart(array, start, end);
  let kept = start;
  for (let place = start; place < end; place += 1) {
    const entry = array[place] ?? 0;
    if (kept > start && array[kept - 1] === entry) continue;
    array[kept] = entry;
    kept += 1;
  }
  return kept;
};

const sortPart = (array: Int32Array, start: number, end: number): void => {
  if (end - start > SHORT) {
    array.subarray(start, end).sort();
    return;
  }
  // By insertion: most entries depend on a few others, which takes less time than to call for a sort.
  for (let place = start + 1; place < end; place += 1) {
    const entry = array[place] ?? 0;
    let at = place;
    for (; at > start && (array[at - 1] ?? 0) > entry; at -= 1) array[at] = array[at - 1] ?? 0;
    array[at] = entry;
  }
};

const SHORT = 16;

/** The groups of the schedule, resolved. */
export interface Groups {
  /** The group of each candidate; -1: none. */
  readonly groupOf: Int32Array;
  /** The smallest name in each group that is an entry's. */
  readonly groupNames: readonly (string | null)[];
  readonly warnings: readonly PlanWarning[];
}

/** Finds who is in which group. Unknown names are worth a warning; an entry in two groups is rejected. */
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
