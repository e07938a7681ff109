import type { ControlCounts } from '../../control/check/check-control.js';
import type { TableCounts } from '../../tlogfs/check/check-table.js';
import type { Finding } from './finding.js';

/** Extent of a check. */
export interface FsckOptions {
  /** Tells whether only the structure is checked, without hashing contents. Default: false. */
  readonly quick?: boolean;
  /** Tells whether every commit's plan is computed again, too, and compared with the recorded one. Default: false. */
  readonly plans?: boolean;
  /** Takes the number of bytes that were read, for showing progress. */
  readonly onProgress?: (bytes: number) => void;
}

/** Findings about a pond. */
export interface FsckReport {
  /** Tells whether nothing but notes was found. */
  readonly ok: boolean;
  /** One SHA-256 for all that is in the pond now: two ponds with the same entries and contents have the same. Null where some of it is damaged. */
  readonly contentRoot: string | null;
  /** All that was found; `severityOf` says how bad each is. */
  readonly findings: readonly Finding[];
  /** Amount that was looked at. */
  readonly checked: Partial<TableCounts & ControlCounts> & {
    /** Bytes that were read. */
    readonly bytes: number;
    /** Journals of host plans. */
    readonly host_plans: number;
    /** Files that may be a writer's that is at work now. */
    readonly unjudged_files: number;
  };
  /** Null where that was not asked for, or could not be done. */
  readonly plans: PlanCheck | null;
}

/** Comparison of every commit's plan, computed again, with the one that was made at the commit. */
export interface PlanCheck {
  /** Number of commits that were looked at. */
  readonly commits: number;
  /** Those whose plan is another one, with both checksums. */
  readonly differing: readonly {
    readonly txnSeq: number;
    readonly recorded: string;
    readonly computed: string;
    /** `now`: the control table does not know any more what the registry said, which may be the reason. */
    readonly registryAsked: 'now' | 'at-commit';
  }[];
}
