import type { Either } from 'fp-ts/lib/Either.js';
import type { HostOperationKind, HostOperationOf } from '../plan/host-operation.js';
import type { HostOperationError } from '../steps/host-error.js';
import type { HostStep } from '../steps/host-step.js';
import type { HostScene } from './host-scene.js';
import type { HostView } from './host-view.js';

/** How operations of one kind are checked and done. */
export interface HostKind<K extends HostOperationKind> {
  /** Checks the preconditions in the view and, where they hold, puts the effects into it. */
  readonly check: (view: HostView, operation: HostOperationOf<K>) => Either<HostOperationError, void>;
  /** The steps, for what is on the host at this moment. Changes nothing. */
  readonly steps: (
    scene: HostScene,
    operation: HostOperationOf<K>,
  ) => Either<HostOperationError, readonly HostStep[]>;
}
