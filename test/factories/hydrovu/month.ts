// A simulated time of collecting from a server with faults, runs that are ended in the middle, and what must come of it.

import { type SeededRandom, seededRandom } from '../../soak/seeded-random.js';
import {
  BEGIN,
  type CollectingPond,
  collectingPond,
  PIER,
  type Row,
  rowsOfServer,
  WELL,
} from './collecting.js';

const HOUR = 3_600;
const COLUMNS = {
  '1 1': 'Temperature.C',
  '1 2': 'Temperature.F',
  '4 35': 'Level: Depth to Water.m',
  '20 117': 'DO.mg/L',
  '777 888': '777.888',
};

/** Puts readings of so many days on the server: loggers that phone in at times, one that changes its unit, a broken clock. */
const addMonth = ({ fake }: CollectingPond, random: SeededRandom, days: number): void => {
  const half = BEGIN + (days / 2) * 86_400;
  for (const id of [PIER, WELL]) {
    // A logger sends what it has every few hours, or after days under ice.
    let knownFrom = BEGIN;
    for (let time = BEGIN; time < BEGIN + days * 86_400; time += HOUR / 2) {
      if (time >= knownFrom)
        knownFrom = time + random.below(random.below(20) === 0 ? 3 * 86_400 : 6 * HOUR) + 1;
      const options = { knownFrom };
      if (random.below(10) > 0) fake.addReadings(id, '4', '35', [[time, random.below(1_000) / 100]], options);
      if (id === PIER)
        fake.addReadings(id, '1', time < half ? '1' : '2', [[time, random.below(300) / 10]], options);
      if (id === WELL && time >= half) fake.addReadings(id, '777', '888', [[time, 1]], options);
    }
    fake.addReadings(id, '20', '117', [
      [0, 1],
      [960, 2],
    ]);
    // A clock that is ahead for one reading, known at once.
    fake.addReadings(id, '20', '117', [[BEGIN + (days / 3) * 86_400 + 7, 3]], {
      knownFrom: BEGIN + (days / 4) * 86_400,
    });
  }
};

/** What may happen to the next request or two. */
const trouble = ({ fake }: CollectingPond, random: SeededRandom): void => {
  const on = random.below(4) === 0 ? '' : '/data';
  const kinds = [
    { status: 500, times: 1 + random.below(5) },
    { status: 502 },
    { status: 429, retryAfter: String(1 + random.below(90)) },
    { status: 429, retryAfter: 'date' },
    { status: 429 },
    { way: 'cut' as const },
    { way: 'drop' as const, times: 1 + random.below(5) },
    { way: 'hang' as const },
    { way: 'expire' as const },
    { body: '<html>maintenance</html>' },
  ];
  const kind = kinds[random.below(kinds.length)];
  if (kind !== undefined) fake.fail({ on, ...kind });
};

/** Collects every `everyHours` through the month, with trouble and with runs that are ended in the middle; then until all is there. */
const collectMonth = async (
  collecting: CollectingPond,
  random: SeededRandom,
  {
    days,
    everyHours,
    end,
  }: { readonly days: number; readonly everyHours: number; readonly end: (after: number) => void },
): Promise<{ readonly failed: number; readonly undone: number; readonly committed: number }> => {
  const { clock, fake, run } = collecting;
  const counts = { failed: 0, undone: 0, committed: 0 };
  const advanceTo = (seconds: number) => clock.advance(Math.max(0, seconds - clock.nowMicros() / 1e6));
  for (let at = BEGIN + HOUR; at < BEGIN + days * 86_400; at += everyHours * HOUR) {
    advanceTo(at);
    fake.switches.order = random.below(2) === 0 ? 'given' : 'reversed';
    fake.switches.emptyNextPage = random.below(2) === 0;
    fake.switches.pageSeconds = HOUR * (4 + random.below(60));
    if (random.below(3) === 0) trouble(collecting, random);
    if (random.below(6) === 0) end(1 + random.below(5));
    const { error, undone, committed } = await run('collect');
    if (error !== null) counts.failed += 1;
    counts.undone += undone.length;
    counts.committed += committed ? 1 : 0;
  }
  advanceTo(BEGIN + (days + 10) * 86_400);
  for (let left = 20; left > 0; left -= 1) {
    const { error, committed } = await run('collect');
    if (error === null && !committed) break;
  }
  return counts;
};

/** Rows that must be there: what the server has of each location, without what no clock can have said. */
const expectedRows = ({ fake }: CollectingPond, id: string): readonly Row[] =>
  rowsOfServer(fake, id, COLUMNS).filter(({ time }) => time >= 86_400);

/** Simulates so many days, and returns the rows that are there then and those that must be. */
export const monthOf = async (
  seed: number,
  time: { readonly days: number; readonly everyHours: number },
  config: Readonly<Record<string, unknown>> = { max_points_per_run: 150, overlap: '4d' },
) => {
  const random = seededRandom(seed);
  let left = Number.POSITIVE_INFINITY;
  let stop = new AbortController();
  const collecting = await collectingPond(config, {
    begin: BEGIN,
    signal: () => {
      stop = new AbortController();
      return stop.signal;
    },
    onAnswer: () => {
      left -= 1;
      if (left === 0) stop.abort();
    },
  });
  addMonth(collecting, random, time.days);
  const counts = await collectMonth(collecting, random, {
    ...time,
    end: (after) => {
      left = after;
    },
  });
  const of = async (rowsOf: (id: string) => Promise<readonly Row[]> | readonly Row[]) => ({
    pier: await rowsOf(PIER),
    well: await rowsOf(WELL),
  });
  return {
    counts,
    found: await of(collecting.rows),
    expected: await of((id) => expectedRows(collecting, id)),
  };
};
