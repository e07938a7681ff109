import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { BEGINNING, givingWay, hurry } from '../../src/serve/giving-way.js';
import { NOTHING_DONE, type PondJob } from '../../src/serve/pond-job.js';

const turn = { signal: new AbortController().signal, changed: async () => undefined };

/**
 * Work in a hurry that ends when it is told to, a job that gives way to it, and what of them has begun and ended, in order. A pause of
 * more than `patience` milliseconds never ends.
 */
const both = ({ patience, atMost = 5_000 }: { readonly patience: number; readonly atMost?: number }) => {
  const seen: string[] = [];
  let now = 0;
  let end: (() => void) | null = null;
  const turnOfAll = () => new Promise<void>((resolve) => setImmediate(resolve));
  const inHurry = hurry({
    monotonicMs: () => now,
    giveWay: turnOfAll,
    sleep: async (milliseconds, signal) => {
      if (milliseconds > patience)
        return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
      now += milliseconds;
    },
  });
  const tasks = async () => {
    seen.push('tasks begin');
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    seen.push('tasks end');
  };
  const job: PondJob = {
    name: 'looks',
    work: () => {
      seen.push('looks');
      return TE.right(NOTHING_DONE);
    },
    nextDue: () => TE.right(null),
  };
  return {
    seen,
    work: () => inHurry.begun(tasks(), atMost),
    looking: givingWay(job, inHurry),
    turnOfAll,
    end: () => end?.(),
    now: () => now,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
};

test('who gives way looks when what the same change has called is over, also where it was called first', async () => {
  const { seen, work, looking, turnOfAll, end } = both({ patience: 0 });
  const looked = looking.work(turn)();
  const worked = work();
  await turnOfAll();
  await turnOfAll();
  expect(seen).toEqual(['tasks begin']);
  end();
  await Promise.all([worked, looked]);
  expect(seen).toEqual(['tasks begin', 'tasks end', 'looks']);
});

test('who gives way does so for a while only: there may be no end of tasks', async () => {
  const { seen, work, looking, end, now } = both({ patience: 10_000 });
  const worked = work();
  await looking.work(turn)();
  expect([seen, now()]).toEqual([['tasks begin', 'looks'], 1_000]);
  end();
  await worked;
});

test('who gives way does so for what is beginning, and not for what has run for longer', async () => {
  const { seen, work, looking, end, now, pass } = both({ patience: 10_000, atMost: BEGINNING });
  const worked = work();
  pass(BEGINNING - 1);
  await looking.work(turn)();
  expect([seen, now()]).toEqual([['tasks begin', 'looks'], BEGINNING]);
  await looking.work(turn)();
  expect([seen, now()]).toEqual([['tasks begin', 'looks', 'looks'], BEGINNING]);
  end();
  await worked;
});

test('who gives way looks at once where nobody is in a hurry, or everything is to stop', async () => {
  const { seen, work, looking, end } = both({ patience: 0 });
  await looking.work(turn)();
  expect(seen).toEqual(['looks']);
  const worked = work();
  await looking.work({ ...turn, signal: AbortSignal.abort() })();
  expect(seen).toEqual(['looks', 'tasks begin', 'looks']);
  end();
  await worked;
});
