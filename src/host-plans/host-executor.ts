import { isLeft, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { Task } from 'fp-ts/lib/Task.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type InvalidArgument, invalidArgument, kindOf } from '../domain/invalid-argument.js';
import type { BatchedPlan, CommitOptions } from '../executor/all-or-nothing/capabilities.js';
import { execute, executeAllOrNothing, prepare } from '../executor/all-or-nothing/execute-all-or-nothing.js';
import type {
  EmptyPlan,
  ExecutionFailed,
  ExecutionInterrupted,
  PrepareFailed,
  Rollback,
} from '../executor/all-or-nothing/outcome.js';
import { undoIntents } from '../executor/all-or-nothing/roll-back.js';
import type { OperationFailure } from '../executor/operation.js';
import type { Clock } from '../ports/clock.js';
import type { HeldFiles, HostFileSystem } from '../ports/file-system.js';
import type { Ids } from '../ports/ids.js';
import type { Logger } from '../ports/logger.js';
import type { Telemetry } from '../ports/telemetry.js';
import type { CheckpointNotFound, CheckpointStore } from './checkpoint-store.js';
import {
  executableHostPlan,
  type HostExecutionError,
  type HostReport,
  hostCapabilities,
  hostPlanHere,
} from './execute-host-plan.js';
import { holderOf, holding } from './held-work.js';
import { cleanStaging, failuresOf } from './journal/clean-staging.js';
import { type HostCheckpoint, stagingNameOf } from './journal/host-checkpoint.js';
import type { Neighbours } from './kinds/check-operation.js';
import type { ExecutableHostOperation } from './kinds/host-handler.js';
import { refusedPlan } from './plan/given-plan.js';
import type { HostPlan } from './plan/host-plan.js';
import { resolvedPlan } from './resolved-plan.js';
import { describeHostFailure, type HostOperationError } from './steps/host-error.js';
import { type HostStep, HostStepCodec } from './steps/host-step.js';
import { secureDirectories, touchedDirectories } from './steps/secure-directories.js';
import { undoSteps } from './steps/undo-steps.js';

/** Ports that a host executor works with. */
export interface HostExecutorPorts {
  readonly files: HostFileSystem;
  readonly checkpoints: CheckpointStore;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly neighbours: Neighbours;
  /** Holds what one phase works on. Default: `files` as they are. */
  readonly hold?: () => HeldFiles;
}

/** A host plan of which every operation could be executed when it was looked at. */
export interface PreparedHostPlan {
  readonly _tag: 'PreparedHostPlan';
  readonly plan: HostPlan;
  /** Id of the checkpoint that it will have. */
  readonly checkpoint: string;
}

/** An execution that has stopped on its way. Its effects are there until `rollback` takes them back. */
export interface StoppedHostExecution {
  readonly _tag: 'Stopped';
  /** Null where the signal aborted. */
  readonly cause: OperationFailure<HostOperationError> | null;
  readonly checkpoint: string;
  readonly report: HostReport;
}

/** Executes host plans, all at once or phase by phase. */
export interface HostExecutor {
  /** Prepares, executes, and rolls back where that fails. */
  readonly run: (
    plan: HostPlan,
    options?: Partial<CommitOptions>,
  ) => TE.TaskEither<HostExecutionError | InvalidArgument, HostReport>;
  /** Looks whether everything can be executed; touches nothing. All that is wrong is in the error's report. */
  readonly prepare: (
    plan: HostPlan,
    options?: Partial<CommitOptions>,
  ) => TE.TaskEither<
    | EmptyPlan
    | PrepareFailed<HostOperationError>
    | ExecutionInterrupted<HostOperationError>
    | InvalidArgument,
    PreparedHostPlan
  >;
  /** Executes, and leaves what it did where it stops. */
  readonly execute: (
    prepared: PreparedHostPlan,
    options?: Partial<CommitOptions>,
  ) => TE.TaskEither<
    ExecutionFailed<HostOperationError> | StoppedHostExecution | InvalidArgument,
    HostReport
  >;
  /** Takes back everything that a checkpoint says was begun, in reverse order, and deletes the checkpoint. */
  readonly rollback: (
    checkpoint: string,
  ) => TE.TaskEither<CheckpointNotFound | HostOperationError | InvalidArgument, Rollback<HostOperationError>>;
}

/** A host executor on given ports. What is not a plan, nor one that was prepared, is refused before anything happens. */
export const hostExecutorOn = (ports: HostExecutorPorts): HostExecutor => {
  const executor = trustingExecutorOn(ports);
  const planned = <E, A>(call: string, plan: unknown, work: () => TE.TaskEither<E, A>) => {
    const refused = refusedPlan(call, 'plan', plan);
    return refused === null ? work() : TE.left<E | InvalidArgument, A>(refused);
  };
  const textFor = <E, A>(call: string, key: string, id: unknown, work: () => TE.TaskEither<E, A>) =>
    typeof id === 'string'
      ? work()
      : TE.left<E | InvalidArgument, A>(invalidArgument(call, key, `expected a string, got ${kindOf(id)}`));
  return {
    run: (plan, options) => planned('run', plan, () => executor.run(plan, options)),
    prepare: (plan, options) => planned('prepare', plan, () => executor.prepare(plan, options)),
    execute: (prepared, options) =>
      planned('execute', prepared?.plan, () =>
        textFor('execute', 'prepared.checkpoint', prepared.checkpoint, () =>
          executor.execute(prepared, options),
        ),
      ),
    rollback: (id) => textFor('rollback', 'checkpoint', id, () => executor.rollback(id)),
  };
};

const trustingExecutorOn = (ports: HostExecutorPorts): HostExecutor => {
  const { clock, logger, telemetry, checkpoints, ids, neighbours } = ports;
  const hold = holderOf(ports);
  const capabilitiesOn = (files: HostFileSystem, plan: BatchedPlan<ExecutableHostOperation>, id: string) =>
    hostCapabilities(
      {
        files,
        clock,
        logger,
        telemetry,
        trace: null,
        neighbours,
        checkpoint: checkpointIn({ ...ports, files }, id),
      },
      plan,
    );
  const filled = (options: Partial<CommitOptions> = {}): CommitOptions => ({
    concurrency: options.concurrency ?? 1,
    signal: options.signal ?? new AbortController().signal,
  });
  return {
    run: (given, options) =>
      holding(hold, (files) => {
        const plan = hostPlanHere(files, neighbours, given);
        return executeAllOrNothing(capabilitiesOn(files, plan, ids.uuidV7()))(plan, filled(options));
      }),
    prepare: (given, options) => {
      const checkpoint = ids.uuidV7();
      return holding(hold, (files) => {
        const { plan, refused } = resolvedPlan(files, neighbours, given);
        const executable = executableHostPlan(plan, { named: given, refused });
        return pipe(
          prepare(capabilitiesOn(files, executable, checkpoint))(executable, filled(options)),
          // Its paths are the real ones from now on.
          TE.map(() => ({ _tag: 'PreparedHostPlan', plan, checkpoint })),
        );
      });
    },
    execute: ({ plan, checkpoint }, options) =>
      holding(hold, (files) => {
        const executable = executableHostPlan(plan);
        return pipe(
          execute(capabilitiesOn(files, executable, checkpoint))(
            { _tag: 'PreparedPlan', plan: executable },
            filled(options),
          ),
          TE.mapLeft((failure) =>
            failure._tag === 'Stopped'
              ? { _tag: 'Stopped', cause: failure.cause, checkpoint, report: failure.report }
              : failure,
          ),
        );
      }),
    rollback: (id) =>
      pipe(
        checkpoints.restore(id),
        TE.flatMap(({ entries }) => {
          const intents = entries.map((entry) => ({ ...entry, steps: entry.steps.filter(isStep) }));
          const changed = intents.find(
            ({ steps }, place) => steps.length < (entries[place]?.steps.length ?? 0),
          );
          return changed === undefined
            ? holding(hold, (files) => TE.fromTask(undoAll({ ...ports, files }, id, intents)))
            : TE.left({
                ...({ _tag: 'CheckpointFailed', path: id } as const),
                problem: `what is recorded of the operation ${changed.id} is not a list of steps`,
              });
        }),
      ),
  };
};

const isStep = (step: unknown): step is HostStep => HostStepCodec.is(step);

interface RecordedIntent {
  readonly id: string;
  readonly steps: readonly HostStep[];
}

const undoAll = (
  ports: HostExecutorPorts,
  id: string,
  intents: readonly RecordedIntent[],
): Task<Rollback<HostOperationError>> => {
  const { files, logger, telemetry } = ports;
  const touched = touchedDirectories();
  const checkpoint = checkpointIn(ports, id, intents);
  return undoIntents<ExecutableHostOperation, { readonly steps: readonly HostStep[] }, HostOperationError>({
    handler: {
      undo: (_operation, { steps }) =>
        TE.fromIOEither(() => undoSteps({ files, madeAs: () => null, touched }, steps, null)),
      secure: () => secureDirectories(files, touched.inOrder('undoing')),
    },
    checkpoint,
    logger,
    telemetry: { telemetry, parent: null, describe: describeHostFailure },
  })(intents.map((intent) => ({ operation: intent, undo: intent })));
};

/** The checkpoint of one plan in a store. Once the plan has ended well or was undone, the store forgets it. */
const checkpointIn = (
  { files, checkpoints, clock, logger }: HostExecutorPorts,
  id: string,
  begun: readonly RecordedIntent[] = [],
): HostCheckpoint => {
  const intents: RecordedIntent[] = [...begun];
  return {
    id,
    stagingName: stagingNameOf(id),
    noteMade: () => undefined,
    create: ({ checksum, operations }) =>
      checkpoints.create({ id, checksum, operations: operations.length, startedAt: clock.nowMicros() }),
    intend: (batch) => {
      const entries = batch.map(({ operation: { id, kind }, undo: { steps } }) => ({ id, kind, steps }));
      intents.push(...entries);
      return pipe(checkpoints.record(id, entries), TE.mapLeft(asHostError));
    },
    undone: () => right(undefined),
    settle: (end) => async () => {
      const kept = new Set(end._tag === 'Incomplete' ? end.failures.map(({ operation }) => operation) : []);
      const leftOver = cleanStaging(
        files,
        intents.filter((intent) => !kept.has(intent.id)),
      );
      if (end._tag === 'Incomplete') return right([]);
      // What the plan did, or did not do, is durable, and what is left over is no longer anything that could be put back.
      const deleted = await checkpoints.delete(id)();
      if (isLeft(deleted)) {
        logger.log('warn', 'checkpoint_delete_failed', {
          checkpoint: id,
          error: describeHostFailure(deleted.left),
        });
      }
      return right(failuresOf(leftOver));
    },
  };
};

const asHostError = (error: HostOperationError | CheckpointNotFound): HostOperationError =>
  error._tag === 'CheckpointNotFound'
    ? { _tag: 'CheckpointFailed', path: error.id, problem: 'it is gone' }
    : error;
