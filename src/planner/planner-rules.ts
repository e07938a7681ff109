/**
 * The planner's rules, by version. A plan says by which it was made (`planner_version`, which its checksum covers), and
 * so does its commit; rules that ever made a plan stay, so that every old plan can be computed again. Whenever the same
 * input would give another plan, there is a new version.
 */
export type PlannerRules = 1;

const RULES: readonly PlannerRules[] = [1];

/** The rules by which new commits are planned. */
export const NEWEST_RULES: PlannerRules = 1;

/** The rules of that version; null where this program does not know them. */
export const rulesOfVersion = (version: number): PlannerRules | null =>
  RULES.find((rules) => rules === version) ?? null;
