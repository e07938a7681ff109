import { right } from 'fp-ts/lib/Either.js';
import { expect, test } from 'vitest';
import { looks } from '../../src/serve/tasks/looks.js';

/** What a look costs, by the number of commits that are looked at. */
const COST = 0.03;
const WAITING = 10_000;

test('looks at all commits that wait take a twentieth of the time at most, however often something happens', async () => {
  let now = 0;
  let spent = 0;
  const table = {
    findIncompletePostCommitTasks:
      ({ oldest }: { readonly oldest?: number } = {}) =>
      async () => {
        const cost = COST * Math.min(oldest ?? WAITING, WAITING);
        now += cost;
        if (oldest === undefined) spent += cost;
        return right([]);
      },
  };
  const { atOldest, atAll, restMs } = looks(table, { monotonicMs: () => now });
  let atAllOften = 0;
  while (now < 60_000) {
    if (restMs() > 0) await atOldest()();
    else {
      await atAll()();
      atAllOften += 1;
    }
    // A commit that is run, between two looks.
    now += 10;
  }
  expect(spent).toBeLessThan(60_000 / 20 + COST * WAITING);
  expect(atAllOften).toBeGreaterThan(5);
});
