import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { calmJob } from '../../src/serve/calm-job.js';
import { NOTHING_DONE, type PondJob } from '../../src/serve/pond-job.js';

const watched = () => {
  let now = 0;
  const looks: number[] = [];
  let due: number | null = null;
  const job: PondJob = {
    name: 'asking',
    work: () => {
      looks.push(now);
      return TE.right(NOTHING_DONE);
    },
    nextDue: () => TE.right(due),
  };
  const calm = calmJob(
    job,
    { monotonicMs: () => now, nowMicros: () => now * 1000, sleep: async () => undefined },
    2_000,
  );
  const turn = { signal: new AbortController().signal, changed: async () => undefined };
  return {
    looks,
    dueAt: (at: number | null) => {
      due = at;
    },
    /** One change, as it is told to a job; returns the time in milliseconds at which the job wants to be called by time alone. */
    changeAt: async (at: number) => {
      now = at;
      await calm.work(turn)();
      const next = await calm.nextDue()();
      return next._tag === 'Right' && next.right !== null ? next.right / 1000 : null;
    },
  };
};

test('however often something changes, a calm job looks once in its time, and is called when that is over', async () => {
  const { looks, changeAt } = watched();
  expect(await changeAt(0)).toBeNull();
  expect(await changeAt(500)).toBe(2_000);
  expect(await changeAt(1_900)).toBe(2_000);
  await changeAt(2_000);
  expect(looks).toEqual([0, 2_000]);
});

test('a calm job looks at once when something is due, whenever it looked last', async () => {
  const { looks, changeAt, dueAt } = watched();
  dueAt(700_000);
  await changeAt(0);
  expect(await changeAt(500)).toBe(700);
  await changeAt(700);
  expect(looks).toEqual([0, 700]);
});
