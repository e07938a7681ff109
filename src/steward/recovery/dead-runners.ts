import { getOrElse, isRight } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { runnersDirectory } from '../../control/runners/runner-locks.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import { type AbandonedContent, abandonedContents, clearAbandonedContents } from '../pond/export-contents.js';
import { layout, type Pond } from '../pond/pond.js';
import type { ForeignRecord } from '../shapes/upkeep.js';

/** Removes dead runners whose tasks have found others, and the files of their locks. `adopt`: also rows that were made elsewhere. */
export const removeDeadRunners = (
  { ports, directory, control }: Pond,
  { adopt }: { readonly adopt: boolean } = { adopt: false },
): TE.TaskEither<PondError, void> => {
  const lockFiles = ports.files.readDirectory(runnersDirectory(layout(directory).control))();
  // The directory is made for the first runner.
  return control.removeDeadRunners(isRight(lockFiles) ? lockFiles.right : [], { adopt });
};

/** Clears rows and locks of runners that have died, and contents of exports that nobody is at. */
export const clearAfterDead = (pond: Pond): TE.TaskEither<PondError, void> =>
  steps(async ({ run }) => {
    await run(removeDeadRunners(pond));
    clearAbandonedContents(pond.ports, layout(pond.directory).control, { dryRun: false })();
  });

/** Rows of dead runners and contents of exports that were made elsewhere. */
export const findForeign = ({
  ports,
  directory,
  control,
}: Pond): TE.TaskEither<PondError, readonly ForeignRecord[]> =>
  pipe(
    control.foreignRunners(),
    TE.map((runners) => [
      ...runners.map(({ runnerId, why }): ForeignRecord => ({ kind: 'runner', name: runnerId, why })),
      ...getOrElse((): readonly AbandonedContent[] => [])(
        abandonedContents(ports, layout(directory).control),
      ).flatMap(({ path, why }): readonly ForeignRecord[] =>
        why === null ? [] : [{ kind: 'export_content', name: path.slice(directory.length + 1), why }],
      ),
    ]),
  );
