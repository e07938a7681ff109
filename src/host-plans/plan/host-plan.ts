import type { HostOperation } from '../operations/host-operation.js';
import type { HostPathProblem } from '../operations/host-path.js';

/** An operation with its place in the plan. */
export type PlannedHostOperation = {
  readonly operation: HostOperation;
  /** Ids of the operations that must have been executed before, sorted. */
  readonly depends_on: readonly string[];
};

/** Host operations in the order in which they can be executed. Pure data: may be printed, hashed, compared. */
export interface HostPlan {
  /** The rules by which it was planned. */
  readonly planner_version: number;
  /** Operations in a topological order, the same for every permutation of the input. */
  readonly operations: readonly PlannedHostOperation[];
  /** Ids; operations of one batch do not depend on each other. */
  readonly batches: readonly (readonly string[])[];
  /** SHA-256 of the plan's canonical JSON. */
  readonly checksum: string;
}

/** Reason why operations make no plan. */
export type HostPlanError =
  | { readonly _tag: 'EmptyPlan' }
  | { readonly _tag: 'DuplicateId'; readonly operation: string }
  | {
      readonly _tag: 'InvalidHostPath';
      readonly operation: string;
      readonly key: string;
      readonly path: string;
      readonly problem: HostPathProblem;
    }
  /** Two operations would make, or remove, what is at one path. */
  | {
      readonly _tag: 'PathClaimedTwice';
      readonly path: string;
      readonly claim: 'create' | 'remove';
      readonly operations: readonly [string, string];
    }
  /** Both ends of a copy, a move or a link are one path, or one lies in the other. */
  | {
      readonly _tag: 'IntoItself';
      readonly operation: string;
      readonly key: string;
      readonly from: string;
      readonly to: string;
    }
  /** Operations that wait for each other, the first one repeated at the end. */
  | { readonly _tag: 'CyclicOperations'; readonly cycle: readonly string[] };
