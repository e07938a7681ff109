import { type Either, isLeft, isRight, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import type { IO } from 'fp-ts/lib/IO.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { StagingPlace } from '../../factories/built-in/host-export/host-export-staging.js';
import type { FileSystemError } from '../../ports/file-system.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { StewardPorts } from '../steward-ports.js';
import { liveRunners } from './live-runners.js';
import type { RunnerOfProcess } from './runner.js';

/*
 * Contents of exports on their way to a target, `control/host-exports/<runner_id>.<id>`. Each is a runner's, which
 * takes its lock before the first file and holds it until after the last, and whose id nobody uses again: where the lock
 * is not held, nobody needs the file. It may come back once: undoing a host plan puts it where it was.
 */

type ContentPorts = Pick<StewardPorts, 'files' | 'locks' | 'logger'>;

const directoryIn = (controlDir: string): string => `${controlDir}/host-exports`;

/** The runner whose file it is; null for what else lies there, the staging directories of host plans. */
const runnerOf = (name: string): string | null => /^([0-9a-f-]{36})\.[0-9a-f-]{36}$/.exec(name)?.[1] ?? null;

/** Files of runners that have ended, by their paths. */
export const abandonedContents = (
  { files, locks }: Pick<ContentPorts, 'files' | 'locks'>,
  controlDir: string,
): Either<FileSystemError, readonly string[]> => {
  const directory = directoryIn(controlDir);
  const names = files.readDirectory(directory)();
  // It is made for the first export.
  if (isLeft(names)) return names.left.code === 'ENOENT' ? right([]) : names;
  const isLive = liveRunners(locks, controlDir);
  return right(
    names.right
      .filter((name) => {
        const runnerId = runnerOf(name);
        return runnerId !== null && !isLive(runnerId);
      })
      .map((name) => `${directory}/${name}`),
  );
};

/**
 * Removes them, and returns how many (with `dryRun`: how many there are). What cannot be removed takes up room and
 * nothing else.
 */
export const clearAbandonedContents =
  (ports: ContentPorts, controlDir: string, { dryRun }: { readonly dryRun: boolean }): IO<number> =>
  () => {
    const abandoned = abandonedContents(ports, controlDir);
    if (dryRun && isRight(abandoned)) return abandoned.right.length;
    const results = isLeft(abandoned)
      ? [abandoned]
      : abandoned.right.map((path) => ports.files.remove(path)());
    for (const result of results) {
      if (isRight(result)) continue;
      const { path, call, code } = result.left;
      ports.logger.log('warn', 'export_contents_not_removed', { path, error: `${call} failed: ${code}` });
    }
    return results.filter(isRight).length;
  };

/** The place for what this process exports. */
export const exportContents = (
  ports: ContentPorts & Pick<StewardPorts, 'ids'>,
  controlDir: string,
  runner: Pick<RunnerOfProcess, 'ensure'>,
): StagingPlace => ({
  newPath: () =>
    pipe(
      runner.ensure(),
      TE.tap(() =>
        pipe(
          TE.fromIOEither(ports.files.makeDirectories(directoryIn(controlDir))),
          TE.mapLeft((cause): PondError => ({ ...cause, _tag: 'HostFileFailed' })),
        ),
      ),
      TE.map((runnerId) => `${directoryIn(controlDir)}/${runnerId}.${ports.ids.uuidV7()}`),
      TE.mapLeft(describeError),
    ),
  clearAbandoned: clearAbandonedContents(ports, controlDir, { dryRun: false }),
});
