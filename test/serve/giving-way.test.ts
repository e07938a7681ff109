import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { givingWay, hurriedJob } from '../../src/serve/giving-way.js';
import { NOTHING_DONE, type PondJob } from '../../src/serve/pond-job.js';

const turn = { signal: new AbortController().signal, changed: async () => undefined };

/** A hurried job whose work ends when it is told to, one that gives way to it, and what of them has begun and ended, in order. */
const both = ({ patience }: { readonly patience: number }) => {
  const seen: string[] = [];
  let now = 0;
  let end: (() => void) | null = null;
  const job = (name: string, work: PondJob['work']): PondJob => ({
    name,
    work,
    nextDue: () => TE.right(null),
  });
  const turnOfAll = () => new Promise<void>((resolve) => setImmediate(resolve));
  const tasks = hurriedJob(
    job('tasks', () => async () => {
      seen.push('tasks begin');
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      seen.push('tasks end');
      return TE.right(NOTHING_DONE)();
    }),
    {
      monotonicMs: () => now,
      giveWay: turnOfAll,
      sleep: async (milliseconds, signal) => {
        if (milliseconds > patience)
          return new Promise((resolve) => signal?.addEventListener('abort', () => resolve()));
        now += milliseconds;
      },
    },
  );
  const looking = givingWay(
    job('looks', () => {
      seen.push('looks');
      return TE.right(NOTHING_DONE);
    }),
    tasks,
  );
  return { seen, tasks, looking, turnOfAll, end: () => end?.() };
};

test('who gives way looks when what the same change has called is over, also where it was called first', async () => {
  const { seen, tasks, looking, turnOfAll, end } = both({ patience: 0 });
  const looked = looking.work(turn)();
  const worked = tasks.work(turn)();
  await turnOfAll();
  await turnOfAll();
  expect(seen).toEqual(['tasks begin']);
  end();
  await Promise.all([worked, looked]);
  expect(seen).toEqual(['tasks begin', 'tasks end', 'looks']);
});

test('who gives way does so for a while only: there may be no end of tasks', async () => {
  const { seen, tasks, looking, end } = both({ patience: 10_000 });
  const worked = tasks.work(turn)();
  await looking.work(turn)();
  expect(seen).toEqual(['tasks begin', 'looks']);
  end();
  await worked;
});

test('who gives way looks at once where nobody is in a hurry, or everything is to stop', async () => {
  const { seen, tasks, looking, end } = both({ patience: 0 });
  await looking.work(turn)();
  expect(seen).toEqual(['looks']);
  const worked = tasks.work(turn)();
  await looking.work({ ...turn, signal: AbortSignal.abort() })();
  expect(seen).toEqual(['looks', 'tasks begin', 'looks']);
  end();
  await worked;
});
