import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { innermostTask } from '../../domain/plans/chain.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import type { Logger } from '../../ports/logger.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { RunTask } from './run-task.js';

/** Tells whether there may be commits that a task is to be warned of. */
export const mayHaveUnseen = (
  { dependencies, rules }: Pick<RunTask, 'dependencies' | 'rules'>,
  { nothingDerived }: { readonly nothingDerived: boolean },
): boolean => !nothingDerived && dependencies.length > 0 && !rules.derived;

/**
 * Warns where a task waited for another one that has written to the pond: it sees the commit that set both off, without
 * what the other has written. An entry that says `derived: true` runs once more for that.
 */
export const warnOfUnseenCommits = (
  pond: Pond,
  { claim, dependencies }: Pick<RunTask, 'claim' | 'dependencies'>,
  logger: Logger,
): TE.TaskEither<PondError, void> =>
  pipe(
    pond.control.causedCommits(claim.parentTxnSeq),
    TE.tapIO((commits) => () => {
      for (const { txnSeq, causedBy } of commits) {
        const by = innermostTask(causedBy, pond.tlog.pondId);
        if (by === null || !dependencies.includes(printTaskId(by))) continue;
        logger.log('warn', 'commit_not_seen', {
          task: printTaskId(claim),
          config_path: claim.configPath,
          sees: claim.parentTxnSeq,
          not_seen: txnSeq,
          written_by: printTaskId(by),
          remedy: `say "derived: true" in ${claim.configPath}`,
        });
      }
    }),
    TE.asUnit,
  );
