import type { PondPath } from '../../domain/paths/pond-path.js';
import type { EntryError } from '../../domain/plans/plan.js';
import type { Candidate } from '../entries/candidate.js';

/** Candidates that cannot run, with what is wrong with them; arranging adds to them. */
export interface Rejections {
  readonly reject: (candidate: number, error: EntryError) => void;
  readonly has: (candidate: number) => boolean;
  readonly any: () => boolean;
  readonly byPath: () => ReadonlyMap<PondPath, readonly EntryError[]>;
}

/** Rejections of these candidates, none of which there is yet. */
export const rejectionsOf = (candidates: readonly Candidate[]): Rejections => {
  const errors = new Map<number, EntryError[]>();
  return {
    reject: (candidate, error) => {
      const known = errors.get(candidate);
      if (known === undefined) errors.set(candidate, [error]);
      else known.push(error);
    },
    has: (candidate) => errors.has(candidate),
    any: () => errors.size > 0,
    byPath: () =>
      new Map(
        [...errors].flatMap(([candidate, own]) => {
          const path = candidates[candidate]?.path;
          return path === undefined ? [] : [[path, own] as const];
        }),
      ),
  };
};
