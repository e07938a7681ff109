import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type {
  BatchedPlan,
  CommitOptions,
  UndoableCapabilities,
} from '../executor/all-or-nothing/capabilities.js';
import { executeAllOrNothing } from '../executor/all-or-nothing/execute-all-or-nothing.js';
import type { AllOrNothingError } from '../executor/all-or-nothing/outcome.js';
import type { ExecutionReport } from '../executor/execution-report.js';
import type { Clock } from '../ports/clock.js';
import type { HostFileSystem } from '../ports/file-system.js';
import type { Logger } from '../ports/logger.js';
import type { Telemetry, TraceContext } from '../ports/telemetry.js';
import type { HostCheckpoint } from './journal/host-checkpoint.js';
import type { Neighbours } from './kinds/check-operation.js';
import { createHostHandler, type ExecutableHostOperation, type HostUndo } from './kinds/host-handler.js';
import type { HostPlan } from './plan/host-plan.js';
import { resolvedPlan } from './resolved-plan.js';
import { describeHostFailure, type HostOperationError } from './steps/host-error.js';

/** Reason why a host plan was not executed: see {@link AllOrNothingError}. */
export type HostExecutionError = AllOrNothingError<HostOperationError>;
/** Report of the operations of a host plan: see {@link ExecutionReport}. */
export type HostReport = ExecutionReport<HostOperationError>;

export interface HostExecution {
  readonly files: HostFileSystem;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  /** Span that the execution is part of; null: it is a trace of its own. */
  readonly trace: TraceContext | null;
  readonly checkpoint: HostCheckpoint;
  readonly neighbours: Neighbours;
  readonly onProgress?: (ended: number) => void;
}

/** Executes a host plan: all of it or nothing. */
export const executeHostPlan = (
  execution: HostExecution,
  plan: HostPlan,
  options: CommitOptions,
): TaskEither<HostExecutionError, HostReport> => {
  const executable = hostPlanHere(execution.files, execution.neighbours, plan);
  return executeAllOrNothing(hostCapabilities(execution, executable))(executable, options);
};

/** Ports that executing one host plan needs. */
export const hostCapabilities = (
  { files, clock, logger, telemetry, trace, checkpoint, neighbours, onProgress }: HostExecution,
  { operations }: BatchedPlan<ExecutableHostOperation>,
): UndoableCapabilities<ExecutableHostOperation, HostUndo, HostOperationError> => {
  const { stagingName, noteMade } = checkpoint;
  return {
    handler: createHostHandler({ files, neighbours, stagingName, noteMade }, operations),
    checkpoint,
    clock,
    logger,
    telemetry: { telemetry, parent: trace, describe: describeHostFailure },
    ...(onProgress === undefined ? {} : { onProgress }),
  };
};

const NONE: readonly string[] = [];
const NOTHING_REFUSED: ReadonlyMap<string, HostOperationError> = new Map();

/** A host plan as the executor takes it, with the symlinks on the way to its paths followed. */
export const hostPlanHere = (
  files: HostFileSystem,
  neighbours: Neighbours,
  given: HostPlan,
): BatchedPlan<ExecutableHostOperation> => {
  const { plan, refused } = resolvedPlan(files, neighbours, given);
  return executableHostPlan(plan, plan === given ? {} : { named: given, refused });
};

/** A host plan as the executor takes it. Host operations are short, or may be stopped: they have no timeout. */
export const executableHostPlan = (
  { checksum, operations, batches }: HostPlan,
  given: {
    readonly named?: HostPlan;
    readonly refused?: ReadonlyMap<string, HostOperationError>;
  } = {},
): BatchedPlan<ExecutableHostOperation> => {
  const { named, refused = NOTHING_REFUSED } = given;
  const namedAs = new Map(named?.operations.map(({ operation }) => [operation.id, operation]));
  const placeOf = new Map(operations.map(({ operation }, place) => [operation.id, place]));
  return {
    checksum,
    operations: operations.map(({ operation, depends_on }) => ({
      id: operation.id,
      kind: operation.kind,
      after: NONE,
      requires: depends_on,
      timeoutMs: null,
      operation,
      named: namedAs.get(operation.id) ?? operation,
      refused: refused.get(operation.id) ?? null,
    })),
    batches: batches.map((batch) => batch.flatMap((id) => placeOf.get(id) ?? [])),
  };
};
