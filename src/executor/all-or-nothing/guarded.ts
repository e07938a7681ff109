import { catching, catchingEventually, catchingTask } from '../catching.js';
import { type Observed, telemetryOr } from '../execution-telemetry.js';
import type { Operation, OperationThrew } from '../operation.js';
import type { Checkpoint, UndoableCapabilities, UndoableHandler } from './capabilities.js';

/** Capabilities as the phases use them: nothing of them throws, and defaults are filled in. */
export interface Guarded<Op extends Operation, Undo, E>
  extends GuardedUndo<Op, Undo, E>,
    Pick<UndoableCapabilities<Op, Undo, E>, 'clock' | 'onProgress'> {
  readonly handler: UndoableHandler<Op, Undo, E | OperationThrew>;
  readonly checkpoint: Checkpoint<Op, Undo, E | OperationThrew>;
}

/** The same of what undoing needs. */
export interface GuardedUndo<Op extends Operation, Undo, E>
  extends Pick<Observed<E>, 'logger' | 'telemetry'> {
  readonly handler: Pick<UndoableHandler<Op, Undo, E | OperationThrew>, 'undo' | 'secure'>;
  readonly checkpoint: Pick<Checkpoint<Op, Undo, E | OperationThrew>, 'undone' | 'settle'>;
}

/** Capabilities for undoing: of an execution, or of one that a crash ended. */
export type UndoCapabilities<Op extends Operation, Undo, E> = Pick<
  UndoableCapabilities<Op, Undo, E>,
  'logger' | 'telemetry'
> & {
  readonly handler: Pick<UndoableHandler<Op, Undo, E>, 'undo' | 'secure'>;
  readonly checkpoint: Pick<Checkpoint<Op, Undo, E>, 'undone' | 'settle'>;
};

export const guarded = <Op extends Operation, Undo, E>(
  capabilities: UndoableCapabilities<Op, Undo, E>,
): Guarded<Op, Undo, E> => {
  const { handler, checkpoint } = capabilities;
  const undoing = guardedUndo(capabilities);
  return {
    ...capabilities,
    ...undoing,
    handler: {
      ...undoing.handler,
      prepare: (operation) => catching(() => handler.prepare(operation)),
      intend: (operation) => catching(() => handler.intend(operation)),
      execute: (operation, undo, signal) =>
        catchingEventually(() => handler.execute(operation, undo, signal)),
    },
    checkpoint: {
      ...undoing.checkpoint,
      id: checkpoint.id,
      create: (plan, traceParent) => catchingTask(() => checkpoint.create(plan, traceParent)),
      intend: (intents) => catchingTask(() => checkpoint.intend(intents)),
    },
  };
};

export const guardedUndo = <Op extends Operation, Undo, E>({
  handler,
  checkpoint,
  logger,
  telemetry,
}: UndoCapabilities<Op, Undo, E>): GuardedUndo<Op, Undo, E> => ({
  logger,
  telemetry: telemetryOr(telemetry),
  handler: {
    undo: (operation, undo) => catchingTask(() => handler.undo(operation, undo)),
    secure: () => catchingTask(() => handler.secure()),
  },
  checkpoint: {
    undone: (operation) => catching(() => checkpoint.undone(operation)),
    settle: (end) => catchingTask(() => checkpoint.settle(end)),
  },
});
