import type { CommitNotRecorded } from '../documents/timeline-of-commit.js';
import type { HostPlanFileError } from '../host-plans/plan/host-plan-file.js';
import type { HostOperationError } from '../host-plans/steps/host-error.js';
import type { SharedDirectory } from '../host-plans/steps/shared-directory.js';
import type { QueryFailed } from '../ports/query-engine.js';
import type { NotRows } from '../series/convert-rows.js';
import type { ServeHttpError } from '../serve/http/serve-http.js';
import type { PondError } from '../steward/errors.js';

/** The command line cannot be understood, or asks for what does not go together. */
export interface UsageError {
  readonly _tag: 'Usage';
  readonly message: string;
  /** Command to type instead. */
  readonly remedy: string | null;
}

/** Everything that can end a command. */
export type CliError =
  | PondError
  | QueryFailed
  | ServeHttpError
  | UsageError
  | CommitNotRecorded
  /** A pattern of `copy` that no file of the pond matches. */
  | { readonly _tag: 'NoMatch'; readonly pattern: string }
  /** A symlink below a target directory of `copy` would lead out of it. */
  | { readonly _tag: 'LinkInTarget'; readonly path: string }
  /** A directory of `copy` in which another user could exchange what is there. */
  | SharedDirectory
  /** A source or target of `copy` that is a pipe, a socket or a device. */
  | { readonly _tag: 'NotARegularFile'; readonly path: string }
  /** A plan file that is none, or whose operations make no plan. */
  | {
      readonly _tag: 'InvalidHostPlan';
      readonly path: string;
      readonly errors: readonly HostPlanFileError[];
    }
  /** The checkpoints of host plans cannot be used. */
  | { readonly _tag: 'CheckpointsUnusable'; readonly cause: HostOperationError }
  /** No host plan has this id that has not ended and nobody is at. */
  | { readonly _tag: 'HostPlanNotFound'; readonly id: string }
  /** Refusal after what a pond would run was shown, and not approved. */
  | { readonly _tag: 'NotApproved'; readonly directory: string }
  /** Nothing is approved by that digest, or for that directory, so nothing was taken back. */
  | { readonly _tag: 'ApprovalNotFound'; readonly which: string }
  /** A file whose rows cannot be taken. */
  | NotRows
  /** A file of the host's was written to while it was read, so that what was read may be neither the one nor the other. */
  | { readonly _tag: 'HostFileChanged'; readonly path: string }
  /** A directory of the host's was given to `copy` without `--recursive`. */
  | { readonly _tag: 'HostDirectory'; readonly path: string };

export const usage = (message: string, remedy: string | null = null): UsageError => ({
  _tag: 'Usage',
  message,
  remedy,
});
