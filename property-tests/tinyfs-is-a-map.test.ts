import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareUtf8 } from '../src/domain/text/bytes-order.js';
import type { Change } from '../src/domain/tree/change.js';
import { changesOf } from '../src/tinyfs/tree/changes.js';
import { times } from '../test/support/times.js';
import { ok } from '../test/tinyfs/expectations.js';
import { memoryHarness } from '../test/tinyfs/memory-harness.js';
import { tlogfsHarness } from '../test/tinyfs/tlogfs-harness.js';
import { transactions } from './tinyfs/commands.js';
import { play, stateOf, stateOfModel, withPond } from './tinyfs/histories.js';
import { PlainMap } from './tinyfs/plain-map.js';

const persistences = [
  { name: 'memory', makePersistence: memoryHarness, often: times(1000) },
  { name: 'TLogFS', makePersistence: tlogfsHarness, often: times(25) },
];

describe.each(persistences)('TinyFS on $name', ({ makePersistence, often }) => {
  it('behaves as a plain map of paths, now and at every earlier transaction', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, (history) =>
        withPond(makePersistence, async (pond) => {
          const states = await play(pond, history);
          for (const [index, { after }] of states.entries())
            expect(await stateOf(await pond.reader(index + 1))).toEqual(stateOfModel(after));
        }),
      ),
      often,
    );
  });

  it('names as changes exactly the difference of the two states, before the commit and ever after', async () => {
    await fc.assert(
      fc.asyncProperty(transactions, (history) =>
        withPond(makePersistence, async (pond) => {
          const states = await play(pond, history);
          if (states.length === 0) return;
          const newest = await pond.view();
          for (const [index, { before, after, changes }] of states.entries()) {
            expect(sortedForComparison(changes)).toEqual(
              sortedForComparison(PlainMap.difference(before, after)),
            );
            const paths = changes.map(({ path }) => path);
            expect(paths).toEqual(paths.toSorted(compareUtf8));
            expect(await ok(changesOf(newest, index + 1))).toEqual(changes);
            expect(await ok(changesOf(await pond.view(index + 1), index + 1))).toEqual(changes);
          }
        }),
      ),
      often,
    );
  });
});

/** Compares by all that they say: the model knows no order of two changes of one path. */
const sortedForComparison = (changes: readonly Change[]): readonly string[] =>
  changes.map((change) => JSON.stringify(Object.entries(change).sort())).sort();
