import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { describeEntryError } from '../describe-plan.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { readReplica } from '../pond/replica.js';
import type { ScheduleStatus } from '../shapes/background-reports.js';
import { FIRED_ELSEWHERE, timeOfSchedules } from './due-firings.js';
import { schedulesIn } from './schedules.js';

/** Firings of each entry that are shown. */
const SHOWN = 20;

/** Schedules of the newest state. What is disabled is not among them. */
export const scheduleStatuses = (pond: Pond): TE.TaskEither<PondError, readonly ScheduleStatus[]> =>
  steps(async ({ run }) => {
    const { scheduled, rejected } = await run(schedulesIn(pond, await run(pond.tlog.snapshot())));
    if (scheduled.length + rejected.length === 0) return [];
    const replica = readReplica(pond.ports, pond.directory)();
    const isElsewhere =
      isLeft(replica) || replica.right !== null || (await run(pond.place.firings.from())) === null;
    const now = await run(timeOfSchedules(pond));
    const statuses: ScheduleStatus[] = [];
    for (const { path, words } of scheduled) {
      const next = isElsewhere
        ? null
        : (await pond.ports.calendar.times(words.expression, words.timezone)()).after(now);
      statuses.push({
        path,
        words,
        problem: isElsewhere ? FIRED_ELSEWHERE : null,
        nextDue: next === null ? null : next * 1000,
        ...(await run(firingsOf(pond, path))),
      });
    }
    for (const { path, errors } of rejected)
      statuses.push({
        path,
        words: null,
        nextDue: null,
        problem: errors.map((error) => describeEntryError(path, error)).join('; '),
        ...(await run(firingsOf(pond, path))),
      });
    return statuses.sort((a, b) => (a.path < b.path ? -1 : 1));
  });

const firingsOf = (
  { control }: Pond,
  path: string,
): TE.TaskEither<PondError, Pick<ScheduleStatus, 'failures' | 'failingSince' | 'firings'>> =>
  steps(async ({ run }) => {
    const { failures, since } = await run(control.failingSince(path));
    return { failures, failingSince: since, firings: await run(control.firingsOf(path, SHOWN)) };
  });
