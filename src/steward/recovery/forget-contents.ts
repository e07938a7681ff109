import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { invalidArgument } from '../../domain/invalid-argument.js';
import { CONFIGURATION_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import { isWithin, parsePondPath, ROOT } from '../../domain/paths/pond-path.js';
import { steps } from '../../effects/steps.js';
import type { PondError } from '../errors.js';
import { layout, type Pond } from '../pond/pond.js';
import type { ForgetReport, ForgetRequest } from '../shapes/upkeep.js';

/**
 * Forgets contents that no state from some transaction on shows, but for what tasks need that are unfinished or have
 * failed: they read the state of their commits. Results that were made of contents are removed, too. The caller holds the
 * writer's lock, whatever had landed is recorded, and files are left to a sweep that follows.
 */
export const forgetContents = (
  pond: Pond,
  now: number,
  { before, paths = [] }: ForgetRequest,
  dryRun: boolean,
): TE.TaskEither<PondError, ForgetReport> =>
  steps(async ({ run, take, fail }) => {
    const roots = paths.map((path) => take(parsePondPath(path)));
    const refused = roots.find((path) => isWithin(CONFIGURATION_DIRECTORY, path));
    if (refused !== undefined)
      return fail(
        invalidArgument(
          'maintain',
          'forget.paths',
          `${refused}: contents below ${CONFIGURATION_DIRECTORY} stay: the plans of old commits are made of them`,
        ),
      );
    const unfinished = [
      ...(await run(pond.control.findIncompletePostCommitTasks())),
      ...(await run(pond.control.findFailedTasks())),
    ];
    const keptFor = unfinished
      .filter(({ parentTxnSeq }) => parentTxnSeq < before)
      .sort((a, b) => a.parentTxnSeq - b.parentTxnSeq || a.executionSeq - b.executionSeq);
    const forgot = await run(
      pond.tlog.forget(now, {
        before,
        alsoAt: keptFor.map(({ parentTxnSeq }) => parentTxnSeq),
        paths: roots.length === 0 || roots.includes(ROOT) ? null : roots,
        dryRun,
      }),
    );
    return { ...forgot, keptFor, cachedFiles: removeResults(pond, dryRun) };
  });

/** Results in the caches of derived nodes and of merged series; others make them again. Returns how many. */
const removeResults = ({ ports: { files }, directory }: Pond, dryRun: boolean): number => {
  const { derived, merged } = layout(directory);
  let count = 0;
  for (const folder of [derived, merged]) {
    const names = files.readDirectory(folder)();
    if (isLeft(names)) continue;
    for (const name of names.right.filter((one) => RESULT.test(one))) {
      if (dryRun || files.remove(`${folder}/${name}`)()._tag === 'Right') count += 1;
    }
  }
  return count;
};

const RESULT = /^[0-9a-f]{64}-[0-9a-f]{64}(\.parquet)?$/;
