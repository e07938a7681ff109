import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { Eventually } from '../../effects/eventually.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import { parentOf } from '../operations/host-path.js';
import { callFailed, type HostOperationError } from '../steps/host-error.js';
import { type HostStep, stagingEntriesOf } from '../steps/host-step.js';
import { keepForReplacing } from '../steps/perform-step.js';
import { secureDirectory } from '../steps/secure-directories.js';

/** The staging directories of a plan that is executed. */
export interface Staging {
  /** Makes the directories in which a step keeps something aside, durably. */
  readonly makeFor: (step: HostStep) => Either<HostOperationError, void>;
  /**
   * Makes durable what a step has aside before anybody sees its effect: undoing needs it, also after a power loss that leaves
   * the effect. Operations side by side wait for one fsync together.
   */
  readonly secureFor: (step: HostStep) => Eventually<Either<HostOperationError, void>>;
}

/** Mode of staging directories: what lies in them is nobody else's business. */
const MODE = 0o700;

const DONE: Either<HostOperationError, void> = right(undefined);

export const stagingOf = (files: HostFileSystem): Staging => {
  const made = new Set<string>();
  const securing = new Map<string, Promise<Either<HostOperationError, void>>>();

  const secure = (directory: string): Promise<Either<HostOperationError, void>> => {
    const waiting = securing.get(directory);
    if (waiting !== undefined) return waiting;
    const secured = Promise.resolve().then(() => {
      // Who comes from now on waits for the next one.
      securing.delete(directory);
      return secureDirectory(files, directory);
    });
    securing.set(directory, secured);
    return secured;
  };

  return {
    makeFor: (step) => {
      for (const entry of stagingEntriesOf(step)) {
        const directory = parentOf(entry);
        if (made.has(directory)) continue;
        const making = files.makeDirectory(directory, MODE)();
        if (isLeft(making)) return left(callFailed(making.left));
        made.add(directory);
        // Or a power loss could take it away after what is moved into it was lost from its place.
        const synced = files.fsyncDirectory(parentOf(directory))();
        if (isLeft(synced) && synced.left.code !== 'EACCES') return left(callFailed(synced.left));
      }
      return DONE;
    },
    secureFor: (step) => {
      if (step.step !== 'Place' && step.step !== 'Replace') return DONE;
      const kept = step.step === 'Replace' ? keepForReplacing(files, step) : DONE;
      return isLeft(kept) ? kept : secure(parentOf(step.staged));
    },
  };
};
