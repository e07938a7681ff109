import { type Either, left } from 'fp-ts/lib/Either.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { HostOperation } from '../operations/host-operation.js';
import { parentOf } from '../operations/host-path.js';
import type { HostOperationError } from '../steps/host-error.js';
import { type Acceptance, type SharedDirectory, sharedDirectory } from '../steps/shared-directory.js';
import { kindOf } from './host-kinds.js';
import { createHostView } from './host-view.js';

/** Owners in whose directories a plan may work. */
export type Neighbours = Acceptance;

/**
 * Checks operations, each in the view of what those before it leave. Reads only. `named` is the operation before symlinks on the way
 * were followed: whoever could exchange one of these could have done so before.
 */
export const operationChecks = (
  files: HostFileSystem,
  { user, allowShared }: Neighbours,
): ((operation: HostOperation, named?: HostOperation) => Either<HostOperationError, void>) => {
  const view = createHostView(files, user);
  const known = new Map<string, SharedDirectory | null>();
  const sharedAbove = (path: string): SharedDirectory | null => {
    const directory = parentOf(path);
    const before = known.get(directory);
    if (before !== undefined) return before;
    const shared = sharedDirectory(files, user, path);
    known.set(directory, shared);
    return shared;
  };
  return (operation, named = operation) => {
    const kind = kindOf(operation);
    if (user !== null && !allowShared) {
      const { creates, removes, reads } = kindOf(named).claims(named);
      for (const claimed of [creates, removes, reads]) {
        const shared = claimed === null ? null : sharedAbove(claimed.path);
        if (shared !== null) return left(shared);
      }
    }
    return kind.check(view, operation);
  };
};
