import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Undone } from '../../executor/all-or-nothing/undoable.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { HostOperationError } from './host-error.js';
import type { HostStep } from './host-step.js';
import type { Touched } from './secure-directories.js';
import { type Identity, undoStep } from './undo-step.js';

export interface UndoingSteps {
  readonly files: HostFileSystem;
  readonly madeAs: (path: string) => Identity | null;
  /** Told what must be secured afterwards. */
  readonly touched: Pick<Touched, 'add'>;
}

/**
 * Undoes an operation's steps in reverse order. `done` is how many were done, the one after them having failed (or
 * not begun); null: unknown. Goes on past what cannot be undone and answers the first such error.
 */
export const undoSteps = (
  { files, madeAs, touched }: UndoingSteps,
  steps: readonly HostStep[],
  done: number | null,
): Either<HostOperationError, Undone> => {
  let firstError: HostOperationError | null = null;
  let undone: Undone = 'Nothing';
  const last = done === null ? steps.length - 1 : Math.min(done, steps.length - 1);
  for (let place = last; place >= 0; place -= 1) {
    const step = steps[place];
    if (step === undefined) continue;
    const known = done === null ? 'unknown' : place < done ? 'done' : 'failed';
    const result = undoStep({ files, known, madeAs }, step);
    touched.add(step);
    if (isLeft(result)) firstError ??= result.left;
    else if (result.right === 'Undone') undone = 'Undone';
  }
  return firstError === null ? right(undone) : left(firstError);
};
