import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { ProcessGroup } from '../ports/processes.js';
import type { ControlError } from './control-error.js';
import type {
  Claim,
  ForeignRunner,
  PidPlace,
  RecordedGroup,
  RunnerInfo,
  RunningTask,
} from './records/claim.js';
import type { FleetStatus } from './records/fleet-status.js';

/** Methods of the control table about those who run tasks: runners, what was left to them, and the process groups of what they run. */
export interface RunnerMethods {
  /** Announces this process as a runner; its lock is held until `endRunner`. */
  readonly beginRunner: (
    runner: RunnerInfo & { readonly timestamp: number; readonly place?: PidPlace },
  ) => TaskEither<ControlError, void>;
  /** Says that a runner takes up what others leave in the background, or that it does so no longer. */
  readonly markBackground: (runnerId: string, background: boolean) => TaskEither<ControlError, void>;
  /** Ends a runner, unless others have left work to it: then returns that work, and it goes on. */
  readonly endRunner: (runnerId: string) => TaskEither<ControlError, readonly Claim[]>;
  /**
   * Takes what others have left to a runner; each claim is returned once, here, by `takeDerivedClaims` or by `endRunner`.
   * Claims of derived commits wait until the plan that caused them has ended; what one of the commits `awaited` has caused
   * is left alone.
   */
  readonly takeLeftClaims: (
    runnerId: string,
    awaited: readonly number[],
  ) => TaskEither<ControlError, readonly Claim[]>;
  /** Takes the claims of derived commits that were made inside tasks of one commit, whose plan has ended. */
  readonly takeDerivedClaims: (
    runnerId: string,
    txnSeq: number,
  ) => TaskEither<ControlError, readonly Claim[]>;
  /** Lets go of the runner's lock at once, whatever it still claims: the way out when `endRunner` cannot be had. */
  readonly abandonRunner: (runnerId: string) => void;
  /** Dead runners whose rows were made elsewhere. */
  readonly foreignRunners: () => TaskEither<ControlError, readonly ForeignRunner[]>;
  /**
   * Removes dead runners that claim nothing unfinished, and of `lockFiles`, names in `control/runners`, those that are
   * nobody's. With `adopt` also what was made elsewhere. Not fsynced.
   */
  readonly removeDeadRunners: (
    lockFiles: readonly string[],
    options: { readonly adopt: boolean },
  ) => TaskEither<ControlError, void>;
  /** Remembers a child's process group with the claim. Durable. */
  readonly recordGroup: (
    claim: Claim,
    group: ProcessGroup,
    origin: string | null,
  ) => TaskEither<ControlError, void>;
  /** The recorded groups of paths that no live runner runs. */
  readonly groupsLeftBehind: () => TaskEither<ControlError, readonly RecordedGroup[]>;
  readonly forgetGroup: (token: number) => TaskEither<ControlError, void>;
  /** The tasks that live runners are running now, the longest-running first; of a runner that runs none yet, those that it prepares. */
  readonly runningTasks: () => TaskEither<ControlError, readonly RunningTask[]>;
  /** A live runner that takes up what others leave in the background; null: there is none. */
  readonly backgroundRunner: () => TaskEither<ControlError, RunnerInfo | null>;
  /** Live runners with what each of them does, and how many tasks have not begun. */
  readonly fleetStatus: () => TaskEither<ControlError, FleetStatus>;
}
