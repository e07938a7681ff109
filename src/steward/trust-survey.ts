import type { Either } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { WouldRun } from '../domain/not-trusted.js';
import type { NoUserState } from '../ports/user-state.js';
import type { PondError } from './errors.js';

/** Something of a pond that has a digest of its own to be approved. */
export type Approvable = {
  readonly digest: string;
  readonly wouldRun: readonly WouldRun[];
} & (
  | { readonly of: 'configuration' /** A transaction that has it. */; readonly place: number }
  | { readonly of: 'node' /** Its path. */; readonly place: string }
  | { readonly of: 'remote' /** The address that a replica comes from. */; readonly place: string }
  | { readonly of: 'files' /** Their paths. */; readonly place: readonly string[] }
);

/** Survey of what a pond would run, and whether this user has approved it. */
export interface TrustSurvey {
  /** The pond's. */
  readonly directory: string;
  readonly approvables: readonly (Approvable & { readonly isApproved: boolean })[];
  /** Reason why the files beside `data` and `control` cannot be approved; null where they can. */
  readonly filesProblem: string | null;
  /** Reason why no approval can be kept; null where it can. */
  readonly stateProblem: string | null;
  /** Others may write in the pond's directory: only a look approves what is in it, never this user's commits. */
  readonly isOfOthers: boolean;
}

/** An approval that this user has given. */
export interface GivenApproval {
  readonly digest: string;
  readonly of: 'configuration' | 'files' | 'node' | 'remote' | 'control';
  /** Microseconds since the epoch. */
  readonly approvedAt: number;
  /** The command that gave it. */
  readonly by: string;
  /** Directory of the pond at that time. */
  readonly directory: string;
}

/** Approvals of this user on this machine. */
export interface Trust {
  /** Surveys what a pond would run; runs and loads nothing. `at`: whose configuration is looked at instead of the newest. */
  readonly survey: (directory: string, at?: number) => TaskEither<PondError, TrustSurvey>;
  /** Approves exactly what a survey has shown, durably; returns how much of it was not approved before. */
  readonly approve: (survey: TrustSurvey, by: string) => Either<NoUserState, number>;
  /** Newest first. */
  readonly list: () => Either<NoUserState, readonly GivenApproval[]>;
  /** Takes back what was approved for a directory, or one digest, which may be given by its first 12 digits or more. */
  readonly revoke: (which: string) => Either<NoUserState, readonly GivenApproval[]>;
}
