import type { PondPath } from '../../domain/paths/pond-path.js';
import type { TaskRules } from '../../domain/plans/plan.js';
import type { RetryPolicy } from '../../domain/plans/retry-policy.js';
import type { TaskPlace } from '../../domain/plans/task-place.js';
import type { Schedule } from './schedule.js';

/** An entry that is to run, as far as it concerns its order. */
export interface Candidate {
  readonly path: PondPath;
  readonly name: string;
  readonly factory: string;
  readonly timeoutMs: number | null;
  /** Null: one attempt. */
  readonly retry: RetryPolicy | null;
  /** Names of entries, as they are written. */
  readonly dependsOn: readonly string[];
  readonly rules: TaskRules;
  readonly place: TaskPlace;
}

/** An entry that does not run, for those that depend on it. */
export interface Bystander {
  readonly path: PondPath;
  readonly name: string;
  /** `satisfied`: skipped, so that nobody waits for it; `rejected`: its dependents cannot run; `none`: no entry at all. */
  readonly fate: 'satisfied' | 'rejected' | 'none';
}

/** Entries that are to be arranged. */
export interface Arrangement {
  /** Candidates in the order of their names (bytes of UTF-8). */
  readonly candidates: readonly Candidate[];
  readonly bystanders: readonly Bystander[];
  readonly schedule: Pick<Schedule, 'kind' | 'groups'>;
}
