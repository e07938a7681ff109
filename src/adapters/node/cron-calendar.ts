import type { Calendar, CronTimes } from '../../ports/calendar.js';

/** The calendar of the library croner, which is loaded with the first expression. */
export const cronCalendar: Calendar = {
  times: (expression, timezone) => async (): Promise<CronTimes> => {
    const { Cron } = await import('croner');
    const cron = new Cron(expression, {
      timezone,
      paused: true,
      mode: '5-part',
      fixedTimeRule: 'no-wildcard',
    });
    return {
      // It looks for times before an instant, and that one counts, too.
      newest: (count, until) =>
        cron
          .previousRuns(count, new Date(until + SECOND))
          .map((date) => date.getTime())
          .filter((time) => time <= until),
      after: (instant) => cron.nextRun(new Date(instant))?.getTime() ?? null,
    };
  },
};

const SECOND = 1000;
