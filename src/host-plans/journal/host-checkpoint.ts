import type { Checkpoint } from '../../executor/all-or-nothing/capabilities.js';
import type { ExecutableHostOperation, HostUndo } from '../kinds/host-handler.js';
import type { HostOperationError } from '../steps/host-error.js';
import type { Identity } from '../steps/undo-steps.js';

/** The checkpoint of one host plan. */
export interface HostCheckpoint extends Checkpoint<ExecutableHostOperation, HostUndo, HostOperationError> {
  /** Name of the plan's staging directories. */
  readonly stagingName: string;
  /** Remembers who a directory is that the plan has made. */
  readonly noteMade: (path: string, identity: Identity) => void;
}

/** Staging directories say what they are, and which plan's. */
export const stagingNameOf = (id: string): string => `.pond-host-plan-${id}`;
