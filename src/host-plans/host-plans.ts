import { type Either, getOrElse, isLeft, left, map, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { HeldFiles, HostFileSystem } from '../ports/file-system.js';
import type { Host } from '../ports/host.js';
import { NO_TELEMETRY } from '../ports/no-telemetry.js';
import type { Telemetry, TraceContext } from '../ports/telemetry.js';
import {
  executeHostPlan,
  type HostExecutionError,
  type HostReport,
  hostPlanHere,
} from './execute-host-plan.js';
import { holderOf, holding } from './held-work.js';
import type { CheckpointPorts } from './journal/checkpoint-place.js';
import { type CheckpointSummary, checkpointSummaries } from './journal/checkpoint-summary.js';
import { fileCheckpoints } from './journal/file-checkpoints.js';
import { type Neighbours, operationChecks } from './kinds/check-operation.js';
import type { HostPlan } from './plan/host-plan.js';
import { type RecoveredPlan, type RecoverOptions, recoverHostPlans } from './recover-host-plans.js';
import type { HostOperationError } from './steps/host-error.js';

/*
 * Host plans, from the file to the last undoing:
 *
 * - what an operation may say: `operations/host-operation.ts`; what its kind means, all of it: `kinds/host-kinds.ts`
 * - in which order operations are executed: `plan/plan-host-operations.ts`
 * - prepare, intend, execute: `kinds/host-handler.ts`, for the executor (`executor/all-or-nothing`)
 * - how an operation is undone: `steps/undo-steps.ts`, step by step, for operations consist of steps (`steps/host-step.ts`)
 * - what is durable before anything happens: `journal/host-journal.ts`
 * - what becomes of a plan whose process died: `recover-host-plans.ts`
 */

/** Options of executing a host plan. */
export interface HostPlanOptions {
  /** Operations side by side, at most. */
  readonly concurrency: number;
  /** Aborts when everything is to stop, and to be undone. */
  readonly signal: AbortSignal;
  /** Tells whether directories are accepted in which other users could exchange what is there. Default: as the environment says. */
  readonly allowSharedDirectories?: boolean;
  /** Span that the execution is part of, in its trace; default: what called this process. */
  readonly trace?: TraceContext;
  /** Hears after each operation how many have ended. */
  readonly onProgress?: (ended: number) => void;
}

/** Executes and recovers host plans; their checkpoints are in one directory. */
export interface HostPlans {
  /** Directory of the checkpoints. */
  readonly directory: string;
  /** Returns what prepare finds; touches nothing. */
  readonly check: (
    plan: HostPlan,
    options?: Pick<HostPlanOptions, 'allowSharedDirectories'>,
  ) => readonly { readonly operation: string; readonly error: HostOperationError }[];
  /** Executes all of the plan, or nothing of it. */
  readonly execute: (plan: HostPlan, options: HostPlanOptions) => TaskEither<HostExecutionError, HostReport>;
  /**
   * Deals with every checkpoint that nobody is at: a plan that had been executed is completed, any other is rolled back. May be
   * interrupted at any moment, and repeated.
   */
  readonly recover: (options: RecoverOptions) => TaskEither<HostOperationError, readonly RecoveredPlan[]>;
  /** Number that a crash left and that recovery would undo or complete. */
  readonly countAbandoned: () => Either<HostOperationError, number>;
  /** Every checkpoint, oldest first. */
  readonly list: () => Either<HostOperationError, readonly CheckpointSummary[]>;
  /** Removes a checkpoint without acting on it; returns whether there was one that nobody is at. */
  readonly discard: (id: string) => Either<HostOperationError, boolean>;
}

/** Host plans for who also works on the files themselves. */
export interface HostPlansOnFiles extends HostPlans {
  /** Filesystem that they work on. */
  readonly files: HostFileSystem;
}

export interface HostPlanPorts extends CheckpointPorts {
  /** Holds what a plan, or a recovery, works on. Default: `files` as they are. */
  readonly hold?: () => HeldFiles;
  /** Default: there are no other users. */
  readonly neighbours?: Neighbours;
  /** Default: none. */
  readonly telemetry?: Telemetry;
  /** The span that this process is called from, if there is one. */
  readonly caller?: TraceContext | null;
}

/** Host plans with their checkpoints in a directory, which are bound to `home`: the pond's directory, where there is one. */
export const hostPlansIn = (ports: HostPlanPorts, directory: string, home = directory): HostPlansOnFiles => {
  const { files, clock, logger, telemetry = NO_TELEMETRY, caller = null } = ports;
  const { user, allowShared } = ports.neighbours ?? { user: null, allowShared: true };
  const neighbours = (given = allowShared): Neighbours => ({ user, allowShared: given });
  const checkpoints = fileCheckpoints(ports, directory, home);
  const hold = holderOf(ports);
  return {
    files,
    directory,
    check: (plan, { allowSharedDirectories } = {}) => {
      const accepted = neighbours(allowSharedDirectories);
      const check = operationChecks(files, accepted);
      return hostPlanHere(files, accepted, plan).operations.flatMap(({ operation, named, refused }) => {
        const checked = refused === null ? check(operation, named) : left(refused);
        return isLeft(checked) ? [{ operation: operation.id, error: checked.left }] : [];
      });
    },
    execute: (plan, { concurrency, signal, trace = caller, onProgress, allowSharedDirectories }) =>
      holding(hold, (held) =>
        executeHostPlan(
          {
            files: held,
            clock,
            logger,
            telemetry,
            trace,
            checkpoint: checkpoints.begin(held),
            neighbours: neighbours(allowSharedDirectories),
            ...(onProgress === undefined ? {} : { onProgress }),
          },
          plan,
          { concurrency, signal },
        ),
      ),
    recover: (options) =>
      holding(hold, (held) => recoverHostPlans({ files: held, checkpoints, logger, telemetry }, options)),
    countAbandoned: () =>
      pipe(
        // A live plan's may be long, and need not be read for this.
        checkpointSummaries(
          checkpoints,
          (found) => found.state === 'open' && !getOrElse(() => false)(checkpoints.isLive(found)),
        ),
        map((summaries) => summaries.filter(({ state }) => state === 'abandoned').length),
      ),
    list: () => checkpointSummaries(checkpoints, () => true),
    discard: (id) => {
      const found = checkpoints.find();
      if (isLeft(found)) return found;
      const checkpoint = found.right.find((one) => one.id === id);
      if (checkpoint === undefined) return right(false);
      const live = checkpoints.isLive(checkpoint);
      if (isLeft(live)) return live;
      if (live.right) return right(false);
      const discarded = checkpoints.discard(checkpoint);
      return isLeft(discarded) ? discarded : right(true);
    },
  };
};

/**
 * Directory in which the checkpoints are kept: with the pond, where there is one, else in the user's state directory (XDG Base
 * Directory Specification).
 */
export const checkpointDirectory = (pond: string | null, { variables }: Pick<Host, 'variables'>): string => {
  if (pond !== null) return `${pond}/control/host-plans`;
  const given = variables.POND_STATE_DIR ?? '';
  if (given.startsWith('/')) return `${given}/host-plans`;
  const named = variables.XDG_STATE_HOME ?? '';
  const state = named.startsWith('/') ? named : `${variables.HOME ?? ''}/.local/state`;
  return `${state}/pond-steward/host-plans`;
};
