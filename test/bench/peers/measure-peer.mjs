import { performance } from 'node:perf_hooks';

/** Jobs by themselves, of each of which the latency is taken. */
const SINGLES = 30;

/**
 * Measures a queue, and prints what came of it as JSON: `many`, jobs a second of all of them in one piece; `batches`, the
 * same of ten pieces, each queued when the one before is done; `oneMs`, the median time from a job that is queued to its
 * completion. `queue(n)` queues jobs durably and resolves then; `done(n)` resolves when n jobs have been completed since
 * the beginning, which begins with `start()`.
 */
export const measurePeer = async (jobs, { queue, start, done, stop }) => {
  let expected = 0;
  const timed = async (count, before) => {
    await before();
    const begun = performance.now();
    expected += count;
    await done(expected);
    return performance.now() - begun;
  };
  // Whatever is compiled or prepared once is not what is measured.
  await queue(100);
  await start();
  expected = 100;
  await done(expected);

  await stop();
  await queue(jobs);
  const many = await timed(jobs, start);

  let batches = 0;
  for (let batch = 0; batch < 10; batch += 1) {
    const begun = performance.now();
    await queue(jobs / 10);
    expected += jobs / 10;
    await done(expected);
    batches += performance.now() - begun;
  }

  const latencies = [];
  for (let single = 0; single < SINGLES; single += 1) latencies.push(await timed(1, () => queue(1)));
  await stop();
  const oneMs = latencies.toSorted((a, b) => a - b)[SINGLES >> 1];
  console.log(JSON.stringify({ many: jobs / (many / 1000), batches: jobs / (batches / 1000), oneMs }));
};

/** A count that somebody waits for. */
export const counter = () => {
  let count = 0;
  let wanted = Number.POSITIVE_INFINITY;
  let tell = null;
  return {
    add: () => {
      count += 1;
      if (count >= wanted) tell?.();
    },
    reached: (expected) =>
      new Promise((resolve) => {
        wanted = expected;
        tell = resolve;
        if (count >= wanted) resolve();
      }),
  };
};
