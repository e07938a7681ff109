import { intoText } from '../../documents/watch-document.js';
import type { ScheduleStatus, WatchedFolder } from '../../steward/shapes/background-reports.js';
import { counted, localTime } from './print-values.js';

/** A schedule in one line: when it is due next, and what its newest firing came to. */
export const scheduleRow = (schedule: ScheduleStatus): readonly string[] => {
  const { path, words, problem, nextDue, failures, failingSince, firings } = schedule;
  const [last] = firings;
  return [
    path,
    problem ?? (nextDue === null ? 'never due again' : `due ${localTime(nextDue)}`),
    words === null ? '' : `${words.expression} ${words.timezone}`,
    last === undefined
      ? 'has not fired'
      : `last ${localTime(last.dueAt)} ${last.tasks[0]?.state ?? 'pending'}`,
    failingSince === null ? '' : `failing since ${localTime(failingSince)} (${counted(failures, 'firing')})`,
  ];
};

/** A watched folder in one line: from where to where, its newest batch, and what keeps it from being looked at. */
export const watchRow = ({
  path,
  isEnabled,
  host,
  words,
  problem,
  batches,
  refused,
}: WatchedFolder): readonly string[] => {
  const [last] = batches;
  return [
    path,
    words === null ? '' : `${words.folder}/${words.pattern} to ${intoText(words.into)}`,
    isEnabled ? '' : 'disabled',
    host === null ? '' : `on ${host}`,
    problem === null ? '' : problemText(problem),
    last === undefined
      ? 'nothing has arrived'
      : `last ${localTime(last.endedAt)}: ${last.taken} taken, ${last.unchanged} unchanged, ${last.refused} refused`,
    ...refused.slice(0, REFUSALS_SHOWN).map(({ path: file, reason }) => `refused ${file}: ${reason ?? ''}`),
  ];
};

const problemText = ({ message, since }: NonNullable<WatchedFolder['problem']>): string =>
  since === null ? message : `since ${localTime(since)}: ${message}`;

const REFUSALS_SHOWN = 3;
