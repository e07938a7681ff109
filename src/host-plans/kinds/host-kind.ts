import type { Either } from 'fp-ts/lib/Either.js';
import type { HostClaims } from '../operations/host-claims.js';
import type { HostOperationKind, HostOperationOf } from '../operations/host-operation.js';
import type { HostOperationError } from '../steps/host-error.js';
import type { HostStep } from '../steps/host-step.js';
import type { HostScene } from './host-scene.js';
import type { HostView } from './host-view.js';

/**
 * All that there is to know about one kind of operation. It does not say how to undo an operation: that follows from
 * the steps it is made of (`steps/undo-steps.ts`).
 */
export interface HostKind<K extends HostOperationKind> {
  /** Description of what the operation would do, in words. */
  readonly describe: (operation: HostOperationOf<K>) => string;
  /** The paths that it claims; its place in the order follows from them. */
  readonly claims: (operation: HostOperationOf<K>) => HostClaims;
  /** Trees that it removes or reads as a whole: nothing is kept aside in them. */
  readonly trees: (operation: HostOperationOf<K>) => readonly string[];
  /** Bytes that it brings along; null where they come from elsewhere, or there are none. */
  readonly content: (operation: HostOperationOf<K>) => Uint8Array | null;
  /** Checks the preconditions in the view and, where they hold, puts the effects into it. */
  readonly check: (view: HostView, operation: HostOperationOf<K>) => Either<HostOperationError, void>;
  /** The steps, for what is on the host at this moment. Changes nothing. */
  readonly steps: (
    scene: HostScene,
    operation: HostOperationOf<K>,
  ) => Either<HostOperationError, readonly HostStep[]>;
}

const NO_TREES: readonly string[] = [];

/** The kind works on entries, not on trees. */
export const noTrees = (): readonly string[] => NO_TREES;

/** The kind brings no bytes along. */
export const noContent = (): null => null;

/** `LinkCreate /srv/current (replacing what is there)`: how a description ends. */
export const overWhatIsThere = (replace: boolean | undefined): string =>
  replace === true ? ' (replacing what is there)' : '';
