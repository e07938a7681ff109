import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, test } from 'vitest';
import { changeSignal } from '../../src/serve/change-signal.js';
import { runJobs } from '../../src/serve/run-jobs.js';
import type { ServedPond } from '../../src/serve/served-pond.js';
import { memoryLogger } from '../support/memory-logger.js';

test('of a job that fails is said which pond it is of: in a store by its address, and not by the directory of copies', async () => {
  const ending = new AbortController();
  const { logger, lines } = memoryLogger();
  const clock = { nowMicros: () => 0, monotonicMs: () => 0, sleep: async () => ending.abort() };
  const pond = { ports: { clock, logger }, address: 's3://bucket/pond', directory: '/copies/of/it' };
  const served = { pond, news: changeSignal() } as unknown as ServedPond;
  const failing = {
    name: 'firings',
    work: () => TE.left({ _tag: 'NotAPond', path: pond.address } as const),
    nextDue: () => TE.right(null),
  };
  await runJobs(served, [failing], ending.signal)();
  expect(lines.map(({ event, fields }) => [event, fields.pond])).toEqual([
    ['serve_job_failed', 's3://bucket/pond'],
  ]);
});
