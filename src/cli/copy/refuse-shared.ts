import * as E from 'fp-ts/lib/Either.js';
import type { Neighbours } from '../../host-plans/kinds/check-operation.js';
import { type SharedDirectory, sharedDirectory } from '../../host-plans/steps/shared-directory.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { Invocation } from '../command.js';

/** Refuses a path that another user could exchange, unless that is accepted. */
export const refuseShared = (
  files: HostFileSystem,
  { user, allowShared }: Neighbours,
  path: string,
): E.Either<SharedDirectory, undefined> => {
  const shared = allowShared ? null : sharedDirectory(files, user, path);
  return shared === null ? E.right(undefined) : E.left(shared);
};

/** Owners in whose directories a copy may work: what the environment says, or the option. */
export const neighboursOf = ({ given, program }: Invocation): Neighbours =>
  given.flag('allowSharedDirectories') ? { ...program.neighbours, allowShared: true } : program.neighbours;
