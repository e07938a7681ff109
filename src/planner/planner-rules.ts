import type { EnvelopeKeys } from '../domain/plans/envelope.js';

/**
 * The planner's rules, by version. A plan says by which it was made (`planner_version`, which its checksum covers), and
 * so does its commit; rules that ever made a plan stay, so that every old plan can be computed again. Whenever the same
 * input would give another plan, there is a new version.
 *
 * Rules 1 are those of version 0.1.0. By rules 2 an entry may say `derived`, `run_when`, `if_superseded`, `queue` and `host`,
 * which are unknown keys by rules 1; whoever waits for everything runs in a last stage; and a factory may say what `run_when` is
 * where an entry does not. Commits that were made inside tasks, which suppressed everything by rules 1, set off what
 * their chain leaves. What an editor leaves in `/etc/system.d`, and what is hidden there, is not an entry.
 * What an entry waits for of `/etc/schedule.d` does not count for commits, and one that waits for nothing else is not run for them.
 * A commit that changes what a derived file is made of changes that file, for the conditions of entries.
 */
export type PlannerRules = 1 | 2;

export const EVERY_RULES: readonly PlannerRules[] = [1, 2];

/** The rules by which new commits are planned. */
export const NEWEST_RULES: PlannerRules = 2;

/** The rules of that version; null where this program does not know them. */
export const rulesOfVersion = (version: number): PlannerRules | null =>
  EVERY_RULES.find((rules) => rules === version) ?? null;

/** The keys that an entry may have by these rules. */
export const envelopeKeysBy = (rules: PlannerRules): EnvelopeKeys => (rules === 1 ? 'first' : 'all');
