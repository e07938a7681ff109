import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { acting } from '../acting.js';
import { describeError } from '../describe-error.js';
import { closedReader } from '../discovery/closed-reader.js';
import type { PondError } from '../errors.js';
import { surroundingsOf } from '../pond/inside/surroundings.js';
import type { Pond } from '../pond/pond.js';
import { readSettings } from '../settings/read-settings.js';
import type { RecoveryReport } from '../shapes/upkeep.js';
import { notRecovered } from './recover-host-plans.js';
import { type Abandoned, findAbandoned } from './unfinished-work.js';

/**
 * Policy of a pond's first transaction in a process about unfinished work that nobody is busy with, by the setting
 * `recover.on_open`: says so (`warn`), finishes it (`auto`), or nothing (`off`). It never fails the transaction. Where
 * the control table may not be read or written, it is not this user's to look after.
 */
export const recoverOnOpen = (pond: Pond): TE.TaskEither<never, void> =>
  pond.control.readOnly !== null
    ? TE.right(undefined)
    : pipe(
        surroundingsOf(pond),
        // Inside a task it would be the task's own commit that is unfinished.
        TE.flatMap(({ task }) => (task === null ? applyPolicy(pond) : TE.right(undefined))),
        TE.orElse((error): TE.TaskEither<never, void> => {
          pond.ports.logger.log('warn', 'recovery_on_open_failed', { error: describeError(error) });
          return TE.right(undefined);
        }),
      );

const applyPolicy = (pond: Pond): TE.TaskEither<PondError, void> =>
  pipe(
    findAbandoned(pond),
    TE.flatMap(
      (abandoned): TE.TaskEither<PondError, void> =>
        abandoned.transactions + abandoned.tasks + abandoned.hostPlans === 0
          ? TE.right(undefined)
          : pipe(
              policyOf(pond),
              TE.flatMap((policy) => follow(pond, policy, abandoned)),
            ),
    ),
  );

type Policy = 'warn' | 'auto' | 'off';

const policyOf = (pond: Pond): TE.TaskEither<PondError, Policy> =>
  steps(async ({ run }) => {
    const view = await run(pond.tlog.snapshot());
    const { recoverOnOpen } = await run(readSettings(closedReader(view)));
    if (recoverOnOpen !== 'auto') return recoverOnOpen;
    const verdict = await run(pond.trust.judge(view));
    // What this user has not approved is not run by itself.
    return verdict._tag === 'NotTrusted' ? 'warn' : 'auto';
  });

const follow = (
  pond: Pond,
  policy: Policy,
  { transactions, tasks, hostPlans }: Abandoned,
): TE.TaskEither<PondError, void> => {
  switch (policy) {
    case 'off':
      return TE.right(undefined);
    case 'warn':
      pond.ports.logger.log('warn', 'unfinished_work', {
        transactions,
        tasks,
        host_plans: hostPlans,
        remedy: 'pond recover',
      });
      return TE.right(undefined);
    case 'auto':
      return pipe(
        acting(({ recover }) => recover(pond, {})),
        TE.map((report) => sayNotRecovered(pond, report)),
      );
  }
};

/** Tasks that failed, or did not end, are still there to be seen. */
const sayNotRecovered = ({ ports: { logger } }: Pond, report: RecoveryReport): void => {
  const remedy = 'pond host checkpoints';
  for (const { id, outcome } of notRecovered(report)) {
    logger.log('warn', 'host_plan_not_recovered', { id, outcome, remedy });
  }
  if (report.hostPlansProblem !== null) {
    logger.log('warn', 'host_plans_not_recovered', { error: report.hostPlansProblem, remedy });
  }
};
