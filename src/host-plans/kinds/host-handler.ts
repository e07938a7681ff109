import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { andThen, type Eventually } from '../../effects/eventually.js';
import type { UndoableHandler } from '../../executor/all-or-nothing/capabilities.js';
import type { Operation } from '../../executor/operation.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { HostOperation } from '../operations/host-operation.js';
import type { HostOperationError } from '../steps/host-error.js';
import type { HostStep } from '../steps/host-step.js';
import { type Performing, performStep, stageFile } from '../steps/perform-step.js';
import { secureDirectories, touchedDirectories } from '../steps/secure-directories.js';
import { type Identity, undoSteps } from '../steps/undo-steps.js';
import { type Neighbours, operationChecks } from './check-operation.js';
import { kindOf } from './host-kinds.js';
import { hostScenes } from './host-scenes.js';
import { stagingOf } from './staging.js';

/** A host operation as the executor sees it. */
export interface ExecutableHostOperation extends Operation {
  readonly operation: HostOperation;
  /** The same as the plan names it, before symlinks on the way were followed. */
  readonly named: HostOperation;
  /** Reason why it cannot be executed, where that is known before it is looked at. */
  readonly refused: HostOperationError | null;
}

/** Facts by which a host operation is undone. */
export interface HostUndo {
  readonly steps: readonly HostStep[];
  /** Number of them that have been done; the handler counts. */
  done: number;
}

export interface HostHandlerDeps {
  readonly files: HostFileSystem;
  readonly neighbours: Neighbours;
  /** Name of this plan's staging directories. */
  readonly stagingName: string;
  /** Keeps, for recovery, who a directory that the plan made is. */
  readonly noteMade: (path: string, identity: Identity) => void;
}

export type HostHandler = UndoableHandler<ExecutableHostOperation, HostUndo, HostOperationError>;

type Answer = Eventually<Either<HostOperationError, void>>;

const DONE: Either<HostOperationError, void> = right(undefined);

const NO_BYTES = new Uint8Array();

/** The handler of one plan's operations. It remembers how far each of them came, for undoing exactly that. */
export const createHostHandler = (
  { files, neighbours, stagingName, noteMade }: HostHandlerDeps,
  operations: readonly ExecutableHostOperation[],
): HostHandler => {
  const check = operationChecks(files, neighbours);
  const scenes = hostScenes(files, neighbours, {
    name: stagingName,
    avoided: operations.flatMap(({ operation }) => kindOf(operation).trees(operation)),
  });
  const madeAs = new Map<string, Identity>();
  const staging = stagingOf(files);
  const touched = touchedDirectories();
  let direction: 'doing' | 'undoing' = 'doing';

  const onMade = (path: string): void => {
    const stat = files.lstat(path)();
    if (isLeft(stat)) return;
    const identity = { device: String(stat.right.device), inode: String(stat.right.inode) };
    madeAs.set(path, identity);
    noteMade(path, identity);
  };

  const performing: Performing = { files, user: neighbours.user, onMade };
  const perform = (step: HostStep, operation: HostOperation): Answer =>
    step.step === 'StageFile'
      ? stageFile(files, step, () => kindOf(operation).content(operation) ?? NO_BYTES)()
      : performStep(performing, step);

  const ended = (step: HostStep, undo: HostUndo): void => {
    touched.add(step);
    undo.done += 1;
  };

  /** The steps of an operation that have not been done: at once, up to one that takes time. */
  const performRest = (executed: ExecutableHostOperation, undo: HostUndo, signal: AbortSignal): Answer => {
    const { steps } = undo;
    while (undo.done < steps.length) {
      const step = steps[undo.done];
      if (step === undefined) break;
      if (undo.done > 0 && signal.aborted) return left({ _tag: 'Stopped' });
      const ready = staging.makeFor(step);
      if (isLeft(ready)) return ready;
      const done = andThen(staging.secureFor(step), () => perform(step, executed.operation));
      if (done instanceof Promise) {
        return andThen(done, () => {
          ended(step, undo);
          return performRest(executed, undo, signal);
        });
      }
      if (isLeft(done)) return done;
      ended(step, undo);
    }
    return DONE;
  };

  return {
    prepare: ({ operation, named, refused }) => (refused === null ? check(operation, named) : left(refused)),

    intend: ({ operation }) => {
      const steps = kindOf(operation).steps(scenes.now(), operation);
      if (isLeft(steps)) return steps;
      scenes.intend(steps.right);
      return right({ steps: steps.right, done: 0 });
    },

    execute: (operation, undo, signal) => {
      scenes.executing();
      return performRest(operation, undo, signal);
    },

    undo: (_operation, { steps, done }) =>
      TE.fromIOEither(() => {
        direction = 'undoing';
        const undoing = { files, madeAs: (path: string) => madeAs.get(path) ?? null, touched };
        return undoSteps(undoing, steps, done);
      }),

    secure: () => secureDirectories(files, touched.inOrder(direction)),
  };
};
